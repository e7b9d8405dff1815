import fc from 'fast-check';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createClient } from '../src/hale.js';
import type { MedicationScheduleFields } from '../src/kinds.generated.js';
import {
  type Dose,
  type DosePeriod,
  dosesOf,
  doseTick,
  medicationKinds,
  type Tick,
  versionId,
} from '../src/medications.js';
import { MemoryStorage } from '../src/storage/memory.js';
import { type Api, PASSWORD } from '../../../test/support/api.js';
import { TestApp } from '../../../test/support/app.js';
import { hasDatabase } from '../../../test/support/database.js';
import { chooseSeed } from '../../../test/support/random.js';

const DAY_MS = 86_400_000;
/** Changes of the clock of summer time, of half an hour, at midnight, and none. */
const ZONES = [
  'Europe/Berlin',
  'America/New_York',
  'Australia/Lord_Howe',
  'Africa/Cairo',
  'Pacific/Kiritimati',
  'Asia/Kathmandu',
];
const RECURRENCES = [
  'daily',
  'weekdays',
  'every_n_days',
  'cyclic',
  'monthly',
  'interval_hours',
  'taper',
  'as_needed',
  'paused',
] as const;
const today = (): string => new Date().toISOString().slice(0, 10);
const daysFrom = (day: string, days: number): string =>
  new Date(Date.parse(day) + days * DAY_MS).toISOString().slice(0, 10);
/** Around the changes of the clock in both halves of the world, and today. */
const PERIODS = [
  ['2026-03-06', '2026-04-06'],
  ['2026-04-22', '2026-04-26'],
  ['2026-10-01', '2026-11-03'],
  [daysFrom(today(), -2), daysFrom(today(), 2)],
] as const;

const zone = fc.constantFrom(...ZONES);
const small = fc.integer({ min: 1, max: 9 });
const shape = fc.record({
  recurrence: fc.constantFrom(...RECURRENCES),
  starts: fc.constantFrom('2026-01-01', '2026-03-08', '2026-03-28', '2026-10-04', '2026-10-25'),
  zone_mode: fc.constantFrom('floating' as const, 'fixed' as const),
  time_zone: zone,
  times: fc.uniqueArray(fc.constantFrom('00:00', '00:30', '02:00', '02:15', '08:00', '23:45'), {
    minLength: 1,
    maxLength: 3,
  }),
  a: small,
  b: small,
  ends: fc.constantFrom(null, '2026-11-01', '2027-12-31'),
  window: fc.constantFrom(null, 0, 600),
});
type Shape = typeof shape extends fc.Arbitrary<infer S> ? S : never;

/** The day of the year on which a generated change begins: past, today, or later. */
const change = fc.record({ plan: shape, day: fc.constantFrom('2026-03-29', '2026-10-31', -1, 0, 1) });
const ticks = fc.array(
  fc.record({
    at: fc.nat(),
    status: fc.constantFrom('taken', 'skipped', 'snoozed'),
    late: fc.nat({ max: 200 }),
  }),
  { maxLength: 8 },
);

function scheduleOf(medicationId: string, plan: Shape, startsOn: string): MedicationScheduleFields {
  const { recurrence, zone_mode, time_zone, times, a, b, ends, window } = plan;
  const doses = times.map((local_time, index) => ({ local_time, amount: index + 0.5 }));
  const own = {
    daily: { doses },
    weekdays: { doses, weekdays: ['sunday', 'monday'] },
    every_n_days: { doses, every_days: a },
    cyclic: { doses, days_on: a, days_off: b },
    monthly: { doses, month_day: a * 3 + 4 },
    interval_hours: { interval_hours: a * b, interval_start: '2026-01-01T00:30:00Z', amount: 2 },
    taper: { steps: [{ days: a * 10, doses }] },
    as_needed: {},
    paused: {},
  }[recurrence];
  const base = { medication_id: medicationId, recurrence, starts_on: startsOn, zone_mode, time_zone };
  const ends_on = ends !== null && ends >= startsOn ? ends : null;
  return { ...base, ends_on, window_after_min: window, ...own } as MedicationScheduleFields;
}

