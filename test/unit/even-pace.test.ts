import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { atEvenPace } from '../../src/kernel/http/even-pace.js';

const STEP = 40;

describe('answers at an even pace', () => {
  async function timeOf(work: () => Promise<unknown>): Promise<number> {
    const begun = performance.now();
    await atEvenPace(STEP, work).catch(() => undefined);
    return performance.now() - begun;
  }

  it.each([
    ['nothing to do', async () => undefined, 1],
    ['something to do', () => pause(5), 1],
    ['an error', () => Promise.reject(new Error('no')), 1],
    ['more than a step', () => pause(STEP + 5), 2],
  ])('4: take a whole number of steps: %s', async (_, work, steps) => {
    // By the other clock a timer may be a millisecond early, and it may be late by any time.
    expect(await timeOf(work)).toBeGreaterThanOrEqual(steps * STEP - 2);
  });

  it('4: return the result of the work, or throw its error', async () => {
    expect(await atEvenPace(STEP, async () => 'done')).toBe('done');
    await expect(atEvenPace(STEP, () => Promise.reject(new Error('no')))).rejects.toThrow('no');
  });
});
