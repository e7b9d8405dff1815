import { Injectable } from '@nestjs/common';
import type { ThrottlerStorage } from '@nestjs/throttler';
import { setBounded } from '../../platform/bounded-map.js';
import { Clock } from '../../platform/clock.js';
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

const MAX_REMEMBERED = 20_000;

/**
 * The throttler's storage, on the counters that all limits share. A window starts with its first request. A client that is
 * refused stays refused until the window ends; the throttler's `blockDuration` has no effect.
 */
@Injectable()
export class CounterStorage implements ThrottlerStorage {
  /** The end of each window whose budget is used up, so that a further request can be refused without counting it. */
  private readonly spentUntil = new Map<string, number>();

  constructor(
    private readonly counters: Counters,
    private readonly clock: Clock,
  ) {}

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
    const balances = counted.map(({ key, most, hits, resetMs }) => {
      if (hits >= most) setBounded(this.spentUntil, key, this.clock.now() + resetMs, MAX_REMEMBERED);
      return { left: Math.max(0, most - hits), renewsIn: secondsOf(resetMs), isSpent: hits > most };
    });
    return balances.find(({ isSpent }) => isSpent) ?? balances.reduce((a, b) => (b.left < a.left ? b : a));
  }

  /** Whether this instance remembers any budget that was used up. */
  get hasSpent(): boolean {
    return this.spentUntil.size > 0;
  }

  /** Seconds until a used-up budget is renewed. Undefined when this instance has not seen that it is used up. */
  secondsUntilRenewal(key: string): number | undefined {
    const endsAt = this.spentUntil.get(key);
    if (endsAt === undefined) return undefined;
    const left = endsAt - this.clock.now();
    if (left > 0) return secondsOf(left);
    this.spentUntil.delete(key);
    return undefined;
  }
}

const secondsOf = (ms: number): number => Math.max(1, Math.ceil(ms / 1_000));