describe.runIf(hasDatabase())('doses, from the copy of a phone', () => {
  let app: TestApp;
  let opened: { close(): Promise<void> }[] = [];
  beforeAll(async () => {
    app = await TestApp.start();
  });
  afterEach(async () => {
    for (const hale of opened) await hale.close();
    opened = [];
  });
  afterAll(() => app.stop());

  async function phone(person: Api, isOnline: () => boolean = () => true) {
    const hale = await createClient({
      url: app.url,
      storage: new MemoryStorage(),
      kinds: medicationKinds,
      realtime: false,
      runtime: {
        fetch: (request: Request) =>
          isOnline() ? fetch(request) : Promise.reject(new TypeError('there is no connection')),
      },
    });
    opened.push(hale);
    await hale.login({ email: person.account['email'] as string, password: PASSWORD });
    return hale;
  }
  type Phone = Awaited<ReturnType<typeof phone>>;

  const own = async (hale: Phone, period: DosePeriod) =>
    dosesOf(
      {
        medications: await hale.records('medication').list(),
        schedules: await hale.records('medication_schedule').list(),
        intakes: await hale.records('medication_intake').list(),
      },
      period,
    );

  /** What is missed depends on the time, so both are asked until none has passed between. */
  async function expectSame(person: Api, hale: Phone, period: DosePeriod): Promise<number> {
    const { from, to, time_zone } = period;
    for (;;) {
      const before = await own(hale, period);
      const query = new URLSearchParams({ from, to, time_zone });
      const { status, body } = await person.get(`/api/medications/doses?${query}`);
      const after = await own(hale, period);
      if (JSON.stringify(before) !== JSON.stringify(after)) continue;
      expect([status, body]).toEqual([200, { ...after, next: null }]);
      return after.data.length;
    }
  }

  const medicationOf = (hale: Phone, name = 'Ibuprofen') =>
    hale
      .records('medication')
      .create({ name, form: 'tablet', route: 'oral', dose_amount: 1, dose_unit: 'tablet' });

  const tickOf = (dose: Dose, status: string, late: number): Tick => {
    const due = Date.parse(dose.scheduled_for);
    const taken_at = new Date(Math.min(due + (late - 100) * 60_000, Date.now())).toISOString();
    if (status === 'taken') return { status, taken_at };
    if (status === 'skipped') return { status, reason: 'Nausea' };
    return { status: 'snoozed', snoozed_until: new Date(due + (late + 1) * 60_000).toISOString() };
  };

  it('are those that the service answers, in all zones and through changes of the clock and of schedules', async () => {
    let [count, isDeleted] = [0, false];
    await fc.assert(
      fc.asyncProperty(
        fc.array(
          fc.record({
            plan: shape,
            changes: fc.uniqueArray(change, { maxLength: 2, selector: ({ day }) => day }),
          }),
          {
            minLength: 1,
            maxLength: 4,
          },
        ),
        zone,
        zone,
        ticks,
        async (schedules, here, there, ticked) => {
          const person = await app.api.register();
          // One sync for all, so that no change is refused because its version has begun.
          let isOnline = true;
          const hale = await phone(person, () => isOnline);
          isOnline = false;
          const records = hale.records('medication_schedule');
          const gone = await medicationOf(hale, 'Old');
          await records.create(scheduleOf(gone, schedules[0]!.plan, '2026-01-01'));
          for (const { plan, changes } of schedules) {
            const medicationId = await medicationOf(hale);
            const id = await records.create(scheduleOf(medicationId, plan, plan.starts));
            for (const { plan: next, day } of changes) {
              const startsOn = typeof day === 'string' ? day : daysFrom(today(), day);
              const fields = { ...scheduleOf(medicationId, next, startsOn), version_of: id };
              await records.put(versionId(id, startsOn), fields);
            }
          }
          isOnline = true;
          await hale.sync();
          expect([hale.status.value.pendingCount, hale.status.value.needsAttention]).toEqual([0, 0]);
          await hale.records('medication').delete(gone);
          isDeleted = true;
          const expected = [];
          for (const [from, to] of PERIODS)
            expected.push(...(await own(hale, { from, to, time_zone: here })).data);
          const past = expected.filter(({ scheduled_for }) => Date.parse(scheduled_for) < Date.now());
          for (const { at, status, late } of past.length > 0 ? ticked : []) {
            const { id, fields } = doseTick(past[at % past.length]!, {
              ...tickOf(past[at % past.length]!, status, late),
              time_zone: there,
            });
            await hale.records('medication_intake').put(id, fields);
          }
          await hale.sync();
          for (const [from, to] of PERIODS)
            for (const time_zone of new Set([here, there]))
              count += await expectSame(person, hale, { from, to, time_zone });
        },
      ),
      { seed: chooseSeed(), numRuns: 15, verbose: 1 },
    );
    expect([isDeleted, count > 500]).toEqual([true, true]);
  });

  it('are ticked on two phones without a connection as one intake, shown before and after the same', async () => {
    const person = await app.api.register();
    let isOnline = true;
    const [first, second] = [await phone(person, () => isOnline), await phone(person, () => isOnline)];
    const medicationId = await medicationOf(first);
    const day = daysFrom(today(), -1);
    await first.records('medication_schedule').create({
      medication_id: medicationId,
      recurrence: 'daily',
      starts_on: day,
      zone_mode: 'floating',
      time_zone: 'Europe/Vienna',
      doses: [{ local_time: '08:00', amount: 1.5 }],
    });
    const period = { from: day, to: day, time_zone: 'Europe/Vienna' };
    const [unsent] = (await own(first, period)).data;
    for (const hale of [first, second]) await hale.sync();
    isOnline = false;
    for (const hale of [first, second]) {
      const [dose] = (await own(hale, period)).data;
      expect(dose).toEqual({ ...unsent, state: 'missed' });
      const { id, fields } = doseTick(dose!, { status: 'taken', taken_at: dose!.scheduled_for });
      expect(await hale.records('medication_intake').create(fields, id)).toBe(dose!.id);
      const [now] = (await own(hale, period)).data;
      expect(now).toMatchObject({
        state: 'taken',
        timing: 'in_time',
        intake: { id, amount: 1.5, alerts: [] },
      });
      expect(now?.intake).not.toHaveProperty('version');
    }
    isOnline = true;
    for (const hale of [first, second, first]) await hale.sync();
    for (const hale of [first, second]) expect(await expectSame(person, hale, period)).toBe(1);
    // A tick that was taken back is made again.
    await first.records('medication_intake').delete(unsent!.id);
    await first.sync();
    const again = doseTick(unsent!, { status: 'taken' });
    await first.records('medication_intake').put(again.id, again.fields);
    await first.records('medication_intake').create({
      medication_id: medicationId,
      time_zone: 'Europe/Vienna',
      status: 'taken',
      taken_at: unsent!.scheduled_for,
      amount: 1,
    });
    expect((await own(first, period)).others).toMatchObject([{ local_date: day }]);
    await first.sync();
    expect(await expectSame(person, first, period)).toBe(1);
    expect((await own(first, period)).data[0]?.state).toBe('taken');
  });

  it('refuse wrong days and zones', () => {
    const nothing = { medications: [], schedules: [], intakes: [] };
    const period = { from: '2026-01-01', to: '2026-01-01', time_zone: 'UTC' };
    expect(dosesOf(nothing, period)).toEqual({ data: [], others: [] });
    expect(() => dosesOf(nothing, { ...period, to: '2026-04-03' })).toThrow('0 to 91 days');
    expect(() => dosesOf(nothing, { ...period, time_zone: 'Nowhere' })).toThrow('IANA');
  });
});
