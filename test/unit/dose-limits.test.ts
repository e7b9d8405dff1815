import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  alertsOf,
  MOST_DOSES,
  type DoseLimits,
  nextSafeAt,
  type TakenDose,
} from '../../src/modules/health/medications/dose-limits.js';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const limits = (maxDailyAmount: number | null, minIntervalMin: number | null): DoseLimits => ({
  maxDailyAmount,
  minIntervalMin,
});
const doses = (...hours: number[]): TakenDose[] => hours.map((hour) => ({ at: hour * HOUR, amount: 1 }));
const at = (hour: number, amount = 1): TakenDose => ({ at: hour * HOUR, amount });

describe('the limits of a medication', () => {
  it('count any 24 hours, and not the day of a calendar', () => {
    expect(alertsOf(at(30), doses(7, 10, 20), limits(3, null))).toEqual(['over_daily_limit']);
    expect(alertsOf(at(31), doses(7, 10, 20), limits(3, null))).toEqual([]);
    expect(alertsOf(at(1, 4.5), [], limits(4, null))).toEqual(['over_daily_limit']);
  });

  it('count doses after it as those before it, because they arrive in any order', () => {
    expect(alertsOf(at(0), doses(10, 20, 23), limits(3, null))).toEqual(['over_daily_limit']);
    expect(alertsOf(at(0), doses(10, 20, 24), limits(3, null))).toEqual([]);
    expect(alertsOf(at(0), doses(3), limits(null, 240))).toEqual(['too_soon']);
    expect(alertsOf(at(0), doses(4), limits(null, 240))).toEqual([]);
  });

  it('are exact for decimal amounts', () => {
    const tenths = [0, 5, 10].map((hour) => at(hour, 0.1));
    expect(alertsOf(at(15, 0.1), tenths, limits(0.4, null))).toEqual([]);
    expect(alertsOf(at(15, 0.11), tenths, limits(0.4, null))).toEqual(['over_daily_limit']);
  });

  it('of many doses take few steps, and of too many are broken', () => {
    let reads = 0;
    const counted = Array.from({ length: MOST_DOSES }, (_, index): TakenDose => {
      const when = index * (HOUR / 20);
      return {
        amount: 1,
        get at() {
          reads += 1;
          return when;
        },
      };
    });
    const own = limits(MOST_DOSES / 2, 2);
    expect(alertsOf(at(10), counted, own)).toEqual(['over_daily_limit', 'too_soon']);
    expect(reads).toBeLessThan(50 * MOST_DOSES);
    reads = 0;
    expect(nextSafeAt(at(10), counted, own)).toBeDefined();
    expect(reads).toBeLessThan(20 * MOST_DOSES ** 2);
    const far = [...counted, at(1_000)];
    expect(alertsOf(at(500), far, limits(4, null))).toEqual(['over_daily_limit']);
    expect(alertsOf(at(500), far, limits(4, 1))).toEqual(['over_daily_limit', 'too_soon']);
    expect(nextSafeAt(at(500), far, own)).toBeUndefined();
  });

  it('the next safe instant breaks none, and no earlier one is safe', () => {
    const dose = fc.record({
      at: fc.integer({ min: -48, max: 48 }).map((hour) => hour * HOUR),
      amount: fc.constantFrom(0.5, 1, 2),
    });
    fc.assert(
      fc.property(
        fc.array(dose, { maxLength: 12 }),
        fc.constantFrom(null, 2, 3, 6),
        fc.constantFrom(null, 60, 360, 2_880),
        (others, most, interval) => {
          const own = limits(most, interval);
          const next = nextSafeAt(at(0), others, own);
          expect(next).toBeDefined();
          expect(alertsOf({ at: next!, amount: 1 }, others, own)).toEqual([]);
          for (let time = 0; time < next!; time += HOUR / 2)
            expect(alertsOf({ at: time, amount: 1 }, others, own)).not.toEqual([]);
        },
      ),
      { numRuns: 500 },
    );
    expect(nextSafeAt(at(0, 5), [], limits(4, null))).toBeUndefined();
    expect(nextSafeAt(at(0), doses(-1), limits(4, 2 * 1_440))).toBe(2 * DAY - HOUR);
  });
});
