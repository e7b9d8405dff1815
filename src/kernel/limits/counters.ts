import { Injectable } from '@nestjs/common';
import { Clock } from '../../platform/clock.js';
import { Redis } from '../../platform/redis/redis.js';

/** How often something happened in the current window, this time included. */
export interface Count {
  readonly hits: number;
  /** Milliseconds until the window ends and the count starts again. */
  readonly resetMs: number;
}

/** Keys kept at most per window length; beyond it the oldest goes, so that a flood of addresses cannot fill the memory. */
const MAX_KEYS = 100_000;

interface Window {
  hits: number;
  readonly endsAt: number;
}

/** One round trip, atomic: a key never exists without its expiry. */
const HIT = `
local hits = redis.call('INCR', KEYS[1])
if hits == 1 then redis.call('PEXPIRE', KEYS[1], ARGV[1]) end
return {hits, redis.call('PTTL', KEYS[1])}`;

const REFUND = `if redis.call('EXISTS', KEYS[1]) == 1 then redis.call('DECR', KEYS[1]) end`;

/**
 * Fixed-window counters, each starting at its first hit. With Redis the instances share them; without it, or while it
 * is away, every instance counts for itself: limits get looser by the number of instances, never absent.
 */
@Injectable()
export class Counters {
  /** By window length, so that each map is ordered by the end of its windows: the first key is the next to go. */
  private readonly windows = new Map<number, Map<string, Window>>();

  constructor(
    private readonly redis: Redis,
    private readonly clock: Clock,
  ) {}

  /** Counts one, and says how many there are now: reserving and checking are one step. */
  async hit(key: string, windowMs: number): Promise<Count> {
    const shared = await this.redis.attempt(
      (client) => client.eval(HIT, 1, `hale:limit:${key}`, windowMs) as Promise<[number, number]>,
    );
    const local = this.hitLocally(key, windowMs);
    // Counted here as well, so that an outage does not hand out a fresh allowance.
    return shared ? { hits: shared[0], resetMs: shared[1] } : local;
  }

  /** Takes one back: the attempt turned out not to count. */
  async refund(key: string, windowMs: number): Promise<void> {
    const window = this.windows.get(windowMs)?.get(key);
    if (window) window.hits -= 1;
    await this.redis.attempt((client) => client.eval(REFUND, 1, `hale:limit:${key}`));
  }

  private hitLocally(key: string, windowMs: number): Count {
    const now = this.clock.now();
    const windows = this.windows.get(windowMs) ?? new Map<string, Window>();
    this.windows.set(windowMs, windows);
    const known = windows.get(key);
    if (known && known.endsAt > now) {
      known.hits += 1;
      return { hits: known.hits, resetMs: known.endsAt - now };
    }
    windows.delete(key);
    windows.set(key, { hits: 1, endsAt: now + windowMs });
    forgetOldest(windows, now);
    return { hits: 1, resetMs: windowMs };
  }
}

/** At most two keys leave for each that comes: ended windows go without a pause to sweep them. */
function forgetOldest(windows: Map<string, Window>, now: number): void {
  for (let step = 0; step < 2; step++) {
    const [oldest] = windows;
    if (!oldest || (oldest[1].endsAt > now && windows.size <= MAX_KEYS)) return;
    windows.delete(oldest[0]);
  }
}
