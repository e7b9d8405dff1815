import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Night, nightsOf, type Session, totalsOf } from '../../src/modules/health/sleep/sleep-totals.js';
import { chooseSeed } from '../support/random.js';

/*
 * The invariants of nights. Each has tests that try to break it.
 * N1 The result does not depend on the order of the sessions.
 * N2 Counted sessions do not overlap, and a session is left out only for one that counts.
 * N3 A shorter session of the same source inside a longer one changes no sum.
 * N4 Naps and nights never mix.
 */
const HOUR = 3_600_000;
const start = Date.parse('2026-01-05T20:00:00Z');
const at = (hours: number): Date => new Date(start + hours * HOUR);
const dayOf = (instant: Date): string => instant.toISOString().slice(0, 10);

function session(values: Partial<Session> & { id: string }): Session {
  const { startedAt = at(2), endedAt = at(10) } = values;
  const length = startedAt && endedAt ? (endedAt.getTime() - startedAt.getTime()) / 1_000 : null;
  return {
    source: 'watch',
    isNap: false,
    localDate: endedAt ? dayOf(endedAt) : '2026-01-06',
    startedAt,
    endedAt,
    asleepSeconds: length,
    inBedSeconds: length,
    awakeSeconds: null,
    lightSeconds: null,
    deepSeconds: null,
    remSeconds: null,
    ...values,
  };
}

const dayOnly = (id: string, hours: number, values: Partial<Session> = {}): Session =>
  session({
    id,
    startedAt: null,
    endedAt: null,
    asleepSeconds: hours * 3_600,
    inBedSeconds: null,
    ...values,
  });

const anySession = fc
  .record({
    source: fc.constantFrom('watch', 'ring', 'phone'),
    isNap: fc.boolean(),
    from: fc.integer({ min: 0, max: 70 }),
    length: fc.integer({ min: 1, max: 20 }),
    isTimed: fc.boolean(),
  })
  .map(({ source, isNap, from, length, isTimed }) => {
    const [startedAt, endedAt] = [at(from), at(from + length)];
    const values = { id: `${source}-${isNap}-${from}-${length}-${isTimed}`, source, isNap };
    return isTimed
      ? session({ ...values, startedAt, endedAt })
      : dayOnly(values.id, length, { ...values, localDate: dayOf(endedAt) });
  });
const sessions = fc.uniqueArray(anySession, { selector: ({ id }) => id, maxLength: 12 });
const orders = fc.shuffledSubarray(['watch', 'ring', 'phone']);

const overlap = (a: Session, b: Session): boolean =>
  a.startedAt !== null &&
  a.endedAt !== null &&
  b.startedAt !== null &&
  b.endedAt !== null &&
  a.startedAt < b.endedAt &&
  b.startedAt < a.endedAt;
const isSameDay = (a: Session, b: Session): boolean => a.localDate === b.localDate && a.isNap === b.isNap;

