import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { slotId, versionId } from '../../../src/modules/health/medications/slot-id.js';
import type { Api } from '../../support/api.js';
import { TestApp } from '../../support/app.js';
import { TestClock } from '../../support/clock.js';
import { hasDatabase } from '../../support/database.js';
import { Device, type Wire } from '../../support/sync.js';
import { liveOf, problemOf } from '../sync/support.js';
import {
  created,
  daily,
  DOSES,
  dosesOf,
  INTAKES,
  medication,
  MEDICATIONS,
  onSchedule,
  SCHEDULES,
  taken,
  tick,
  ticked,
} from './support.js';

/*
 * The invariants of scheduled doses. Each has tests that try to break it.
 * M1 One scheduled dose is one intake, whoever ticks it, from wherever, how often and in whatever order.
 * M2 Doses that were expected stay expected, whatever is changed later.
 * M3 What cannot be a schedule or a dose is refused with the field, by REST and by sync, and changes nothing.
 * M4 Nobody reads or ticks the doses of another person.
 */
describe.runIf(hasDatabase())('doses', () => {
  let app: TestApp;
  const clock = new TestClock();
  beforeAll(async () => {
    app = await TestApp.start({ override: clock.install });
  });
  afterAll(() => app.stop());

  const today = () => new Date(clock.now()).toISOString().slice(0, 10);
  const ofMonth = (person: Api) => dosesOf(person, '2026-01-01', '2026-01-31');
  const intakesOf = async (person: Api) => (await person.get(INTAKES)).body['data'] as Wire[];

  it('M1 three devices, a watch and a program of a carer make one intake of one dose', async () => {
    const person = await app.api.register();
    const ids = await onSchedule(person);
    const slot = '2026-01-05T08:00';
    const id = slotId(ids.scheduleId, slot);
    const key = await person.post('/api/api-keys', { name: 'carer', scopes: ['medications:write'] });
    const carer = app.api.bearer(key.body['key']);
    const devices = await Promise.all([1, 2, 3].map(() => new Device(person).ready()));
    const fields = ticked(ids, slot, { scheduled_for: '2026-01-05T07:00:00.000Z' });
    const pushes = devices.map((device, index) => {
      const late = { ...fields, taken_at: `2026-01-05T07:0${index}:00.000Z` };
      const creation = device.create('medication_intake', late, { id });
      return Promise.all([device.push(creation), device.push(creation)]);
    });
    const rest = [person, carer, person].map((api) => tick(api, ids.scheduleId, slot));
    for (const { status, body } of await Promise.all(rest)) expect([status, body['id']]).toEqual([200, id]);
    for (const results of (await Promise.all(pushes)).flat(2))
      expect(['applied', 'duplicate', 'superseded', 'merged', 'conflict']).toContain(results['status']);
    const stored = await intakesOf(person);
    expect(stored.map((one) => one['id'])).toEqual([id]);
    expect(await dosesOf(person, '2026-01-05')).toMatchObject([
      { id, state: 'taken', intake: { id, amount: 1 }, medication_name: 'Ibuprofen' },
    ]);
    // Whoever asks by sync has the same row.
    expect((await liveOf(person)).get(id)?.['data']).toMatchObject({
      schedule_id: ids.scheduleId,
      slot,
      status: 'taken',
      medication_name: 'Ibuprofen',
      dose_unit: 'tablet',
    });
  });

  it('M1 a second tick changes nothing; one that says otherwise has to name the version', async () => {
    const person = await app.api.register();
    const { scheduleId } = await onSchedule(person);
    const slot = '2026-01-05T08:00';
    const at = '2026-01-05T07:10:00.000Z';
    const snoozed = { status: 'snoozed', snoozed_until: '2026-01-05T07:30:00.000Z' };
    expect((await tick(person, scheduleId, slot, snoozed)).body).toMatchObject({ ...snoozed, version: 1 });
    const first = await tick(person, scheduleId, slot, { taken_at: at });
    expect(first.body).toMatchObject({ status: 'taken', taken_at: at, snoozed_until: null, version: 2 });
    expect((await tick(person, scheduleId, slot, { amount: 2 })).body).toEqual(first.body);
    const skip = { status: 'skipped', reason: 'Nausea' };
    expect(problemOf(await tick(person, scheduleId, slot, skip))).toBe('version-conflict');
    expect(problemOf(await tick(person, scheduleId, slot, { ...skip, version: 1 }))).toBe('version-conflict');
    const skipped = await tick(person, scheduleId, slot, { ...skip, version: 2 });
    expect(skipped.body).toMatchObject({ ...skip, taken_at: null, amount: null, version: 3 });
    expect(await dosesOf(person, '2026-01-05')).toMatchObject([{ state: 'skipped', timing: null }]);
    // Taken back, and ticked again: still one row.
    expect((await person.delete(`${INTAKES}/${skipped.body['id']}`)).status).toBe(204);
    expect(await dosesOf(person, '2026-01-05')).toMatchObject([{ state: 'missed', intake: null }]);
    expect((await tick(person, scheduleId, slot)).body).toMatchObject({ status: 'taken', version: 5 });
    expect(await intakesOf(person)).toHaveLength(1);
  });

  it('M1 a correction keeps what it does not say, and a version that is gone is refused', async () => {
    const person = await app.api.register();
    const { scheduleId } = await onSchedule(person);
    const slot = '2026-01-05T08:00';
    const values = { taken_at: '2026-01-05T07:10:00.000Z', amount: 2, time_zone: 'Asia/Tokyo' };
    expect(problemOf(await tick(person, scheduleId, slot, { ...values, version: 1 }))).toBe(
      'version-conflict',
    );
    const first = await tick(person, scheduleId, slot, values);
    const again = await tick(person, scheduleId, slot, { note: 'x', version: 1 });
    expect(again.body).toMatchObject({ ...values, note: 'x', scheduled_for: first.body['scheduled_for'] });
    await person.delete(`${INTAKES}/${again.body['id']}`);
    for (const version of [1, 2, 3])
      expect(problemOf(await tick(person, scheduleId, slot, { version }))).toBe('version-conflict');
  });

  it('M1 an intake keeps its dose, and one as needed under the id of a dose hides it from nobody', async () => {
    const person = await app.api.register();
    const ids = await onSchedule(person);
    const [slot, next] = ['2026-01-05T08:00', '2026-01-06T08:00'];
    const { body } = await tick(person, ids.scheduleId, slot, { taken_at: '2026-01-05T07:10:00.000Z' });
    const none = { schedule_id: null, slot: null, scheduled_for: null };
    const refused = await person.patch(`${INTAKES}/${body['id']}`, none);
    expect([refused.status, refused.body['errors']]).toMatchObject([422, [{ field: 'slot' }]]);
    const phone = await new Device(person).ready();
    const target = { kind: 'medication_intake', id: body['id'], version: 1 };
    const asNeeded = { ...taken(ids.medicationId, '2026-01-05T07:10:00.000Z'), ...none };
    const update = phone.update(target, { ...asNeeded, snoozed_until: null, confirmed: null });
    expect(await phone.push(update)).toMatchObject([{ status: 'rejected', error: { field: 'fields.slot' } }]);
    await created(person, INTAKES, { ...asNeeded, id: slotId(ids.scheduleId, next), amount: 3 });
    expect(await dosesOf(person, '2026-01-06')).toMatchObject([{ state: 'missed', intake: null }]);
    expect((await tick(person, ids.scheduleId, next)).body).toMatchObject({ slot: next, amount: 1 });
    expect(await dosesOf(person, '2026-01-05', '2026-01-06')).toMatchObject([
      { state: 'taken' },
      { state: 'taken', intake: { amount: 1 } },
    ]);
  });

  it('M1 a dose that no schedule expects has the usual amount of its medication', async () => {
    const person = await app.api.register();
    const ids = await onSchedule(person, {}, { dose_amount: 2.5 });
    const dose = { medication_id: ids.medicationId, scheduled_for: '2026-01-05T08:00:00.000Z' };
    const { body } = await tick(person, ids.scheduleId, '2026-01-05T09:00', dose);
    expect(body).toMatchObject({ amount: 2.5, status: 'taken' });
    const unknown = await tick(person, ids.scheduleId, '2026-01-05T10:00', {
      medication_id: ids.scheduleId,
      scheduled_for: '2026-01-05T09:00:00.000Z',
    });
    expect([unknown.status, unknown.body['errors']]).toMatchObject([422, [{ field: 'amount' }]]);
  });

  it('M1 two phones that tick one dose at other times keep both for the person to decide', async () => {
    const person = await app.api.register();
    const ids = await onSchedule(person, { time_zone: 'UTC' });
    const [a, b] = [await new Device(person).ready(), await new Device(person).ready()];
    const slot = '2026-01-05T08:00';
    const push = (device: Device, name: string, values: Wire) =>
      device.push(
        device.create('medication_intake', ticked(ids, name, values), { id: slotId(ids.scheduleId, name) }),
      );
    expect(await push(a, slot, {})).toMatchObject([{ status: 'applied' }]);
    expect(await push(b, slot, { taken_at: '2026-01-05T09:30:00.000Z' })).toMatchObject([
      { status: 'conflict' },
    ]);
    const near = '2026-01-06T08:00';
    await push(a, near, {});
    const [result] = await push(b, near, { taken_at: '2026-01-06T08:03:00.000Z' });
    expect(result?.['status']).not.toBe('conflict');
    const { body } = await person.get('/api/sync/conflicts?status=open');
    expect(body['data']).toHaveLength(1);
    expect(await intakesOf(person)).toHaveLength(2);
  });

  it('M2 a change counts from its first day, and the days before keep their doses', async () => {
    const person = await app.api.register();
    const { medicationId, scheduleId } = await onSchedule(person);
    const before = await ofMonth(person);
    expect(before).toHaveLength(31);
    const change = daily(medicationId, {
      version_of: scheduleId,
      starts_on: today(),
      doses: [{ local_time: '21:00', amount: 2 }],
    });
    expect((await created(person, SCHEDULES, change))['id']).toBe(versionId(scheduleId, today()));
    const tomorrow = new Date(clock.now() + 86_400_000).toISOString().slice(0, 10);
    expect(await dosesOf(person, tomorrow)).toMatchObject([{ slot: `${tomorrow}T21:00`, amount: 2 }]);
    expect(await ofMonth(person)).toEqual(before);
    // The first version cannot be changed any more, by REST or by sync, nor can a change begin in the past.
    const plan = daily(medicationId, { doses: [{ local_time: '09:00', amount: 1 }] });
    const patched = await person.patch(`${SCHEDULES}/${scheduleId}`, { doses: plan['doses'] });
    expect([patched.status, patched.body['errors']]).toMatchObject([422, [{ field: 'starts_on' }]]);
    const phone = await new Device(person).ready();
    const target = { kind: 'medication_schedule', id: scheduleId, version: 1 };
    const whole = { ...EMPTY_PLAN, ...plan };
    expect(await phone.push(phone.update(target, whole))).toMatchObject([
      { status: 'rejected', error: { field: 'fields.starts_on', code: 'not-allowed' } },
    ]);
    const past = await person.post(SCHEDULES, { ...change, starts_on: '2026-01-10' });
    expect([past.status, past.body['errors']]).toMatchObject([422, [{ field: 'starts_on' }]]);
    expect(await ofMonth(person)).toEqual(before);
    expect((await person.patch(`${SCHEDULES}/${scheduleId}`, { note: 'x' })).status).toBe(200);
  });

  it('M2 two offline phones that change one schedule for one day write one version, for other days both', async () => {
    const person = await app.api.register();
    const { medicationId, scheduleId } = await onSchedule(person);
    const [a, b] = [await new Device(person).ready(), await new Device(person).ready()];
    const push = (device: Device, day: string, time: string) => {
      const doses = [{ local_time: time, amount: 1 }];
      const fields = daily(medicationId, { version_of: scheduleId, starts_on: day, doses });
      const more = day < '2027' ? { modified_at: `${day}T00:00:00.000Z` } : {};
      return device.push(
        device.create('medication_schedule', fields, { id: versionId(scheduleId, day), ...more }),
      );
    };
    const slots = async (from: string, to: string) =>
      (await dosesOf(person, from, to)).map((dose) => dose['slot'] as string);
    await push(a, '2197-02-10', '09:00');
    expect(await push(b, '2197-02-10', '10:00')).toMatchObject([{ status: 'conflict' }]);
    expect(await push(b, '2197-02-12', '11:00')).toMatchObject([{ status: 'applied' }]);
    expect(await slots('2197-02-09', '2197-02-12')).toEqual([
      '2197-02-09T08:00',
      '2197-02-10T10:00',
      '2197-02-11T10:00',
      '2197-02-12T11:00',
    ]);
    // The day has passed when the phones come back: the first change that arrives counts, and the other phone is told.
    expect(await push(a, '2026-02-10', '09:00')).toMatchObject([{ status: 'applied' }]);
    expect(await push(b, '2026-02-10', '10:00')).toMatchObject([
      { status: 'rejected', error: { field: 'fields.starts_on' } },
    ]);
    expect(await push(b, '2026-02-11', '11:00')).toMatchObject([{ status: 'applied' }]);
    expect(await slots('2026-02-09', '2026-02-11')).toEqual([
      '2026-02-09T08:00',
      '2026-02-10T09:00',
      '2026-02-11T11:00',
    ]);
  });

  it('M2 a floating schedule is on the clock where the person is, with the same ids', async () => {
    const person = await app.api.register({ time_zone: 'Asia/Tokyo' });
    await onSchedule(person, { zone_mode: 'floating' });
    const home = await dosesOf(person, '2026-01-05');
    const away = await dosesOf(person, '2026-01-05', '2026-01-05', '&time_zone=America/New_York');
    expect(home).toMatchObject([{ scheduled_for: '2026-01-04T23:00:00.000Z', time_zone: 'Asia/Tokyo' }]);
    expect(away).toMatchObject([{ scheduled_for: '2026-01-05T13:00:00.000Z', id: home[0]?.['id'] }]);
  });

  it('M2 a deleted medication keeps its intakes, and its name in them', async () => {
    const person = await app.api.register();
    const { medicationId, scheduleId } = await onSchedule(person);
    await tick(person, scheduleId, '2026-01-05T08:00');
    await person.patch(`${MEDICATIONS}/${medicationId}`, { name: 'Other' });
    expect((await person.delete(`${MEDICATIONS}/${medicationId}`)).status).toBe(204);
    const { body } = await person.get(`${DOSES}?from=2026-01-01&to=2026-01-31`);
    expect(body).toMatchObject({ data: [], others: [{ status: 'taken' }] });
    expect(await intakesOf(person)).toMatchObject([{ medication_name: 'Ibuprofen', strength: '400 mg' }]);
  });

  it('shows what is upcoming, due, missed, early and late', async () => {
    const shift = Date.parse(`${today()}T12:00:00Z`) - clock.now();
    clock.advance(shift);
    const person = await app.api.register();
    const doses = ['10:00', '11:30', '12:30', '15:00'].map((local_time) => ({ local_time, amount: 1 }));
    const { scheduleId } = await onSchedule(person, { time_zone: 'UTC', doses, window_before_min: 45 });
    const states = async () => (await dosesOf(person, today())).map(({ state, timing }) => [state, timing]);
    expect(await states()).toEqual([
      ['missed', null],
      ['due', null],
      ['due', null],
      ['upcoming', null],
    ]);
    await tick(person, scheduleId, `${today()}T10:00`);
    await tick(person, scheduleId, `${today()}T12:30`);
    await tick(person, scheduleId, `${today()}T15:00`);
    expect(await states()).toEqual([
      ['taken', 'late'],
      ['due', null],
      ['taken', 'in_time'],
      ['taken', 'early'],
    ]);
    clock.advance(-shift);
  });

  const EMPTY_PLAN = Object.fromEntries(
    [
      'version_of',
      'ends_on',
      'weekdays',
      'every_days',
      'days_on',
      'days_off',
      'month_day',
      'counts_from',
      'interval_hours',
      'interval_start',
      'amount',
      'steps',
      'window_before_min',
      'window_after_min',
    ].map((name) => [name, null]),
  );
  const dose = (time: string) => ({ local_time: time, amount: 1 });

  it.each<[string, string, Wire]>([
    [
      'has a taper without an end',
      'steps.0.days',
      { recurrence: 'taper', doses: null, steps: [{ days: 0, doses: [dose('08:00')] }] },
    ],
    [
      'has a taper with a step that lasts for ever',
      'steps.0.days',
      { recurrence: 'taper', doses: null, steps: [{ doses: [dose('08:00')] }] },
    ],
    ['has a taper without steps', 'steps', { recurrence: 'taper', doses: null }],
    [
      'has an interval of zero hours',
      'interval_hours',
      {
        recurrence: 'interval_hours',
        doses: null,
        interval_hours: 0,
        interval_start: '2026-01-01T00:00:00Z',
        amount: 1,
      },
    ],
    [
      'has an interval without a start',
      'interval_start',
      { recurrence: 'interval_hours', doses: null, interval_hours: 8, amount: 1 },
    ],
    ['has no doses', 'doses', { doses: null }],
    ['has an empty list of doses', 'doses', { doses: [] }],
    ['has two doses at one time', 'doses.1.local_time', { doses: [dose('08:00'), dose('08:00')] }],
    ['has an impossible time', 'doses.0.local_time', { doses: [dose('24:00')] }],
    ['has an amount of nothing', 'doses.0.amount', { doses: [{ local_time: '08:00', amount: 0 }] }],
    ['has weekdays, but is daily', 'weekdays', { weekdays: ['monday'] }],
    ['is of no weekday', 'weekdays', { recurrence: 'weekdays', weekdays: [] }],
    ['is every zero days', 'every_days', { recurrence: 'every_n_days', every_days: 0 }],
    ['is cyclic without a pause', 'days_off', { recurrence: 'cyclic', days_on: 3 }],
    ['is on the 32nd', 'month_day', { recurrence: 'monthly', month_day: 32 }],
    ['ends before it begins', 'ends_on', { ends_on: '2025-12-31' }],
    [
      'counts from a later day',
      'counts_from',
      { recurrence: 'every_n_days', every_days: 2, counts_from: '2026-01-02' },
    ],
    ['has no zone', 'time_zone', { time_zone: 'Berlin' }],
    [
      'is a version under another id',
      'version_of',
      {
        version_of: '019b9500-b1d2-7a3e-9c5f-3b8a6d4e7f20',
        id: '019b9500-b1d2-7a3e-9c5f-3b8a6d4e7f21',
        starts_on: '2199-01-01',
      },
    ],
  ])('M3 a schedule that %s is refused, by REST and by sync', async (_, field, values) => {
    const person = await app.api.register();
    const medicationId = (await created(person, MEDICATIONS, medication()))['id'] as string;
    const { status, body } = await person.post(SCHEDULES, daily(medicationId, values));
    expect([status, body['errors']]).toMatchObject([422, [{ field }]]);
    const phone = await new Device(person).ready();
    const { id: _id, ...fields } = daily(medicationId, values);
    const [result] = await phone.push(phone.create('medication_schedule', fields));
    expect(result).toMatchObject({ status: 'rejected', error: { field: `fields.${field}` } });
    expect((await person.get(SCHEDULES)).body['pagination'].total).toBe(0);
  });

  it.each<[string, string, Wire]>([
    ['is taken without a time', 'taken_at', { taken_at: null }],
    ['is taken without an amount', 'amount', { amount: null }],
    ['was taken the day after tomorrow', 'taken_at', { taken_at: '2199-01-01T00:00:00Z' }],
    ['is skipped, but taken', 'taken_at', { status: 'skipped', amount: null }],
    [
      'is skipped as needed',
      'slot',
      { status: 'skipped', taken_at: null, amount: null, schedule_id: null, slot: null, scheduled_for: null },
    ],
    ['has a schedule without a slot', 'slot', { slot: null }],
    ['has the slot of another day', 'scheduled_for', { scheduled_for: '2026-01-08T08:00:00.000Z' }],
    ['has a slot on no day', 'slot', { slot: '2026-02-31T08:00' }],
    [
      'is put off for ever',
      'snoozed_until',
      { status: 'snoozed', taken_at: null, amount: null, snoozed_until: '2026-02-05T08:00:00Z' },
    ],
  ])('M3 an intake that %s is refused, by REST and by sync', async (_, field, values) => {
    const person = await app.api.register();
    const ids = await onSchedule(person);
    const fields = ticked(ids, '2026-01-05T08:00', values);
    const { status, body } = await person.post(INTAKES, fields);
    expect([status, body['errors']]).toMatchObject([422, [{ field }]]);
    const phone = await new Device(person).ready();
    const id = slotId(ids.scheduleId, fields['slot'] ?? '');
    const [result] = await phone.push(phone.create('medication_intake', fields, { id }));
    expect(result).toMatchObject({ status: 'rejected', error: { field: `fields.${field}` } });
    expect(await intakesOf(person)).toEqual([]);
  });

  it('M3 a dose that nobody expects, and days that are too many, are refused', async () => {
    const person = await app.api.register();
    const { medicationId, scheduleId } = await onSchedule(person);
    const refused = async (answer: Promise<{ status: number; body: Wire }>) => {
      const { status, body } = await answer;
      return [status, (body['errors'] as Wire[] | undefined)?.[0]?.['field']];
    };
    expect(await refused(tick(person, scheduleId, '2026-01-05T09:00'))).toEqual([422, 'slot']);
    expect(await refused(tick(person, scheduleId, '2025-12-31T08:00'))).toEqual([422, 'slot']);
    expect(await refused(tick(person, scheduleId, '2026-13-31T08:00'))).toEqual([422, 'slot']);
    expect(await refused(tick(person, medicationId, '2026-01-05T08:00'))).toEqual([422, 'slot']);
    expect(
      await refused(
        person.put(`${DOSES}/${scheduleId}`, {
          schedule_id: scheduleId,
          slot: '2026-01-05T08:00',
          status: 'taken',
        }),
      ),
    ).toEqual([422, 'slot']);
    expect(await refused(person.get(`${DOSES}?from=2026-01-01&to=2026-06-01`))).toEqual([422, 'to']);
    expect(await refused(person.get(`${DOSES}?from=2026-01-02&to=2026-01-01`))).toEqual([422, 'to']);
    // A tick under another id would be a second row of the dose.
    const phone = await new Device(person).ready();
    const wrong = phone.create('medication_intake', ticked({ medicationId, scheduleId }, '2026-01-05T08:00'));
    expect(await phone.push(wrong)).toMatchObject([{ status: 'rejected', error: { field: 'fields.slot' } }]);
    const hours = Array.from({ length: 24 }, (_, hour) => dose(`${String(hour).padStart(2, '0')}:00`));
    await created(person, SCHEDULES, daily(medicationId, { doses: hours }));
    expect((await person.get(`${DOSES}?from=2026-01-01&to=2026-03-01`)).body['next']).toBe('2026-02-10');
  });

  it.each<[string, Wire]>([
    ['weekdays', { recurrence: 'weekdays', weekdays: ['sunday'] }],
    ['paused', { recurrence: 'paused', doses: null }],
    ['as_needed', { recurrence: 'as_needed', doses: null }],
    ['monthly', { recurrence: 'monthly', month_day: 1 }],
    ['taper', { recurrence: 'taper', doses: null, steps: [{ days: 1, doses: [dose('08:00')] }] }],
  ])('M3 a slot outside of the years of days is refused on a schedule of %s', async (_, values) => {
    const person = await app.api.register();
    const ids = await onSchedule(person, values);
    const phone = await new Device(person).ready();
    for (const slot of ['9999-12-30T08:00', '2200-01-01T08:00', '1899-12-31T08:00', '0000-01-01T08:00:00Z']) {
      const { status, body } = await tick(person, ids.scheduleId, slot);
      expect([status, body['errors']]).toMatchObject([422, [{ field: 'slot' }]]);
      const fields = { ...ticked(ids, '2026-01-05T08:00'), slot };
      const mutation = phone.create('medication_intake', fields, { id: slotId(ids.scheduleId, slot) });
      expect(await phone.push(mutation)).toMatchObject([
        { status: 'rejected', error: { field: 'fields.slot' } },
      ]);
    }
    expect(await intakesOf(person)).toEqual([]);
  });

  it('M4 a carer who may read sees the doses and ticks none; strangers see nothing', async () => {
    const [person, carer, stranger] = [
      await app.api.register(),
      await app.api.register(),
      await app.api.register(),
    ];
    const { scheduleId } = await onSchedule(person);
    const key = await person.post('/api/api-keys', { name: 'reader', scopes: ['medications:read'] });
    const reader = app.api.bearer(key.body['key']);
    expect(await dosesOf(reader, '2026-01-05')).toHaveLength(1);
    expect((await tick(reader, scheduleId, '2026-01-05T08:00')).status).toBe(403);
    for (const other of [carer, stranger]) {
      expect(await dosesOf(other, '2026-01-05')).toEqual([]);
      expect((await tick(other, scheduleId, '2026-01-05T08:00')).status).toBe(422);
      expect(
        (await other.get(`${DOSES}?from=2026-01-05&to=2026-01-05&owner_id=${person.userId}`)).status,
      ).toBe(404);
    }
    expect(await intakesOf(person)).toEqual([]);
  });
});
