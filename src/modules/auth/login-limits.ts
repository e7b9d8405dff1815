import { Injectable } from '@nestjs/common';
import { addressKey, Counters, type Limit } from '../../kernel/limits/counters.js';

const MINUTE = 60_000;

/** How often a password may be tried. A test that signs in more often provides its own. */
@Injectable()
export class LoginPolicy {
  /** Wrong passwords for one account. After the window the owner is let in again: nobody can lock it for good. */
  readonly failures: Limit = { most: 5, windowMs: 15 * MINUTE };
  /** All tries for one account, right ones included. */
  readonly account: Limit = { most: 10, windowMs: 15 * MINUTE };
  /** All tries from one address. */
  readonly address: Limit = { most: 50, windowMs: 60 * MINUTE };
}

/** Every way to try a password goes through here, so no path is without the limit. */
@Injectable()
export class LoginLimits {
  constructor(
    private readonly counters: Counters,
    private readonly policy: LoginPolicy,
  ) {}

  /**
   * Reserves a try, then runs it: of a burst in parallel only as many are evaluated as are allowed. A right password
   * gives the reservation back, and so does a try that could not be evaluated.
   * @param account what the tries are counted by: the normalised address, known or not.
   * @throws Problem `too-many-attempts`
   */
  async attempt(account: string, address: string, check: () => Promise<boolean>): Promise<boolean> {
    const key = addressKey(account);
    const { failures } = this.policy;
    await this.counters.take(`login:address:${address}`, this.policy.address);
    await this.counters.take(`login:account:${key}`, this.policy.account);
    await this.counters.take(`login:failures:${key}`, failures);
    let countsAsFailure = false;
    try {
      const right = await check();
      countsAsFailure = !right;
      return right;
    } finally {
      if (!countsAsFailure) await this.counters.refund(`login:failures:${key}`, failures.windowMs);
    }
  }
}