describe('nights', () => {
  const options = { seed: chooseSeed(), numRuns: 500 };

  it('N1 do not depend on the order of the sessions', () => {
    fc.assert(
      fc.property(sessions, orders, fc.infiniteStream(fc.nat()), (all, order, keys) => {
        const shuffled = all
          .map((one) => ({ one, key: keys.next().value }))
          .toSorted((a, b) => a.key - b.key);
        expect(
          nightsOf(
            shuffled.map(({ one }) => one),
            order,
          ),
        ).toEqual(nightsOf(all, order));
      }),
      options,
    );
  });

  it('N2 count no hour twice, and leave nothing out without a reason', () => {
    fc.assert(
      fc.property(sessions, orders, (all, order) => {
        const nights = nightsOf(all, order);
        const ids = new Set(nights.flatMap(({ counted }) => counted));
        const counted = all.filter(({ id }) => ids.has(id));
        for (const one of all) {
          const others = counted.filter(({ id }) => id !== one.id);
          const isCovered = others.some(
            (other) => overlap(one, other) || (isSameDay(one, other) && !(one.endedAt && other.endedAt)),
          );
          expect(ids.has(one.id)).not.toBe(isCovered);
        }
        expect(nights.flatMap(({ counted: some, replaced }) => [...some, ...replaced]).toSorted()).toEqual(
          all.map(({ id }) => id).toSorted(),
        );
      }),
      options,
    );
  });

  it('N3 a session that grew while it was uploaded counts once, with its last length', () => {
    const growing = [4, 5, 8].map((end) =>
      session({ id: `until ${end}`, startedAt: at(2), endedAt: at(end) }),
    );
    const [night, ...more] = nightsOf(growing, []);
    expect(more).toEqual([]);
    expect(night).toMatchObject({
      counted: ['until 8'],
      night: { sessionCount: 1, asleepSeconds: 6 * 3_600 },
    });
    expect(night?.replaced).toEqual(['until 4', 'until 5']);
  });

  it('N4 keep naps apart', () => {
    const nap = session({ id: 'nap', isNap: true, startedAt: at(14), endedAt: at(15) });
    const [day] = nightsOf([session({ id: 'night' }), nap], []);
    expect(day).toMatchObject({
      night: { sessionCount: 1, asleepSeconds: 8 * 3_600 },
      naps: { sessionCount: 1, asleepSeconds: 3_600 },
      endedAt: at(10),
    });
  });

  it('take the source that comes first; others fill what it does not cover', () => {
    const all = [
      session({ id: 'ring 1', source: 'ring', startedAt: at(2), endedAt: at(10) }),
      session({ id: 'watch 1', startedAt: at(3), endedAt: at(9) }),
      session({ id: 'ring 2', source: 'ring', isNap: true, startedAt: at(13), endedAt: at(14) }),
    ];
    const counted = (nights: Night[]) => nights.flatMap((night) => night.counted);
    expect(counted(nightsOf(all, ['watch', 'ring']))).toEqual(['ring 2', 'watch 1']);
    expect(counted(nightsOf(all, ['ring', 'watch']))).toEqual(['ring 1', 'ring 2']);
    expect(counted(nightsOf(all, []))).toEqual(['ring 1', 'ring 2']);
    const typed = session({ id: 'typed', source: 'manual', startedAt: at(3), endedAt: at(8) });
    expect(counted(nightsOf([...all, typed], []))).toEqual(['ring 2', 'typed']);
  });

  it('a day without instants counts where nothing better is known', () => {
    const exact = session({ id: 'exact' });
    const [known] = nightsOf([dayOnly('day', 9), exact], []);
    expect(known).toMatchObject({ counted: ['exact'], replaced: ['day'] });
    const [trusted] = nightsOf([dayOnly('day', 9, { source: 'manual' }), exact], ['manual']);
    expect(trusted).toMatchObject({ counted: ['day'], replaced: ['exact'], startedAt: null });
    const [alone] = nightsOf([dayOnly('a', 7), dayOnly('b', 9)], []);
    expect(alone).toMatchObject({ counted: ['b'], night: { asleepSeconds: 9 * 3_600, inBedSeconds: null } });
  });

  it('an unknown total is no zero', () => {
    const rough = session({ id: 'rough', startedAt: at(10.5), endedAt: at(11) });
    const detailed = session({ id: 'detailed', deepSeconds: 600 });
    expect(nightsOf([rough, detailed], [])).toMatchObject([
      { night: { sessionCount: 2, deepSeconds: 600, remSeconds: null } },
    ]);
  });
});

describe('the totals of a session', () => {
  const [startedAt, endedAt] = [at(2), at(10)];
  const stage = (name: string, from: number, to: number) => ({
    stage: name,
    startedAt: at(from),
    endedAt: at(to),
  });

  it('are counted from the stages', () => {
    const stages = [
      stage('in_bed', 2, 10),
      stage('light', 2.5, 5),
      stage('awake', 5, 5.5),
      stage('rem', 5.5, 9.5),
    ];
    expect(totalsOf({ startedAt, endedAt, stages })).toEqual({
      asleepSeconds: 6.5 * 3_600,
      inBedSeconds: 8 * 3_600,
      awakeSeconds: 1_800,
      lightSeconds: 2.5 * 3_600,
      deepSeconds: 0,
      remSeconds: 4 * 3_600,
    });
  });

  it('are those of the source, if it counted', () => {
    const stages = [stage('asleep', 2, 10)];
    expect(totalsOf({ startedAt, endedAt, stages, minutesAsleep: 400, minutesInBed: 470 })).toMatchObject({
      asleepSeconds: 24_000,
      inBedSeconds: 28_200,
      lightSeconds: null,
    });
  });

  it('are the whole session, if nothing else is known', () => {
    expect(totalsOf({ startedAt, endedAt })).toMatchObject({ asleepSeconds: 28_800, awakeSeconds: null });
    expect(totalsOf({ startedAt, endedAt, stages: [stage('in_bed', 2, 9)] })).toMatchObject({
      asleepSeconds: null,
      inBedSeconds: 25_200,
    });
    expect(totalsOf({ minutesAsleep: 60 })).toMatchObject({ asleepSeconds: 3_600, inBedSeconds: null });
  });
});
