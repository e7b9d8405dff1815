import { Injectable } from '@nestjs/common';
import { Clock } from '../../platform/clock.js';
import { Problem } from '../http/problem.js';
import { Redis } from '../../platform/redis/redis.js';
import { digest } from '../../platform/random-token.js';

export interface Limit {
  readonly most: number;
  readonly windowMs: number;
}

/** The limit of a window is reached. */
export class TooManyAttempts extends Problem {
  /** @param isFirst whether nobody was refused in this window before: what is written down about it is written once. */
  constructor(
    readonly isFirst: boolean,
    resetMs: number,
  ) {
    super('too-many-attempts', { retryAfter: Math.max(1, Math.ceil(resetMs / 1_000)) });
  }
}

/** An address of mail as a counter's key: what is limited is not kept. */
export const addressKey = (email: string): string => digest(email);

/** How often something happened in the current window, this time included. */
export interface Count {
  readonly hits: number;
  /** Milliseconds until the window ends and the count starts again. */
  readonly resetMs: number;
}

/**
 * Keys of one window length that are never forgotten; beyond twice as many the oldest are, so that a flood of addresses
 * cannot fill the memory.
 */
const GENERATION = 100_000;

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
  private readonly windows = new Map<number, Windows>();

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

  /** Counts one of what is limited. @throws TooManyAttempts */
  async take(key: string, { most, windowMs }: Limit): Promise<void> {
    const { hits, resetMs } = await this.hit(key, windowMs);
    if (hits > most) throw new TooManyAttempts(hits === most + 1, resetMs);
  }

  /** Takes one back: the attempt turned out not to count. */
  async refund(key: string, windowMs: number): Promise<void> {
    const window = this.windows.get(windowMs)?.find(key);
    if (window) window.hits -= 1;
    await this.redis.attempt((client) => client.eval(REFUND, 1, `hale:limit:${key}`));
  }

  private hitLocally(key: string, windowMs: number): Count {
    const windows = this.windows.get(windowMs) ?? new Windows(windowMs);
    this.windows.set(windowMs, windows);
    return windows.hit(key, this.clock.now());
  }
}

/**
 * The windows of one length, in two generations of which the older goes as a whole: nothing is swept, or sought from
 * the front of a map, where V8 steps over everything that was deleted.
 */
class Windows {
  private young = new Map<string, Window>();
  private old = new Map<string, Window>();
  /** When all windows of the older generation have ended. */
  private turnsAt = -Infinity;

  constructor(private readonly length: number) {}

  find(key: string): Window | undefined {
    return this.young.get(key) ?? this.old.get(key);
  }

  hit(key: string, now: number): Count {
    if (now >= this.turnsAt || this.young.size >= GENERATION) this.turn(now);
    const known = this.find(key);
    if (known && known.endsAt > now) {
      known.hits += 1;
      return { hits: known.hits, resetMs: known.endsAt - now };
    }
    this.young.set(key, { hits: 1, endsAt: now + this.length });
    return { hits: 1, resetMs: this.length };
  }

  private turn(now: number): void {
    this.old = this.young;
    this.young = new Map();
    this.turnsAt = now + this.length;
  }
}
