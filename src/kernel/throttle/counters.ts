import { Injectable } from '@nestjs/common';
import { Clock } from '../../platform/clock.js';
import { Problem } from '../http/problem.js';
import { Redis } from '../../platform/redis/redis.js';
import { digest } from '../../platform/random-token.js';

export interface Limit {
  /** The highest count that is allowed in one window. */
  readonly most: number;
  readonly windowMs: number;
}

/** The limit of a window is exceeded. */
export class TooManyAttempts extends Problem {
  /**
   * @param isFirst whether this is the first refusal in this window, so that it is logged only once.
   * @param resetMs milliseconds until the window ends.
   */
  constructor(
    readonly isFirst: boolean,
    resetMs: number,
  ) {
    super('too-many-attempts', { retryAfter: Math.max(1, Math.ceil(resetMs / 1_000)) });
  }
}

/** The counter key of an e-mail address: a hash, so that the address itself is not stored. */
export const addressKey = (email: string): string => digest(email);

/** The state of a counter. */
export interface Count {
  /** The hits in the current window, including this one. */
  readonly hits: number;
  /** Milliseconds until the window ends and the count starts again. */
  readonly resetMs: number;
}

/**
 * The number of keys in one generation. Up to this number, no counter of one window length is dropped early. The memory holds
 * at most two generations, so that a flood of addresses cannot fill it.
 */
const GENERATION = 100_000;

interface Window {
  hits: number;
  readonly endsAt: number;
}

/** A counter and the highest count at which the next counter is counted, too. */
export interface Step {
  readonly key: string;
  readonly most: number;
}

/** A counter after a hit. */
type Hit = Step & Count;

/** An atomic script in one round trip, so that a key never exists without an expiry. */
const HIT = `
local counts = {}
for i, key in ipairs(KEYS) do
  local hits = redis.call('INCR', key)
  if hits == 1 then redis.call('PEXPIRE', key, ARGV[1]) end
  counts[i] = {hits, redis.call('PTTL', key)}
  if hits > tonumber(ARGV[i + 1]) then break end
end
return counts`;

const REFUND = `if redis.call('EXISTS', KEYS[1]) == 1 then redis.call('DECR', KEYS[1]) end`;

/**
 * Fixed-window counters. A window starts with its first hit. With Redis, all instances share the counters. Without Redis, or
 * while it is not reachable, every instance counts alone: the limits are then higher by the number of instances, but there
 * is always a limit.
 */
@Injectable()
export class Counters {
  private readonly windows = new Map<number, Windows>();

  constructor(
    private readonly redis: Redis,
    private readonly clock: Clock,
  ) {}

  /** Counts one hit and returns the new count, in one atomic step. */
  async hit(key: string, windowMs: number): Promise<Count> {
    const [hit] = await this.hitInTurn([{ key, most: Infinity }], windowMs);
    const { hits, resetMs } = hit as Hit;
    return { hits, resetMs };
  }

  /**
   * Counts one hit in each counter, up to the first whose limit is exceeded, in one atomic step: a hit that is refused there
   * does not count further on. With Redis this is one round trip.
   * @returns the counters that were hit: at least the first.
   */
  async hitInTurn(steps: readonly Step[], windowMs: number): Promise<readonly Hit[]> {
    if (this.redis.state === 'off') return this.hitLocally(steps, windowMs);
    const keys = steps.map(({ key }) => `hale:limit:${key}`);
    const most = steps.map((step) => Math.min(step.most, Number.MAX_SAFE_INTEGER));
    const shared = await this.redis.attempt(
      (client) => client.eval(HIT, keys.length, ...keys, windowMs, ...most) as Promise<[number, number][]>,
    );
    // Also counted locally, so that an outage of Redis does not start all counters at zero.
    const local = this.hitLocally(steps, windowMs);
    if (!shared) return local;
    return steps.flatMap((step, index) => {
      const [hits, resetMs] = shared[index] ?? [];
      return hits === undefined || resetMs === undefined ? [] : [{ ...step, hits, resetMs }];
    });
  }

  /** Counts one attempt. @throws TooManyAttempts when the limit is exceeded */
  async take(key: string, { most, windowMs }: Limit): Promise<void> {
    const { hits, resetMs } = await this.hit(key, windowMs);
    if (hits > most) throw new TooManyAttempts(hits === most + 1, resetMs);
  }

  /** Takes one hit back, for an attempt that should not count. */
  async refund(key: string, windowMs: number): Promise<void> {
    const window = this.windows.get(windowMs)?.find(key);
    if (window) window.hits -= 1;
    await this.redis.attempt((client) => client.eval(REFUND, 1, `hale:limit:${key}`));
  }

  private hitLocally(steps: readonly Step[], windowMs: number): Hit[] {
    const windows = this.windows.get(windowMs) ?? new Windows(windowMs);
    this.windows.set(windowMs, windows);
    const hit: Hit[] = [];
    for (const { key, most } of steps) {
      const { hits, resetMs } = windows.hit(key, this.clock.now());
      hit.push({ key, most, hits, resetMs });
      if (hits > most) break;
    }
    return hit;
  }
}

/**
 * The windows of one length, in two generations. The older generation is dropped as a whole. Deleting single entries from
 * the front of a map would be slow, because V8 steps over the entries that were deleted before.
 */
class Windows {
  private young = new Map<string, Window>();
  private old = new Map<string, Window>();
  /** The time when all windows of the older generation have ended. */
  private rotatesAt = -Infinity;

  constructor(private readonly length: number) {}

  find(key: string): Window | undefined {
    return this.young.get(key) ?? this.old.get(key);
  }

  hit(key: string, now: number): Count {
    if (now >= this.rotatesAt || this.young.size >= GENERATION) this.rotate(now);
    const known = this.find(key);
    if (known && known.endsAt > now) {
      known.hits += 1;
      return { hits: known.hits, resetMs: known.endsAt - now };
    }
    this.young.set(key, { hits: 1, endsAt: now + this.length });
    return { hits: 1, resetMs: this.length };
  }

  private rotate(now: number): void {
    this.old = this.young;
    this.young = new Map();
    this.rotatesAt = now + this.length;
  }
}
