import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { IsNull, LessThan, Not, Repository } from 'typeorm';
import { Clock } from '../../../platform/clock.js';
import { TotpSecret } from './totp-secret.entity.js';

const DAY_MS = 86_400_000;

/** Wrong codes in a row after which codes of the app are refused. Both counts together allow 100 (NIST SP 800-63B, 5.2.2). */
const MOST = 50;
/** Wrong codes in a row after which the owner is warned. */
const WARNING = 5;
const WARNING_MS = DAY_MS;
/** Codes of the app that a password set by mail allows again. */
const EASED = 10;
const EASED_MS = 7 * DAY_MS;

/**
 * Who gives a code. As with passwords, a person who has more to show than the first proof of a sign-in has counts of their own,
 * so that strangers who know the password hold nobody else back.
 */
export interface CodeGiver {
  readonly userId: string;
  /** `session` for a signed-in person, or the id of a device on which the account was signed in before. */
  readonly knownBy?: string | undefined;
}

/** What a wrong code led to. */
export interface Consequence {
  /** Whether it was the last one: from the next one on, codes of the app are refused. */
  readonly isLast: boolean;
  /** Whether the owner must be warned. */
  readonly warns: boolean;
}

/**
 * Counts the wrong codes of an account that has a second factor, since the last right one. Unlike other counters these have no
 * window. All methods join the caller's unit of work, under the person's lock.
 */
@Injectable()
export class WrongCodes {
  constructor(
    @InjectRepository(TotpSecret) private readonly secrets: Repository<TotpSecret>,
    private readonly clock: Clock,
  ) {}

  /**
   * Counts a code as wrong before it is checked; a rollback takes it back. The statement decides whether a code of the app may
   * still be checked. A recovery code always is, because its 80 bits cannot be guessed: so nobody can lock out a person who
   * has one.
   * @returns false when the code must not be checked.
   */
  async reserve(giver: CodeGiver, isRecoveryCode: boolean): Promise<boolean> {
    const count = countOf(giver);
    const left = isRecoveryCode ? {} : { [count]: LessThan(MOST) };
    const { affected } = await this.secrets.increment(
      { userId: giver.userId, confirmedAt: Not(IsNull()), ...left },
      count,
      1,
    );
    return affected === 1;
  }

  /** Decides what the code that was reserved last leads to, because it was wrong. The owner is warned once a day. */
  async confirm(giver: CodeGiver): Promise<Consequence> {
    const { userId } = giver;
    const secret = await this.secrets.findOneByOrFail({ userId });
    const [count, now] = [secret[countOf(giver)], this.clock.date()];
    const warns = count >= WARNING && isOver(secret.warnedAt, WARNING_MS, now);
    if (warns) await this.secrets.update({ userId }, { warnedAt: now });
    return { isLast: count === MOST, warns };
  }

  /**
   * Forgets wrong codes after a right one. A code of the app at a sign-in ends only its own count: otherwise each sign-in of
   * the owner would give new attempts to a stranger. A recovery code, or any code in a session, ends both.
   */
  async forget(giver: CodeGiver, isRecoveryCode: boolean): Promise<void> {
    const endsBoth = isRecoveryCode || giver.knownBy === IN_SESSION;
    const ended = endsBoth ? { strangeFailures: 0, knownFailures: 0 } : { [countOf(giver)]: 0 };
    await this.secrets.update({ userId: giver.userId }, ended);
  }

  /**
   * Allows ten codes more where they are refused, once a week: for an owner who has nothing but the mailbox and the app. The
   * mailbox alone must not bring more, or whoever reads it could guess for ever.
   */
  async ease(userId: string): Promise<void> {
    const secret = await this.secrets.findOneBy({ userId });
    const [most, now] = [MOST - EASED, this.clock.date()];
    if (!secret || !isOver(secret.easedAt, EASED_MS, now)) return;
    const { strangeFailures, knownFailures } = secret;
    if (Math.max(strangeFailures, knownFailures) <= most) return;
    await this.secrets.update(
      { userId },
      {
        strangeFailures: Math.min(strangeFailures, most),
        knownFailures: Math.min(knownFailures, most),
        easedAt: now,
      },
    );
  }
}

/** {@link CodeGiver.knownBy} of a signed-in person. */
export const IN_SESSION = 'session';

const countOf = ({ knownBy }: CodeGiver) => (knownBy === undefined ? 'strangeFailures' : 'knownFailures');

const isOver = (since: Date | null, length: number, now: Date): boolean =>
  since === null || now.getTime() - since.getTime() >= length;
