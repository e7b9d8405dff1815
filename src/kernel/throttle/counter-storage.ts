import { Injectable } from '@nestjs/common';
import type { ThrottlerStorage } from '@nestjs/throttler';
import { Counters, type Step } from './counters.js';

/** The result that the throttler expects from its storage for each request. */
type StorageRecord = Awaited<ReturnType<ThrottlerStorage['increment']>>;

/** What is left of a budget. */
export interface Balance {
  /** Requests until it is used up, not less than zero. */
  readonly left: number;
  /** Whole seconds until it is renewed. */
  readonly renewsIn: number;
  readonly isSpent: boolean;
}

/**
 * The throttler's storage, on the counters that all limits share. A window starts with its first request. A client that is
 * refused stays refused until the window ends; the throttler's `blockDuration` has no effect.
 */
@Injectable()
export class CounterStorage implements ThrottlerStorage {
  constructor(private readonly counters: Counters) {}

  async increment(key: string, ttl: number, limit: number): Promise<StorageRecord> {
    const { left, renewsIn, isSpent } = await this.spend([{ key, most: limit }], ttl);
    return {
      totalHits: isSpent ? limit + 1 : limit - left,
      timeToExpire: renewsIn,
      isBlocked: isSpent,
      timeToBlockExpire: isSpent ? renewsIn : 0,
    };
  }

  /**
   * Counts one request in several budgets, the narrowest first. One that refuses it is the last that counts it.
   * @returns the balance of the budget of which the least is left.
   */
  async spend(budgets: readonly Step[], ttl: number): Promise<Balance> {
    const counted = await this.counters.hitInTurn(budgets, ttl);
    const balances = counted.map(({ most, hits, resetMs }) => ({
      left: Math.max(0, most - hits),
      renewsIn: Math.max(1, Math.ceil(resetMs / 1_000)),
      isSpent: hits > most,
    }));
    return balances.find(({ isSpent }) => isSpent) ?? balances.reduce((a, b) => (b.left < a.left ? b : a));
  }
}
