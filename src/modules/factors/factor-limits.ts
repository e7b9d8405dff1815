import { Injectable } from '@nestjs/common';
import type { ErrorCode } from '../../kernel/http/errors.js';
import { Problem } from '../../kernel/http/problem.js';
import { Counters, type Limit } from '../../kernel/limits/counters.js';
import { ChangeSequence } from '../../kernel/records/change-sequence.js';

const MINUTE = 60_000;

/** How often a code may be tried. A test that tries more often provides its own. */
@Injectable()
export class FactorPolicy {
  /**
   * Wrong codes for one account, over all challenges, recovery codes included. Not the count of wrong passwords: right
   * ones there must not buy more tries here. After the window the owner is let in again.
   */
  readonly failures: Limit = { most: 5, windowMs: 15 * MINUTE };
}

/** What became of a try: returned, not thrown, so that what a refusal writes down is committed. */
export type Decision<T> = { readonly result: T } | { readonly refused: ErrorCode };

/** Every way to try a code goes through here, so no path is without the limit. */
@Injectable()
export class FactorLimits {
  constructor(
    private readonly counters: Counters,
    private readonly sequence: ChangeSequence,
    private readonly policy: FactorPolicy,
  ) {}

  /**
   * Reserves a try, then decides it under the person's lock: of a burst in parallel only as many are evaluated as are
   * allowed. All but a wrong code gives the reservation back, and so does a try that could not be evaluated.
   * @throws Problem `too-many-attempts`, the same for a right code, and what `decide` refuses with
   */
  async attempt<T>(userId: string, decide: () => Promise<Decision<T>>): Promise<T> {
    const key = `factor:failures:${userId}`;
    const { failures } = this.policy;
    await this.counters.take(key, failures);
    let isWrong = false;
    try {
      const decision = await this.sequence.change(userId, decide);
      if ('result' in decision) return decision.result;
      isWrong = decision.refused === 'invalid-code';
      throw new Problem(decision.refused);
    } finally {
      if (!isWrong) await this.counters.refund(key, failures.windowMs);
    }
  }
}
