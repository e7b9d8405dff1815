import fc from 'fast-check';
import { Temporal } from 'temporal-polyfill';
import { describe, expect, it } from 'vitest';
import {
  type Clocks,
  type DosePlan,
  dosesOn,
  type DoseSlot,
  RECURRENCES,
  slotsOf,
} from '../../src/modules/health/medications/dose-slots.js';
import { slotId } from '../../src/modules/health/medications/slot-id.js';
import { zoneClocks } from '../../src/modules/health/medications/zone-clocks.js';
import { changesOf } from '../support/zones.js';

/*
 * The invariants of dose slots.
 * D1 On every local day a schedule expects each of its doses once: no change of a clock and no journey loses or doubles one.
 * D2 A dose is due when a clock at its place shows its time: in a gap at the first instant after it, of a repeated hour the first time.
 * D3 The same dose has the same name, from whatever days, zone or order of versions it is computed.
 * D4 A new version changes no day before it begins.
 */
const zones = Intl.supportedValuesOf('timeZone');
const clocks = zoneClocks();
const DAY_MS = 86_400_000;
const addDays = (date: string, days: number) =>
  new Date(Date.parse(date) + days * DAY_MS).toISOString().slice(0, 10);

const plan = (values: Partial<DosePlan> = {}): DosePlan => ({
  id: '019b9500-0000-7000-8000-000000000001',
  medicationId: '019b9500-0000-7000-8000-000000000002',
  recurrence: 'daily',
  startsOn: '2016-01-01',
  zoneMode: 'floating',
  timeZone: 'Europe/Berlin',
  doses: [{ localTime: '08:00', amount: 1 }],
  ...values,
});
const find = (
  plans: DosePlan | readonly DosePlan[],
  from: string,
  to = from,
  zone = 'UTC',
  by: Clocks = clocks,
) => slotsOf([plans].flat(), [from, to], zone, by, 100_000);
const days = (slots: readonly DoseSlot[]) => slots.map(({ localDate }) => localDate);

/** The rule, said once more by another library. */
function expected(date: string, time: string, zone: string): number {
  const local = Temporal.PlainDateTime.from(`${date}T${time}`);
  const first = local.toZonedDateTime(zone, { disambiguation: 'earlier' });
  if (first.toPlainDateTime().equals(local)) return first.epochMilliseconds;
  const change = first.getTimeZoneTransition('next');
  return change?.epochMilliseconds ?? Number.NaN;
}

const expectedOn = (period: readonly string[], zone: string) =>
  period.flatMap((date) => TIMES.map((time) => [`${date}T${time}`, expected(date, time, zone)]));

const TIMES = Array.from({ length: 48 }, (_, index) => {
  const [hour, minute] = [Math.floor(index / 2), (index % 2) * 30];
  return `${String(hour).padStart(2, '0')}:${String(minute).padStart(2, '0')}`;
});

