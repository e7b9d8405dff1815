import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type Bucket,
  partsOf,
  rollUp,
  type RollUpRules,
} from '../../src/modules/health/health-metrics/roll-up.js';
import {
  Merge,
  type RolledReading,
  type Segment,
  toMillionths,
} from '../../src/modules/health/health-metrics/reading-merge.js';

const MINUTE = 60_000;
const DAY = 1_440 * MINUTE;
const START = Date.parse('2026-01-05T00:00:00Z');
const SOURCES = ['watch', 'phone', 'manual'];

const readingOf = (values: Partial<RolledReading>): RolledReading => {
  const measuredAt = values.measuredAt ?? START;
  const text = new Date(measuredAt).toISOString();
  return {
    id: 'a',
    localDate: text.slice(0, 10),
    localHour: Number(text.slice(11, 13)),
    endedAt: null,
    source: 'watch',
    value: 1,
    ...values,
    measuredAt,
  };
};

/** Intervals of whole minutes within five days; many of them overlap. */
const intervals = fc
  .array(
    fc.record({
      from: fc.integer({ min: 0, max: 5 * 1_440 }),
      minutes: fc.integer({ min: 0, max: 600 }),
      source: fc.constantFrom(...SOURCES),
      value: fc.integer({ min: 0, max: 100_000_000 }).map((millionths) => millionths / 1e4),
    }),
    { maxLength: 40 },
  )
  .map((all) =>
    all.map(({ from, minutes, source, value }, index) =>
      readingOf({
        id: `id-${index}`,
        measuredAt: START + from * MINUTE,
        endedAt: START + (from + minutes) * MINUTE,
        source,
        value,
      }),
    ),
  );

const buckets: Bucket[] = ['hour', 'day', 'week', 'month'];
const rules = (way: RollUpRules['rollUp'], bucket: Bucket, order = SOURCES): RollUpRules => ({
  rollUp: way,
  bucket,
  order,
});

const trusts =
  (sources: readonly string[]) =>
  (a: RolledReading, b: RolledReading): number =>
    sources.indexOf(a.source) - sources.indexOf(b.source) ||
    a.endedAt! - a.measuredAt - (b.endedAt! - b.measuredAt) ||
    b.measuredAt - a.measuredAt ||
    (a.id < b.id ? -1 : 1);

/** The pieces of time that count, and the most readings that were kept at one time. */
function merged(readings: readonly RolledReading[], order?: readonly string[]) {
  const pieces: Segment[] = [];
  const merge = new Merge(order, { counts: (piece) => pieces.push(piece) });
  let most = 0;
  for (const reading of readings.toSorted((a, b) => a.measuredAt - b.measuredAt)) {
    merge.add(reading);
    most = Math.max(most, merge.size);
  }
  merge.reach(Infinity);
  return { pieces, most };
}
const segmentsOf = (readings: readonly RolledReading[], order?: readonly string[]): Segment[] =>
  merged(readings, order).pieces;

/** The pieces of intervals, by asking for each piece all readings. */
function simplePieces(readings: readonly RolledReading[], sources: readonly string[]) {
  const intervals = readings.filter(({ measuredAt, endedAt }) => endedAt! > measuredAt);
  const byTrust = intervals.toSorted(trusts(sources));
  const edges = [...new Set(intervals.flatMap(({ measuredAt, endedAt }) => [measuredAt, endedAt!]))];
  edges.sort((a, b) => a - b);
  return edges.flatMap((from, index) => {
    const to = edges[index + 1] ?? from;
    const winner = byTrust.find((one) => one.measuredAt <= from && one.endedAt! >= to);
    return winner && to > from ? [{ from, to, id: winner.id }] : [];
  });
}

/** Joins pieces of one reading that follow each other. */
function joined(pieces: ReturnType<typeof simplePieces>): ReturnType<typeof simplePieces> {
  const whole: ReturnType<typeof simplePieces> = [];
  for (const piece of pieces) {
    const last = whole.at(-1);
    if (last?.id === piece.id && last.to === piece.from) last.to = piece.to;
    else whole.push(piece);
  }
  return whole;
}

