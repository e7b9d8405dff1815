import fc from 'fast-check';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { Hale } from '../src/hale.js';
import { Health, readingId } from '../src/health.js';
import { readingOf, weightOf } from '../src/health/readings.js';
import { rolledUp } from '../src/health/summaries.js';
import { metricKindOf } from '../src/health/metric-kinds.js';
import { wire } from '../src/names.js';
import { readingId as idOfService } from '../../../src/modules/health/health-metrics/reading-id.js';
import { seededRandom, chooseSeed } from '../../../test/support/random.js';

/*
 * What a device answers needs few of its records: the same answers come from the conversion of all of them, and only those are
 * converted that an answer is made of.
 */

vi.mock(import('../src/health/readings.js'), async (original) => {
  const actual = await original();
  return {
    ...actual,
    readingOf: vi.fn<typeof actual.readingOf>(actual.readingOf),
    weightOf: vi.fn<typeof actual.weightOf>(actual.weightOf),
  };
});

type MetricItem = Parameters<typeof readingOf>[0];
type WeightItem = Parameters<typeof weightOf>[0];

const ZONE = 'Europe/Vienna';
const HOUR = 3_600_000;
const START = Date.parse('2026-01-01T00:00:00Z');
const UNITS = { heart_rate: '/min', steps: 'steps', body_height: 'cm' };
const ZONES = ['Europe/Vienna', 'Pacific/Kiritimati', 'Pacific/Niue'];

const conversions = (): number =>
  vi.mocked(readingOf).mock.calls.length + vi.mocked(weightOf).mock.calls.length;

/** The queries over these records, without a store. */
function healthWith(records: Record<string, readonly object[]>): Health {
  const client = {
    user: { time_zone: ZONE },
    records: (kind: string) => ({
      list: () => Promise.resolve(records[kind] ?? []),
      watch: () => () => undefined,
    }),
  };
  return new Health(client as unknown as Hale);
}

