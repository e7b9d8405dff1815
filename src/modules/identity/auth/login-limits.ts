import { Injectable } from '@nestjs/common';
import { networkLimits } from '../../../kernel/throttle/client-address.js';
import { addressKey, Counters, type Limit } from '../../../kernel/throttle/counters.js';
import { digest } from '../../../platform/random-token.js';

const MINUTE = 60_000;

/** How often a password may be tried. A test that signs in more often provides its own. */
@Injectable()
export class LoginPolicy {
  /** Wrong passwords for one account. After the window the owner can sign in again, so nobody can lock it for good. */
  readonly failures: Limit = { most: 5, windowMs: 15 * MINUTE };
  /** All attempts for one account, correct ones included. */
  readonly account: Limit = { most: 10, windowMs: 15 * MINUTE };
  /** Wrong passwords from one address, over all accounts. */
  readonly address: Limit = { most: 50, windowMs: 60 * MINUTE };
}

/**
 * Who tries a password. Each has counters of its own, so that strangers, who can only use the first, hold nobody back who
 * has more to show:
 * - `account` and `address`: somebody who knows only the e-mail address; `account` is its normalised form, known or not.
 * - with `device`: a device on which the account was signed in before. Its id is not public, so it also skips the address.
 * - `session`: a signed-in person; the value is the id of the account.
 * - `link`: the reader of a mailed link; the value is the hash of its token.
 */
export type Trier =
  | { readonly account: string; readonly address: string; readonly device?: string | undefined }
  | { readonly session: string }
  | { readonly link: string; readonly address: string };

interface Counter {
  readonly key: string;
  readonly limit: Limit;
  /** Whether a right password gives the attempt back. */
  readonly isReturned: boolean;
}

/** Every password check goes through here, so that the limit always applies. */
@Injectable()
export class LoginLimits {
  constructor(
    private readonly counters: Counters,
    private readonly policy: LoginPolicy,
  ) {}

  /**
   * Reserves an attempt before it runs, so that of a parallel burst no more are evaluated than allowed. A correct password
   * releases the reservation, and so does an attempt that was not evaluated: one who repeats a sign-in to a locked account
   * must not use up what others in the same network have.
   * @throws Problem `too-many-attempts`
   */
  async attempt(trier: Trier, check: () => Promise<boolean>): Promise<boolean> {
    const taken: Counter[] = [];
    let countsAsFailure = false;
    try {
      for (const counter of this.countersOf(trier)) {
        await this.counters.take(counter.key, counter.limit);
        taken.push(counter);
      }
      const right = await check();
      countsAsFailure = !right;
      return right;
    } finally {
      if (!countsAsFailure)
        for (const { key, limit, isReturned } of taken)
          if (isReturned) await this.counters.refund(key, limit.windowMs);
    }
  }

  private countersOf(trier: Trier): Counter[] {
    if ('session' in trier) return this.ofOne(`session:${trier.session}`);
    if ('link' in trier) return [...this.ofAddress(trier.address), ...this.ofOne(`link:${trier.link}`)];
    const account = addressKey(trier.account);
    return trier.device === undefined
      ? [...this.ofAddress(trier.address), ...this.ofOne(account)]
      : this.ofOne(`${account}:${digest(trier.device)}`);
  }

  private ofOne(name: string): Counter[] {
    const { account, failures } = this.policy;
    return [
      { key: `login:account:${name}`, limit: account, isReturned: false },
      { key: `login:failures:${name}`, limit: failures, isReturned: true },
    ];
  }

  private ofAddress(address: string): Counter[] {
    return networkLimits(address, this.policy.address).map(({ name, limit }) => ({
      key: `login:address:${name}`,
      limit,
      isReturned: true,
    }));
  }
}
