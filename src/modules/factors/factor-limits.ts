import { Injectable } from '@nestjs/common';
import { AuditLog } from '../../kernel/audit/audit-log.js';
import { type Decision, settled } from '../../kernel/http/decision.js';
import { Counters, type Limit, TooManyAttempts } from '../../kernel/limits/counters.js';
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

/** Every way to try a code goes through here, so no path is without the limit. */
@Injectable()
export class FactorLimits {
  constructor(
    private readonly counters: Counters,
    private readonly sequence: ChangeSequence,
    private readonly policy: FactorPolicy,
    private readonly audit: AuditLog,
  ) {}

  /**
   * Reserves a try, then decides it under the person's lock: of a burst in parallel only as many are evaluated as are
   * allowed. All but a wrong code gives the reservation back, and so does a try that could not be evaluated.
   * @throws Problem `too-many-attempts`, the same for a right code, and what `decide` refuses with
   */
  async attempt<T>(userId: string, decide: () => Promise<Decision<T>>): Promise<T> {
    const key = `factor:failures:${userId}`;
    const { failures } = this.policy;
    await this.reserve(userId, key);
    let isWrong = false;
    try {
      const decision = await this.sequence.change(userId, decide);
      isWrong = 'refused' in decision && decision.refused === 'invalid-code';
      return settled(decision);
    } finally {
      if (!isWrong) await this.counters.refund(key, failures.windowMs);
    }
  }

  private async reserve(userId: string, key: string): Promise<void> {
    try {
      await this.counters.take(key, this.policy.failures);
    } catch (error) {
      if (error instanceof TooManyAttempts && error.isFirst)
        await this.audit.record({ action: 'factor.limited', subject: userId });
      throw error;
    }
  }
}
