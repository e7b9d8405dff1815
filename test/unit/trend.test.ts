import { describe, expect, it } from 'vitest';
import { LEAST_DAYS, trendOf, WARM_UP } from '../../src/modules/health/health-metrics/trend.js';
import { chooseSeed, seededRandom } from '../support/random.js';

const day = (index: number): string =>
  new Date(Date.parse('2026-01-01') + index * 86_400_000).toISOString().slice(0, 10);
const days = (count: number, valueOf: (index: number) => number) =>
  Array.from({ length: count }, (_, index) => ({ localDate: day(index), value: valueOf(index) }));

describe('a trend', () => {
  it('of a constant value is that value, with a band of no width', () => {
    const {
      days: smoothed,
      changePerWeek,
      forecast,
    } = trendOf(
      days(20, () => 75),
      7,
      3,
    );
    expect(smoothed.every(({ trend }) => trend === 75)).toBe(true);
    expect(changePerWeek).toBe(0);
    expect(forecast?.[2]).toEqual({ localDate: day(22), value: 75, low: 75, high: 75 });
  });

  it('lets a value count half after the half-life', () => {
    const { days: smoothed } = trendOf(
      [
        { localDate: day(0), value: 80 },
        { localDate: day(7), value: 70 },
      ],
      7,
      1,
    );
    expect(smoothed.map(({ trend }) => trend)).toEqual([80, 75]);
  });

  it('continues a line, and is unsure of a scattered one', () => {
    const line = trendOf(
      days(60, (index) => 80 - index / 10),
      7,
      7,
    );
    expect(line.changePerWeek).toBeCloseTo(-0.7);
    const scattered = trendOf(
      days(60, (index) => 80 - index / 10 + (index % 2)),
      7,
      7,
    ).forecast;
    for (const { low, value, high } of scattered ?? []) {
      expect(low).toBeLessThan(value - 0.5);
      expect(high).toBeGreaterThan(value + 0.5);
    }
  });

  it('forecasts a line on the line, and does not lag behind it', () => {
    const { forecast } = trendOf(
      days(60, (index) => 80 - index / 10),
      7,
      28,
    );
    for (const [index, { value, low, high }] of (forecast ?? []).entries()) {
      const truth = 80 - (60 + index) / 10;
      expect(value).toBeCloseTo(truth, 5);
      expect([low <= truth + 1e-6, high >= truth - 1e-6]).toEqual([true, true]);
    }
  });

  it('has about nineteen of twenty later values of a scattered line within its band, also far ahead', () => {
    const random = seededRandom(chooseSeed());
    const noise = () => Array.from({ length: 12 }, random).reduce((sum, one) => sum + one, -6);
    let [within, all] = [0, 0];
    for (let run = 0; run < 400; run++) {
      const { forecast } = trendOf(
        days(30, (index) => 80 - index / 10 + noise()),
        2,
        28,
      );
      for (const [index, { low, high }] of (forecast ?? []).entries()) {
        const value = 80 - (30 + index) / 10 + noise();
        all++;
        if (value >= low && value <= high) within++;
      }
    }
    expect(within / all).toBeGreaterThan(0.88);
    expect(within / all).toBeLessThan(0.99);
  });

  it(`has no forecast with fewer than ${LEAST_DAYS} days of data`, () => {
    expect(
      trendOf(
        days(LEAST_DAYS - 1, () => 75),
        7,
        7,
      ).forecast,
    ).toBeNull();
    expect(
      trendOf(
        days(LEAST_DAYS, () => 75),
        7,
        7,
      ).forecast,
    ).toHaveLength(7);
    expect(trendOf([], 7, 7)).toEqual({ days: [], changePerWeek: null, forecast: null });
  });

  it('of a day is the same whatever the first day is', () => {
    const seed = chooseSeed();
    const random = seededRandom(seed);
    const all = days(900, () => 60 + random() * 40).filter(() => random() < 0.7);
    const from = (first: number) => all.filter(({ localDate }) => localDate >= day(first - WARM_UP * 7));
    const whole = trendOf(all, 7, 28, day(0));
    for (const first of [300, 500, 850, 880]) {
      const part = trendOf(from(first), 7, 28, day(first));
      expect(part.days[0]!.localDate >= day(first), `seed ${seed}`).toBe(true);
      expect(part.days, `seed ${seed}`).toEqual(
        whole.days.filter(({ localDate }) => localDate >= day(first)),
      );
      expect([part.forecast, part.changePerWeek], `seed ${seed}`).toEqual([
        whole.forecast,
        whole.changePerWeek,
      ]);
    }
  });
});