describe('dose slots', () => {
  it('D1 D2 have every half hour of every day once, in every zone, around every change of ten years', () => {
    const doses = TIMES.map((localTime) => ({ localTime, amount: 1 }));
    // Zones with one change and the same offsets have the same three days, so the other library computes them once.
    const known = new Map<string, string>();
    let count = 0;
    for (const zone of zones)
      for (const change of changesOf(zone)) {
        const day = change.toPlainDate().toString();
        const period = [addDays(day, -1), day, addDays(day, 1)] as const;
        const key = [change.epochMilliseconds, change.offset, change.subtract({ seconds: 1 }).offset].join();
        const wanted = known.get(key) ?? JSON.stringify(expectedOn(period, zone));
        known.set(key, wanted);
        const found = (values: Partial<DosePlan>, here: string) =>
          JSON.stringify(
            find(plan({ doses, ...values }), period[0], period[2], here)
              .toSorted((a, b) => (a.slot < b.slot ? -1 : 1))
              .map(({ slot, at }) => [slot, at]),
          );
        const floating = found({ timeZone: 'Europe/Berlin' }, zone);
        const fixed = found({ zoneMode: 'fixed', timeZone: zone }, 'Pacific/Apia');
        if (floating !== wanted || fixed !== wanted)
          expect([zone, floating, fixed]).toEqual([zone, wanted, wanted]);
        count += TIMES.length * 3;
      }
    expect(zones.length).toBeGreaterThan(400);
    expect(count).toBeGreaterThan(300_000);
  });

  it('D1 a day that a zone left out has no dose', () => {
    expect(days(find(plan({ startsOn: '2011-01-01' }), '2011-12-29', '2011-12-31', 'Pacific/Apia'))).toEqual([
      '2011-12-29',
      '2011-12-31',
    ]);
  });

  it('D1 intervals are of true hours through every change, each once, in every zone', () => {
    for (const zone of zones.filter((_, index) => index % 5 === 0))
      for (const change of changesOf(zone).slice(0, 4)) {
        const day = change.toPlainDate().toString();
        const every = plan({
          recurrence: 'interval_hours',
          intervalHours: 1,
          intervalStart: new Date('2016-06-01T00:30:00Z'),
          amount: 2,
          zoneMode: 'fixed',
          timeZone: zone,
        });
        const single = [-1, 0, 1].flatMap((shift) => find(every, addDays(day, shift)));
        const whole = find(every, addDays(day, -1), addDays(day, 1));
        expect(single).toEqual(whole);
        expect(new Set(whole.map(({ at }, index) => at - (whole[0]?.at ?? 0) - index * 3_600_000))).toEqual(
          new Set([0]),
        );
        expect(new Set(whole.map(({ slot }) => slot)).size).toBe(whole.length);
      }
  });

  it('D3 a traveller has each day’s doses once, under the names that the phone at home computes', () => {
    const zone = fc.constantFrom(...zones);
    fc.assert(
      fc.property(zone, zone, fc.integer({ min: 0, max: 3_650 }), (home, away, shift) => {
        const from = addDays('2017-01-01', shift);
        const names = (here: string) =>
          find(plan(), from, addDays(from, 9), here).map(({ scheduleId, slot }) => slotId(scheduleId, slot));
        expect(names(away)).toEqual(names(home));
        expect(new Set(names(home)).size).toBe(10);
      }),
      { numRuns: 200 },
    );
  });

  it('D3 asking by day or for all days at once finds the same doses', () => {
    const kinds = fc.constantFrom(...RECURRENCES);
    const small = fc.integer({ min: 1, max: 9 });
    fc.assert(
      fc.property(kinds, small, small, fc.constantFrom(...zones), (recurrence, a, b, zone) => {
        const one = plan({
          recurrence,
          startsOn: '2026-01-03',
          everyDays: a,
          daysOn: a,
          daysOff: b,
          monthDay: a * 3,
          weekdays: ['monday', 'friday'],
          intervalHours: a * b,
          intervalStart: new Date('2026-01-02T23:00:00Z'),
          steps: [
            { days: a, doses: [{ localTime: '09:00', amount: 2 }] },
            { days: b, doses: [{ localTime: '09:00', amount: 1 }] },
          ],
        });
        const single = Array.from({ length: 40 }, (_, shift) =>
          find(one, addDays('2025-12-25', shift), undefined, zone),
        ).flat();
        expect(single).toEqual(find(one, '2025-12-25', addDays('2025-12-25', 39), zone));
        // Hours begin with the day of their own zone.
        const since = recurrence === 'interval_hours' ? '2026-01-02' : '2026-01-03';
        expect(single.every(({ localDate }) => localDate >= since)).toBe(true);
      }),
      { numRuns: 200 },
    );
  });

  it.each<[string, Partial<DosePlan>, string[]]>([
    [
      'weekdays',
      { recurrence: 'weekdays', weekdays: ['monday', 'sunday'] },
      ['2026-01-04', '2026-01-05', '2026-01-11'],
    ],
    [
      'every third day',
      { recurrence: 'every_n_days', everyDays: 3, startsOn: '2026-01-02' },
      ['2026-01-02', '2026-01-05', '2026-01-08', '2026-01-11'],
    ],
    [
      'every third day, counted from before',
      { recurrence: 'every_n_days', everyDays: 3, startsOn: '2026-01-04', countsFrom: '2026-01-02' },
      ['2026-01-05', '2026-01-08', '2026-01-11'],
    ],
    [
      'two days on and three off',
      { recurrence: 'cyclic', daysOn: 2, daysOff: 3, startsOn: '2026-01-02' },
      ['2026-01-02', '2026-01-03', '2026-01-07', '2026-01-08'],
    ],
    ['the fifth of a month', { recurrence: 'monthly', monthDay: 5 }, ['2026-01-05']],
    ['until a day', { endsOn: '2026-01-03' }, ['2026-01-01', '2026-01-02', '2026-01-03']],
    ['as needed', { recurrence: 'as_needed' }, []],
    ['paused', { recurrence: 'paused' }, []],
  ])('has the days of %s', (_, values, wanted) => {
    expect(days(find(plan(values), '2026-01-01', '2026-01-11'))).toEqual(wanted);
  });

  it('gives the last day of a shorter month the dose of the 31st', () => {
    const monthly = plan({ recurrence: 'monthly', monthDay: 31 });
    expect(days(find(monthly, '2027-12-01', '2028-04-30'))).toEqual([
      '2027-12-31',
      '2028-01-31',
      '2028-02-29',
      '2028-03-31',
      '2028-04-30',
    ]);
  });

  it('a taper follows its steps and ends', () => {
    const doses = (...amounts: number[]) =>
      amounts.map((amount, index) => ({ localTime: `${String(8 + index).padStart(2, '0')}:00`, amount }));
    const taper = plan({
      recurrence: 'taper',
      startsOn: '2026-01-01',
      steps: [
        { days: 2, doses: doses(4, 4) },
        { days: 1, doses: doses(2) },
      ],
    });
    expect(find(taper, '2025-12-01', '2026-03-01').map(({ slot, amount }) => [slot, amount])).toEqual([
      ['2026-01-01T08:00', 4],
      ['2026-01-01T09:00', 4],
      ['2026-01-02T08:00', 4],
      ['2026-01-02T09:00', 4],
      ['2026-01-03T08:00', 2],
    ]);
    expect(dosesOn(taper, '2026-01-04')).toEqual([]);
  });

  it('D4 versions change no day before they begin, in any order and number', () => {
    const first = plan({ startsOn: '2026-01-01' });
    const version = fc.record({
      day: fc.integer({ min: 0, max: 20 }),
      recurrence: fc.constantFrom('daily', 'paused', 'weekdays'),
      time: fc.constantFrom('07:00', '08:00', '21:30'),
    });
    fc.assert(
      fc.property(
        fc.uniqueArray(version, { selector: ({ day }) => day, maxLength: 5 }),
        version,
        (others, added) => {
          const later = (one: typeof added, id: string) =>
            plan({
              id,
              versionOf: first.id,
              recurrence: one.recurrence,
              weekdays: ['monday'],
              startsOn: addDays('2026-01-01', one.day),
              doses: [{ localTime: one.time, amount: 2 }],
            });
          const before = [first, ...others.map((one) => later(one, String(one.day)))];
          const after = [
            ...before.filter(({ id }) => id !== String(added.day)),
            later(added, String(added.day)),
          ];
          const until = (plans: DosePlan[], last: number) =>
            last < 0 ? [] : find(plans, '2025-12-20', addDays('2026-01-01', last));
          expect(until(after, added.day - 1)).toEqual(until(before, added.day - 1));
          expect(until(after.toReversed(), 25)).toEqual(until(after, 25));
          const names = until(after, 25).map(({ slot }) => slot);
          expect(new Set(names).size).toBe(names.length);
        },
      ),
    );
  });

  it('D1 a journey on the day of a change loses and doubles no dose of an interval', () => {
    const zone = fc.constantFrom(...zones);
    const hours = fc.integer({ min: 1, max: 30 });
    fc.assert(
      fc.property(zone, zone, zone, hours, hours, (home, abroad, here, before, after) => {
        const interval = (values: Partial<DosePlan>) =>
          plan({ recurrence: 'interval_hours', intervalStart: new Date('2026-01-01T00:30:00Z'), ...values });
        const plans = [
          interval({ timeZone: home, startsOn: '2026-01-01', intervalHours: before }),
          interval({
            id: 'b',
            versionOf: plan().id,
            timeZone: abroad,
            startsOn: '2026-01-05',
            intervalHours: after,
          }),
        ];
        const instants = (at: string) => find(plans, '2025-12-25', '2026-01-20', at).map((slot) => slot.at);
        const first = instants('UTC');
        const until = Date.parse('2026-01-18');
        const early = (all: readonly number[]) => all.filter((at) => at < until);
        expect(early(instants(here))).toEqual(early(first));
        const steps = early(first).map((at, index) => (at - (first[index - 1] ?? at)) / 3_600_000);
        const change = steps.filter((step) => step !== 0 && step !== before && step !== after);
        expect(change.length).toBeLessThanOrEqual(1);
        expect(Math.max(...change, 0)).toBeLessThanOrEqual(before + after);
      }),
      { numRuns: 200 },
    );
  });

  const change = (values: Partial<DosePlan>) => plan({ versionOf: plan().id, ...values });
  const other = '019b9500-0000-7000-8000-0000000000ff';

  it.each<[string, DosePlan[], string[]]>([
    [
      'a change of another medication',
      [plan(), change({ id: 'b', medicationId: other, startsOn: '2026-01-02' })],
      ['2026-01-01T08:00', '2026-01-02T08:00', '2026-01-03T08:00'],
    ],
    [
      'a change of a change',
      [
        plan(),
        change({ id: 'b', startsOn: '2026-01-02', doses: [{ localTime: '09:00', amount: 1 }] }),
        plan({ id: 'c', versionOf: 'b', startsOn: '2026-01-02' }),
      ],
      ['2026-01-01T08:00', '2026-01-02T09:00', '2026-01-03T09:00'],
    ],
    [
      'a change that begins before the first version',
      [
        plan({ startsOn: '2026-01-03' }),
        change({ id: 'b', startsOn: '2026-01-02', doses: [{ localTime: '09:00', amount: 1 }] }),
      ],
      ['2026-01-02T09:00', '2026-01-03T09:00'],
    ],
  ])('D4 expects the same in every order of arrival with %s', (_, plans, wanted) => {
    for (const order of [plans, plans.toReversed()])
      expect(find(order, '2026-01-01', '2026-01-03').map(({ slot }) => slot)).toEqual(wanted);
  });

  it.each(RECURRENCES)('ends on the last days that texts can sort: %s', (recurrence) => {
    const values = plan({
      recurrence,
      everyDays: 400,
      daysOn: 1,
      daysOff: 300,
      monthDay: 1,
      weekdays: [],
      steps: [{ days: 1, doses: [{ localTime: '08:00', amount: 1 }] }],
    });
    let asked = 0;
    const get = (of: DosePlan, name: string): unknown => {
      if (++asked > 200) throw new Error('The days do not end');
      return Reflect.get(of, name);
    };
    const ended = new Proxy(values, { get: (of, name) => get(of, String(name)) });
    for (const last of ['9999-12-31', addDays('9999-12-31', 1)]) {
      asked = 0;
      const dates = days(slotsOf([ended], ['9999-12-30', last], 'UTC', clocks, 10));
      expect(dates.length).toBeLessThanOrEqual(3);
    }
  });

  it('stops soon after the most that is wanted', () => {
    const many = plan({ doses: TIMES.map((localTime) => ({ localTime, amount: 1 })) });
    expect(slotsOf([many], ['1900-01-01', '2199-12-31'], 'UTC', clocks, 1_000)).toHaveLength(1_001);
  });
});