describe('the roll-up', () => {
  it('cuts time as asking every reading for every piece does', () => {
    fc.assert(
      fc.property(
        intervals,
        fc.constantFrom(SOURCES, SOURCES.toReversed()),
        fc.constantFrom(1, 10, 100),
        (given, sources, dense) => {
          // Dense readings: most pieces have many, and many begin or end together.
          const readings = given.map((one) => {
            const measuredAt = START + Math.floor((one.measuredAt - START) / dense / MINUTE) * MINUTE;
            return { ...one, measuredAt, endedAt: measuredAt + one.endedAt! - one.measuredAt };
          });
          const found = segmentsOf(readings, sources)
            // Readings of one instant take nothing from time; what an interval counts less because of them is negative.
            .filter(({ from, to, millionths }) => to > from && millionths >= 0n)
            .map(({ from, to, reading }) => ({ from, to, id: reading.id }));
          expect(found).toEqual(joined(simplePieces(readings, sources)));
        },
      ),
      { numRuns: 500 },
    );
  });

  it('counts readings of one instant once, and as a part of the interval that counts then', () => {
    fc.assert(
      fc.property(intervals, fc.constantFrom(SOURCES, SOURCES.toReversed()), (readings, sources) => {
        const counted = new Map<string, bigint>(readings.map(({ id }) => [id, 0n]));
        const rankOf = ({ source }: RolledReading): number => sources.indexOf(source);
        const add = (id: string, part: bigint): void => void counted.set(id, counted.get(id)! + part);
        const byTrust = readings.filter((one) => one.endedAt! > one.measuredAt).toSorted(trusts(sources));
        for (const { from, to, id } of joined(simplePieces(readings, sources))) {
          const { value, measuredAt, endedAt } = readings.find((one) => one.id === id)!;
          const upTo = (time: number): bigint =>
            (toMillionths(value) * BigInt(time - measuredAt)) / BigInt(endedAt! - measuredAt);
          add(id, upTo(to) - upTo(from));
        }
        const debts = new Map<string, bigint>();
        const points = readings.filter((one) => one.endedAt === one.measuredAt);
        for (const point of points) {
          const at = point.measuredAt;
          const over = byTrust.find((one) => one.measuredAt <= at && one.endedAt! > at);
          const isFirst = points.every((one) => one.measuredAt !== at || rankOf(one) >= rankOf(point));
          if (!isFirst || (over && rankOf(over) < rankOf(point))) continue;
          add(point.id, toMillionths(point.value));
          if (over) debts.set(over.id, (debts.get(over.id) ?? 0n) + toMillionths(point.value));
        }
        for (const [id, debt] of debts) add(id, -(debt < counted.get(id)! ? debt : counted.get(id)!));
        const found = new Map<string, bigint>();
        const merge = new Merge(sources, {
          ended: (reading, millionths) => found.set(reading.id, millionths),
        });
        for (const reading of readings.toSorted((a, b) => a.measuredAt - b.measuredAt)) merge.add(reading);
        merge.reach(Infinity);
        expect([...found].toSorted()).toEqual([...counted].toSorted());
      }),
      { numRuns: 500 },
    );
  });

  it('looks at each reading of a long chain only some times, however long the chain is', () => {
    let looked = 0;
    const count = 4_000;
    const chain = Array.from({ length: count }, (_, index) => {
      const measuredAt = START + index * 5 * MINUTE;
      const reading = readingOf({
        id: `id-${index}`,
        source: SOURCES[index % 2]!,
        measuredAt,
        endedAt: measuredAt + 9 * MINUTE,
      });
      const { endedAt } = reading;
      return Object.defineProperty(reading, 'endedAt', { get: () => (looked++, endedAt) });
    });
    expect(segmentsOf(chain, SOURCES)).toHaveLength(count);
    expect(looked / count).toBeLessThan(200);
  });

  it('does not depend on order or repetition', () => {
    fc.assert(
      fc.property(
        intervals,
        fc.constantFrom(...buckets),
        fc.constantFrom('sum', 'average', 'last', 'max'),
        fc.infiniteStream(fc.nat()),
        (readings, bucket, way, random) => {
          const keyed = [...readings, ...readings].map((reading) => ({ reading, at: random.next().value }));
          const shuffled = keyed.toSorted((a, b) => a.at - b.at).map(({ reading }) => reading);
          expect(rollUp(shuffled, rules(way, bucket))).toEqual(rollUp(readings, rules(way, bucket)));
        },
      ),
    );
  });

  it('gives each minute to the source of the most trust, as counting minute by minute does', () => {
    fc.assert(
      fc.property(intervals, (given) => {
        // Readings of one instant have a property of their own.
        const readings = given.filter(({ measuredAt, endedAt }) => endedAt! > measuredAt);
        const trust = (a: RolledReading, b: RolledReading) =>
          SOURCES.indexOf(a.source) - SOURCES.indexOf(b.source) ||
          a.endedAt! - a.measuredAt - (b.endedAt! - b.measuredAt) ||
          b.measuredAt - a.measuredAt ||
          (a.id < b.id ? -1 : 1);
        const sorted = readings.toSorted(trust);
        let expected = 0;
        const end = Math.max(START, ...readings.map(({ endedAt }) => endedAt!));
        for (let time = START; time < end; time += MINUTE) {
          const winner = sorted.find((one) => one.measuredAt <= time && one.endedAt! > time);
          if (winner) expected += (winner.value * MINUTE) / (winner.endedAt! - winner.measuredAt);
        }
        const days = rollUp(readings, rules('sum', 'day'));
        const found = days.reduce((sum, { value }) => sum + value, 0);
        expect(Math.abs(found - expected)).toBeLessThan(1e-3);
      }),
      { numRuns: 50 },
    );
  });

  it('sums what does not overlap exactly, however it is cut into days, weeks and months', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 1e13 }), { maxLength: 60 }), (millionths) => {
        const readings = millionths.map((amount, index) =>
          readingOf({
            id: `id-${index}`,
            measuredAt: START + index * 7 * 60 * MINUTE,
            endedAt: START + (index + 1) * 7 * 60 * MINUTE,
            value: amount / 1e6,
          }),
        );
        const exact = millionths.reduce((sum, amount) => sum + BigInt(amount), 0n);
        for (const bucket of buckets) {
          const parts = partsOf(readings, rules('sum', bucket));
          expect(parts.reduce((sum, part) => sum + part.sum, 0n)).toBe(exact);
        }
      }),
    );
  });

  it('the pieces of a reading add up to its value, when no other reading takes time from it', () => {
    const long = readingOf({ id: 'long', endedAt: START + 7 * MINUTE, value: 10, source: 'watch' });
    const cuts = [1, 3, 4].map((minute) =>
      readingOf({
        id: `cut-${minute}`,
        measuredAt: START + minute * MINUTE,
        endedAt: START + (minute + 1) * MINUTE,
        source: 'phone',
      }),
    );
    const segments = segmentsOf([long, ...cuts], SOURCES);
    expect(segments.every(({ reading }) => reading === long)).toBe(true);
    expect(segments.reduce((sum, { millionths }) => sum + millionths, 0n)).toBe(10_000_000n);
  });

  it('a phone beside a watch counts once, and the order of the sources decides', () => {
    const hour = (source: string, value: number) =>
      readingOf({ id: source, source, value, endedAt: START + 60 * MINUTE });
    const both = [hour('watch', 900), hour('phone', 700)];
    expect(rollUp(both, rules('sum', 'day'))[0]?.value).toBe(900);
    expect(rollUp(both, rules('sum', 'day', ['phone', 'watch']))[0]?.value).toBe(700);
    // Without an order, what the person says counts first, then the source by its name.
    expect(rollUp(both, rules('sum', 'day', []))[0]?.value).toBe(700);
    expect(rollUp([...both, hour('manual', 500)], rules('sum', 'day', []))[0]?.value).toBe(500);
  });

  it('computes value, extremes, average, last and coverage of a bucket', () => {
    const pulses = [60, 80, 70].map((value, index) =>
      readingOf({ id: `${index}`, value, measuredAt: START + index * DAY }),
    );
    const [week] = rollUp(pulses, rules('average', 'week'));
    expect(week).toMatchObject({
      localDate: '2026-01-05',
      hour: null,
      value: 70,
      minimum: 60,
      maximum: 80,
      average: 70,
      last: 70,
      count: 3,
      days: 3,
    });
    expect(week?.coverage).toBeCloseTo(3 / 7);
    const [month] = rollUp(
      pulses.map((pulse) => ({ ...pulse, endedAt: pulse.measuredAt })),
      rules('sum', 'month'),
    );
    expect(month).toMatchObject({ localDate: '2026-01-01', value: 210, average: 70, last: null, days: 3 });
  });

  it('begins a week on Monday and keeps the hours apart', () => {
    const at = (text: string) => readingOf({ id: text, measuredAt: Date.parse(text) });
    const readings = [at('2026-01-04T23:30:00Z'), at('2026-01-05T00:30:00Z'), at('2026-01-05T01:30:00Z')];
    const starts = (bucket: Bucket) =>
      rollUp(readings, rules('average', bucket)).map(({ localDate, hour }) => `${localDate} ${hour}`);
    expect(starts('week')).toEqual(['2025-12-29 null', '2026-01-05 null']);
    expect(starts('hour')).toEqual(['2026-01-04 23', '2026-01-05 0', '2026-01-05 1']);
  });
});

describe('a day with very many readings', () => {
  it('is merged, however many pieces it has', () => {
    // Each overlaps the next one, so all are one group.
    const readings = Array.from({ length: 70_000 }, (_, index) =>
      readingOf({
        id: `${index}`,
        measuredAt: START + index * 1_000,
        endedAt: START + index * 1_000 + 1_500,
      }),
    );
    const { pieces, most } = merged(readings);
    expect(pieces.length).toBeGreaterThan(65_536);
    expect(most).toBeLessThan(3);
  });
});
