import { Injectable } from '@nestjs/common';
import { atEvenPace } from '../../../kernel/http/even-pace.js';
import { networkLimits } from '../../../kernel/throttle/client-address.js';
import { addressKey, Counters, type Limit, TooManyAttempts } from '../../../kernel/throttle/counters.js';
import { digest } from '../../../platform/random-token.js';

const HOUR = 3_600_000;

/** Longer than the slowest case, also on a busy machine, so that the time does not reveal whether the address has an account. */
const PACE_MS = 500;

/** Purpose of a mail. Each has its own budget, so that one kind cannot block another, such as a password reset. */
export type MailKind = 'reset' | 'reset-by-admin' | 'verify' | 'sign-up' | 'change' | 'grant';

/** How many mails may be requested. A test that requests more provides its own limits. */
@Injectable()
export class MailPolicy {
  /** Mails of one kind to one mailbox, whether it has an account or not. */
  readonly mailbox: Limit = { most: 3, windowMs: HOUR };
  /** Mails of all kinds requested from one network address. */
  readonly address: Limit = { most: 20, windowMs: HOUR };
  /** Mails that one person requests to addresses other than their own. */
  readonly person: Limit = { most: 10, windowMs: HOUR };
  /** Mails of one kind that a device of the owner may request when others have used up the budget of the mailbox. */
  readonly device: Limit = { most: 1, windowMs: HOUR };
}

/** Limits mails, so that repeated requests cannot flood a mailbox. */
@Injectable()
export class MailLimits {
  constructor(
    private readonly counters: Counters,
    private readonly policy: MailPolicy,
  ) {}

  /**
   * Runs a request whose only purpose is the mail. It takes as long for an unknown address as for a known one.
   * @throws Problem `too-many-attempts`, also for an unknown address.
   */
  async request(kind: MailKind, email: string, address: string, work: () => Promise<void>): Promise<void> {
    await this.reserve(kind, email, address);
    await atEvenPace(PACE_MS, work);
  }

  /**
   * As {@link request}, but the answer does not change when the budget of the mailbox is used up, which strangers can do:
   * then there is no mail, except for a device of the owner, which has a budget of its own.
   * @param knownDevice the id of the device if the owner was signed in on it before; asked only when it matters.
   * @throws Problem `too-many-attempts` for a network address that requested too many mails
   */
  async offer(
    kind: MailKind,
    email: string,
    address: string,
    knownDevice: () => Promise<string | undefined>,
    work: () => Promise<void>,
  ): Promise<void> {
    await this.reserveAddress(address);
    const mailbox = `mail:${kind}:${addressKey(email)}`;
    await atEvenPace(PACE_MS, async () => {
      const device = await knownDevice();
      const isAllowed =
        (await this.isLeft(mailbox, this.policy.mailbox)) ||
        (device !== undefined && (await this.isLeft(`${mailbox}:${digest(device)}`, this.policy.device)));
      if (isAllowed) await work();
    });
  }

  /** Limits the mails that one person requests to other addresses. @throws Problem `too-many-attempts` */
  async ofPerson(kind: MailKind, userId: string, work: () => Promise<void>): Promise<void> {
    await this.counters.take(`mail:${kind}:by:${userId}`, this.policy.person);
    await work();
  }

  /** Whether another mail may be sent, for requests that go on without it: a mail limit must not prevent a sign-up. */
  async allows(kind: MailKind, email: string, address: string): Promise<boolean> {
    return this.isDone(this.reserve(kind, email, address));
  }

  private async reserve(kind: MailKind, email: string, address: string): Promise<void> {
    await this.reserveAddress(address);
    await this.counters.take(`mail:${kind}:${addressKey(email)}`, this.policy.mailbox);
  }

  private async reserveAddress(address: string): Promise<void> {
    for (const { name, limit } of networkLimits(address, this.policy.address))
      await this.counters.take(`mail:address:${name}`, limit);
  }

  private isLeft(key: string, limit: Limit): Promise<boolean> {
    return this.isDone(this.counters.take(key, limit));
  }

  private async isDone(reservation: Promise<void>): Promise<boolean> {
    try {
      await reservation;
      return true;
    } catch (error) {
      if (error instanceof TooManyAttempts) return false;
      throw error;
    }
  }
}
