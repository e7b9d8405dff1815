import { beforeEach, describe, expect, it } from 'vitest';
import { loadConfig } from '../../src/config/config.js';
import { Counters } from '../../src/kernel/throttle/counters.js';
import { Clock } from '../../src/platform/clock.js';
import { Logger } from '../../src/platform/logger.js';
import { Redis } from '../../src/platform/redis/redis.js';
import { heldBytes, MIB } from '../support/heap.js';
import { processorTime } from '../support/processor-time.js';

const MINUTE = 60_000;

class StoppedClock extends Clock {
  time = 1_000_000;

  override now(): number {
    return this.time;
  }
}

/** Without Redis, every process counts alone. */
const config = loadConfig({
  NODE_ENV: 'test',
  LOG_LEVEL: 'silent',
  JWT_SECRET: 'only-for-tests-Zk3vQ9xW2mB7rT4yU8iP1sL6',
});
const none = new Redis(config, new Logger(config));

describe('Counters of one process', () => {
  let clock: StoppedClock;
  let counters: Counters;
  beforeEach(() => {
    clock = new StoppedClock();
    counters = new Counters(none, clock);
  });

  const flood = async (prefix: string, keys: number): Promise<void> => {
    for (let key = 0; key < keys; key++) await counters.hit(`${prefix}:${key}`, MINUTE);
  };

  it('77: count each hit once, also for simultaneous hits', async () => {
    const counts = await Promise.all(Array.from({ length: 300 }, () => counters.hit('key', MINUTE)));
    expect(counts.map(({ hits }) => hits).toSorted((a, b) => a - b)).toEqual(
      Array.from({ length: 300 }, (_, index) => index + 1),
    );
  });

  it('73: start again when the window of the first hit ends, not before', async () => {
    expect(await counters.hit('key', MINUTE)).toEqual({ hits: 1, resetMs: MINUTE });
    clock.time += MINUTE - 1;
    expect(await counters.hit('key', MINUTE)).toEqual({ hits: 2, resetMs: 1 });
    clock.time += 1;
    expect(await counters.hit('key', MINUTE)).toEqual({ hits: 1, resetMs: MINUTE });
  });

  it('73: count different keys and windows separately', async () => {
    await counters.hit('key', MINUTE);
    expect((await counters.hit('other', MINUTE)).hits).toBe(1);
    expect((await counters.hit('key', 15 * MINUTE)).hits).toBe(1);
    expect((await counters.hit('key', MINUTE)).hits).toBe(2);
    for (const key of ['__proto__', 'constructor', 'toString', '']) {
      expect((await counters.hit(key, MINUTE)).hits).toBe(1);
      expect((await counters.hit(key, MINUTE)).hits).toBe(2);
    }
  });

  it('78: take a hit back, but never below zero', async () => {
    await counters.refund('key', MINUTE);
    await counters.hit('key', MINUTE);
    await counters.hit('key', MINUTE);
    await counters.refund('key', MINUTE);
    expect((await counters.hit('key', MINUTE)).hits).toBe(2);
  });

  it('80: drop the oldest of 500 000 keys, but never the newest 100 000', async () => {
    await counters.hit('first', MINUTE);
    await flood('flood', 500_000);
    expect((await counters.hit('first', MINUTE)).hits).toBe(1);
    expect((await counters.hit('flood:299999', MINUTE)).hits).toBe(1);
    for (const key of [499_999, 450_000, 400_001])
      expect((await counters.hit(`flood:${key}`, MINUTE)).hits).toBe(2);
  });

  it('80: count a new key as fast among 100 000 others', async () => {
    await flood('flood', 300_000);
    const spent = await processorTime(() => flood('more', 10_000));
    // A search for the oldest key would take 0.15 ms a hit, and a flood of requests would delay all others.
    expect(spent).toBeLessThan(500);
  });

  it('80: keep the count of password attempts during a flood of addresses', async () => {
    for (let guess = 0; guess < 5; guess++) await counters.hit('login', 15 * MINUTE);
    await flood('flood', 200_000);
    expect((await counters.hit('login', 15 * MINUTE)).hits).toBe(6);
  });

  it('80: use less than 64 MiB for 500 000 keys', async () => {
    const before = heldBytes();
    await flood('address:2001:db8:1', 500_000);
    expect(heldBytes() - before).toBeLessThan(64 * MIB);
  });

  it('80: free the memory when the windows have ended', async () => {
    const before = heldBytes();
    await flood('flood', 150_000);
    expect(heldBytes() - before).toBeGreaterThan(4 * MIB);
    // After two windows, the next hit drops the rest.
    for (let turn = 0; turn < 2; turn++) {
      clock.time += MINUTE;
      await counters.hit('somebody', MINUTE);
    }
    expect(heldBytes() - before).toBeLessThan(2 * MIB);
    expect((await counters.hit('flood:1', MINUTE)).hits).toBe(1);
  });

  it('80: drop no window before its end, whenever it began', async () => {
    for (let second = 0; second < 200; second++) {
      const key = `key ${second}`;
      expect((await counters.hit(key, MINUTE)).hits).toBe(1);
      for (let age = 1; age <= Math.min(second, 59); age++) {
        const { hits, resetMs } = await counters.hit(`key ${second - age}`, MINUTE);
        expect([second, age, hits, resetMs]).toEqual([second, age, age + 1, MINUTE - age * 1_000]);
      }
      clock.time += 1_000;
    }
  });
});
