import { Injectable } from '@nestjs/common';
import type { ThrottlerStorage } from '@nestjs/throttler';
import { setBounded } from '../../platform/bounded-map.js';
import { Clock } from '../../platform/clock.js';
import { Counters } from './counters.js';

/** The result that the throttler expects from its storage for each request. */
type StorageRecord = Awaited<ReturnType<ThrottlerStorage['increment']>>;

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
    const { hits, resetMs } = await this.counters.hit(key, ttl);
    const timeToExpire = secondsOf(resetMs);
    const isBlocked = hits > limit;
    if (hits >= limit) setBounded(this.spentUntil, key, this.clock.now() + resetMs, MAX_REMEMBERED);
    return { totalHits: hits, timeToExpire, isBlocked, timeToBlockExpire: isBlocked ? timeToExpire : 0 };
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