describe('health, on a device with many readings', () => {
  beforeEach(() => {
    vi.mocked(readingOf).mockClear();
    vi.mocked(weightOf).mockClear();
  });

  it('answers as if everything were converted, and converts only what it needs', async () => {
    const random = seededRandom(chooseSeed());
    const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)]!;
    const instant = (): string => new Date(START + Math.floor(random() * 60 * 24) * HOUR).toISOString();
    const readings = Array.from({ length: 1_000 }, (_, index): MetricItem => {
      const metric = pick(Object.keys(UNITS) as (keyof typeof UNITS)[]);
      const measured_at = instant();
      const entered = {
        id: `r${String(index).padStart(4, '0')}`,
        kind: 'health_metric',
        pending: true,
        fields: {
          metric,
          unit: UNITS[metric],
          value: 1 + Math.floor(random() * 100),
          measured_at,
          ...(metric === 'steps' && { ended_at: new Date(Date.parse(measured_at) + HOUR).toISOString() }),
          time_zone: pick(ZONES),
          source: pick(['phone', 'watch']),
        },
      };
      if (random() < 0.3) return entered;
      const { local_date, utc_offset_min } = readingOf(entered);
      return {
        ...entered,
        pending: false,
        version: 1,
        fields: { ...entered.fields, local_date, utc_offset_min },
      } as MetricItem;
    });
    const weights = Array.from({ length: 200 }, (_, index): WeightItem => ({
      id: `w${String(index).padStart(4, '0')}`,
      kind: 'weight',
      pending: random() < 0.3,
      fields: { weight_value: 70 + Math.floor(random() * 10), unit: 'kg', timestamp: instant() },
    }));
    const all = { health_metric: readings.map(readingOf), weight: weights.map((one) => weightOf(one, ZONE)) };
    const health = healthWith({ health_metric: readings, weight: weights });
    vi.mocked(readingOf).mockClear();
    vi.mocked(weightOf).mockClear();

    const period = { from: '2026-01-20', to: '2026-01-21' };
    for (const metric of [...Object.keys(UNITS), 'body_weight']) {
      const before = conversions();
      const { data } = await health.summary(metric, period);
      const items = metric === 'body_weight' ? all.weight : all.health_metric;
      expect([metric, data]).toEqual([metric, rolledUp(metricKindOf(metric)!, items, period, []).map(wire)]);
      // Eight days of the sixty, and two where the local day is not known yet.
      const near = items.filter(
        ({ metric: own, measured_at: at }) =>
          own === metric && at >= '2026-01-16T10' && at < '2026-01-25T14:00:00.000Z',
      );
      expect([metric, conversions() - before <= near.length]).toEqual([metric, true]);
    }

    const before = conversions();
    const { data } = await health.latest();
    expect(conversions() - before).toBe(4);
    const rank = (one: { measured_at: string; id: string }): string => `${one.measured_at} ${one.id}`;
    for (const metric of [...Object.keys(UNITS), 'body_weight']) {
      const [newest] = [...all.health_metric, ...all.weight]
        .filter((one) => one.metric === metric)
        .toSorted((a, b) => (rank(a) < rank(b) ? 1 : -1));
      expect(data.find((one) => one.metric === metric)).toEqual(newest);
    }
  });

  it('takes instants that were entered with another offset for what they are', async () => {
    const reading = (id: string, measured_at: string) => ({
      id,
      pending: true,
      fields: {
        metric: 'heart_rate',
        unit: '/min',
        value: 60,
        measured_at,
        time_zone: ZONE,
        source: 'manual',
      },
    });
    const health = healthWith({
      health_metric: [reading('a', '2026-01-06T23:30:00-10:00'), reading('b', '2026-01-07T01:00:00Z')],
    });
    expect((await health.latest()).data).toMatchObject([{ id: 'a', local_date: '2026-01-07' }]);
    const { data } = await health.summary('heart_rate', { from: '2026-01-07', to: '2026-01-07' });
    expect(data).toMatchObject([{ count: 2 }]);
  });

  it('knows the day of a weight in a zone of which the device has not heard', async () => {
    const fields = { weight_value: 80, unit: 'kg', timestamp: '2026-01-06T23:30:00Z' };
    const derived = { time_zone: 'Mars/Olympus', local_date: '2026-01-07' };
    const health = healthWith({
      weight: [{ id: 'a', pending: false, version: 1, fields: { ...fields, ...derived } }],
    });
    const days = { from: '2026-01-01', to: '2026-01-31' };
    expect((await health.summary('body_weight', days)).data).toMatchObject([{ local_date: '2026-01-07' }]);
    expect((await health.latest()).data).toMatchObject([derived]);
  });

  it.each(['2026-02-31', '2026-13-01', '2026-1-6', '2026-01-00'])('refuses the day %s', async (day) => {
    const health = healthWith({});
    await expect(health.summary('steps', { from: day, to: day })).rejects.toMatchObject({ code: 'invalid' });
    await expect(health.summary('steps', { from: '2026-02-01', to: day })).rejects.toMatchObject({
      code: 'invalid',
    });
  });

  it.each([
    [['watch', 'phone'], 3_600],
    [['phone'], 3_000],
    [[], 3_000],
  ])(
    'counts overlapping time by the order %j, the one that waits to be sent before others',
    async (sources, sum) => {
      const steps = (source: string, value: number) => ({
        id: source,
        pending: true,
        fields: {
          metric: 'steps',
          unit: 'steps',
          value,
          measured_at: '2026-01-06T07:00:00Z',
          ended_at: '2026-01-06T08:00:00Z',
          time_zone: ZONE,
          source,
        },
      });
      const stored = {
        id: 'a',
        pending: false,
        updatedAt: '2026-01-05T00:00:00.000Z',
        fields: { sources: ['manual'] },
      };
      const later = { ...stored, id: '0', pending: true, fields: { sources } };
      const health = healthWith({
        health_metric: [steps('phone', 3_000), steps('watch', 3_600)],
        source_order: [stored, later],
      });
      const { data } = await health.summary('steps', { from: '2026-01-06', to: '2026-01-06' });
      expect(data).toMatchObject([{ value: sum, count: 2 }]);
    },
  );
});

it('a reading of a source has the id that the service derives', () => {
  const part = fc.string({ unit: 'binary', maxLength: 200 });
  fc.assert(
    fc.property(part, part, part, (...parts) => {
      expect(readingId(...parts)).toBe(idOfService(...parts));
    }),
  );
});
