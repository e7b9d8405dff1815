import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type Length,
  lengths,
  percentOf,
  periodsOf,
  type Status,
  statuses,
  statusOf,
  streaksOf,
  valueOf,
} from '../../src/modules/training/goals/goal-periods.js';

const dayAt = (index: number): string =>
  new Date(Date.UTC(2023, 0, 1) + index * 86_400_000).toISOString().slice(0, 10);
const part = (value: number, weight = 1) => ({ value, weight, isPartial: false });

describe('the periods of a goal', () => {
  it('begin on Monday, and end with the goal', () => {
    const goal = { period: 'week', startOn: '2026-01-07', dueOn: '2026-01-20' } as const;
    expect(periodsOf(goal, '2026-01-01', '2026-12-31')).toEqual([
      { start: '2026-01-07', end: '2026-01-11' },
      { start: '2026-01-12', end: '2026-01-18' },
      { start: '2026-01-19', end: '2026-01-20' },
    ]);
  });

  it('are months of the calendar, also in a leap year', () => {
    const goal = { period: 'month', startOn: '2024-01-31' } as const;
    expect(periodsOf(goal, '2024-01-31', '2024-03-01')).toEqual([
      { start: '2024-01-31', end: '2024-01-31' },
      { start: '2024-02-01', end: '2024-02-29' },
      { start: '2024-03-01', end: '2024-03-31' },
    ]);
  });

  it('are only the days of the week that count', () => {
    const goal = { period: 'day', weekdays: ['mon', 'sun'], startOn: '2026-01-01' } as const;
    const starts = periodsOf(goal, '2026-01-05', '2026-01-12').map(({ start }) => start);
    expect(starts).toEqual(['2026-01-05', '2026-01-11', '2026-01-12']);
  });

  it('have one total', () => {
    const goal = { period: 'total', startOn: '2026-01-01', dueOn: '2026-06-30' } as const;
    const whole = [{ start: '2026-01-01', end: '2026-06-30' }];
    expect(periodsOf(goal, '2026-03-01', '2026-03-01')).toEqual(whole);
    expect(periodsOf(goal, '2026-07-01', '2026-07-01')).toEqual([]);
    expect(periodsOf(goal, '2025-12-01', '2025-12-31')).toEqual([]);
  });

  it('do not depend on where a question begins, and cover each day once', () => {
    const day = fc.integer({ min: 0, max: 900 });
    fc.assert(
      fc.property(day, day, day, fc.constantFrom<Length>(...lengths), (a, b, c, period) => {
        const [start = 0, from = 0, to = 0] = [a, b, c].toSorted((x, y) => x - y);
        const goal = { period, startOn: dayAt(start) };
        const all = periodsOf(goal, dayAt(start), dayAt(to));
        const asked = periodsOf(goal, dayAt(from), dayAt(to));
        expect(asked).toEqual(all.filter(({ end }) => end >= dayAt(from)));
        all.forEach((one, index) => {
          const before = all[index - 1];
          if (before) expect(Date.parse(one.start) - Date.parse(before.end)).toBe(86_400_000);
        });
      }),
    );
  });
});

describe('the value and the status of a period', () => {
  it('has no value without a day', () => {
    expect(valueOf([], 'sum')).toEqual({ value: null, isPartial: false, coverage: null, isOpen: false });
    expect(valueOf([part(1), part(3, 3)], 'sum').value).toBe(4);
    expect(valueOf([part(1), part(3, 3)], 'average').value).toBe(2.5);
    expect(valueOf([part(3), part(1)], 'last').value).toBe(1);
    expect(valueOf([part(3), part(1)], 'max').value).toBe(3);
  });

  it.each([
    ['at_least', 10, undefined, 10, 'met', 'met'],
    ['at_least', 10, undefined, 9, 'open', 'missed'],
    ['at_most', undefined, 10, 10, 'open', 'met'],
    ['at_most', undefined, 10, 11, 'missed', 'missed'],
    ['between', 5, 10, 4, 'open', 'missed'],
    ['between', 5, 10, 7, 'open', 'met'],
    ['between', 5, 10, 11, 'missed', 'missed'],
    ['reach', 10, undefined, 10, 'met', 'met'],
    ['reduce_to', undefined, 10, 11, 'open', 'missed'],
  ] as const)(
    '%s from %s to %s with %s is %s, and then %s',
    (direction, targetMin, targetMax, value, now, then) => {
      const target = { direction, targetMin: targetMin ?? null, targetMax: targetMax ?? null };
      expect(statusOf(target, value, 'sum', false)).toBe(now);
      expect(statusOf(target, value, 'sum', true)).toBe(then);
      expect(statusOf(target, null, 'sum', true)).toBe('no_data');
      expect(statusOf(target, null, 'sum', false)).toBe('open');
    },
  );

  it('lets a mean that is too high come down again', () => {
    expect(statusOf({ direction: 'at_most', targetMax: 10 }, 11, 'average', false)).toBe('open');
  });

  it('says how far the way is', () => {
    const target = { direction: 'reduce_to', targetMax: 70, startValue: 76 } as const;
    expect([77, 76, 73, 70, 69].map((value) => percentOf(target, value))).toEqual([0, 0, 50, 100, 116.7]);
    expect(percentOf({ direction: 'at_least', targetMin: 0 }, 1)).toBeNull();
    expect(percentOf({ direction: 'reach', targetMin: 5 }, 1)).toBeNull();
  });
});

describe('streaks', () => {
  it('bear the allowed misses in a row', () => {
    const all: Status[] = ['met', 'met', 'missed', 'met', 'no_data', 'missed', 'met', 'open'];
    expect(streaksOf(all, 0)).toEqual({ current: 1, longest: 2 });
    expect(streaksOf(all, 1)).toEqual({ current: 1, longest: 3 });
    expect(streaksOf(all, 2)).toEqual({ current: 4, longest: 4 });
  });

  it('do not get shorter when more misses are allowed', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom<Status>(...statuses)), fc.nat(5), (all, allowed) => {
        const [few, more] = [streaksOf(all, allowed), streaksOf(all, allowed + 1)];
        expect(more.longest).toBeGreaterThanOrEqual(few.longest);
        expect(more.current).toBeGreaterThanOrEqual(few.current);
        expect(few.longest).toBeGreaterThanOrEqual(few.current);
        expect(more.longest).toBeLessThanOrEqual(all.filter((status) => status === 'met').length);
      }),
    );
  });
});
