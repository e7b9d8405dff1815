import { Injectable } from '@nestjs/common';
import { AuditLog } from '../../../kernel/audit/audit-log.js';
import { type Decision, settled } from '../../../kernel/http/decision.js';
import { Counters, type Limit, TooManyAttempts } from '../../../kernel/throttle/counters.js';
import { PersonLock } from '../../../kernel/person-lock.js';
import { digest } from '../../../platform/random-token.js';
import { factorAudit } from './factors.audit.js';
import type { CodeGiver } from './wrong-codes.js';

const MINUTE = 60_000;

/** How often a code may be tried. A test that tries more often provides its own limits. */
@Injectable()
export class FactorPolicy {
  /**
   * Wrong codes for one account over all challenges, recovery codes included. Counted apart from wrong passwords, because a
   * correct password must not allow more attempts here. After the window the owner can sign in again. How many may be wrong
   * in a row, over all windows, `WrongCodes` counts.
   */
  readonly failures: Limit = { most: 5, windowMs: 15 * MINUTE };
}

/** Every code check goes through here, so that the limit always applies. */
@Injectable()
export class FactorLimits {
  constructor(
    private readonly counters: Counters,
    private readonly lock: PersonLock,
    private readonly policy: FactorPolicy,
    private readonly audit: AuditLog,
  ) {}

  /**
   * Reserves an attempt, then decides it under the person's lock, so that of a parallel burst no more are evaluated than
   * allowed. Everything but a wrong code releases the reservation, also an attempt that could not be evaluated.
   * @throws Problem `too-many-attempts`, also for a correct code, and the refusals of `decide`
   */
  async attempt<T>({ userId, knownBy }: CodeGiver, decide: () => Promise<Decision<T>>): Promise<T> {
    const key = `factor:failures:${userId}${knownBy === undefined ? '' : `:${digest(knownBy)}`}`;
    const { failures } = this.policy;
    await this.reserve(userId, key);
    let isWrong = false;
    try {
      const decision = await this.lock.hold(userId, decide);
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
        await this.audit.record({ action: factorAudit.limited, subject: userId });
      throw error;
    }
  }
}
