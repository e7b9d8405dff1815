import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { slotId } from '../../../src/modules/health/medications/slot-id.js';
import type { Api } from '../../support/api.js';
import { TestApp } from '../../support/app.js';
import { hasDatabase } from '../../support/database.js';
import { chooseSeed, seededRandom } from '../../support/random.js';
import { Device, type Wire } from '../../support/sync.js';
import {
  created,
  daily,
  dosesOf,
  INTAKES,
  LOTS,
  medication,
  MEDICATIONS,
  onSchedule,
  SCHEDULES,
  taken,
  tick,
  ticked,
} from './support.js';

/*
 * The invariants of stock and adherence. Each has tests that try to break it.
 * S1 The stock is what came less what was discarded and taken, after any edits of any devices in any order.
 * S2 A dose takes from the stock once, whoever ticks it, and gives back what is taken back.
 * S3 Adherence counts each expected dose once.
 * S4 A journey, and a correction from another place, change nothing of the past.
 */
describe.runIf(hasDatabase())('stock and adherence', () => {
  let app: TestApp;
  beforeAll(async () => {
    app = await TestApp.start();
  });
  afterAll(() => app.stop());

  const lot = (medicationId: string, values: Wire = {}): Wire => ({
    medication_id: medicationId,
    units: 30,
    added_at: '2026-01-01T00:00:00.000Z',
    ...values,
  });
  const stockOf = async (person: Api, id: string) => (await person.get(`${MEDICATIONS}/${id}/stock`)).body;
  const today = () => new Date().toISOString().slice(0, 10);
  const addDays = (day: string, days: number) =>
    new Date(Date.parse(day) + days * 86_400_000).toISOString().slice(0, 10);

  it('S1 S2 equals a recount after random ticks, edits and deletions of three devices and a carer', async () => {
    const random = seededRandom(chooseSeed());
    const pick = <Item>(items: readonly Item[]): Item => items[Math.floor(random() * items.length)]!;
    const person = await app.api.register();
    const ids = await onSchedule(person, { time_zone: 'UTC' });
    const key = await person.post('/api/api-keys', { name: 'carer', scopes: ['medications:write'] });
    const carer = app.api.bearer(key.body['key']);
    const devices = await Promise.all([1, 2, 3].map(() => new Device(person).ready()));
    await created(person, LOTS, lot(ids.medicationId, { discarded: 2.5 }));
    const slots = Array.from({ length: 6 }, (_, day) => `2026-01-0${day + 2}T08:00`);
    const steps = Array.from({ length: 40 }, () => {
      const [slot, device, amount] = [pick(slots), pick(devices), pick([0.5, 1, 2])];
      const id = slotId(ids.scheduleId, slot);
      return pick<() => Promise<unknown>>([
        () => tick(pick([person, carer]), ids.scheduleId, slot, { amount }),
        () => device.push(device.create('medication_intake', ticked(ids, slot, { amount }), { id })),
        () => person.delete(`${INTAKES}/${id}`),
        () => tick(person, ids.scheduleId, slot, { status: 'skipped' }),
        () => person.post(INTAKES, taken(ids.medicationId, '2026-01-03T12:00:00.000Z', { amount })),
      ]);
    });
    for (let at = 0; at < steps.length; at += 4)
      await Promise.all(steps.slice(at, at + 4).map((step) => step()));
    const { body } = await person.get(`${INTAKES}?limit=500`);
    const intakes = body['data'] as Wire[];
    const scheduled = intakes.filter((one) => one['slot'] !== null);
    expect(new Set(scheduled.map((one) => one['slot'] as string)).size).toBe(scheduled.length);
    const sum = intakes.reduce((all, one) => all + ((one['amount'] as number | null) ?? 0), 0);
    expect(await stockOf(person, ids.medicationId)).toMatchObject({
      units_in: 27.5,
      units_taken: sum,
      units_left: 27.5 - sum,
      counted_since: '2026-01-01T00:00:00.000Z',
    });
  });

  it('S1 counts from the first lot, with decimal amounts, and says when more was taken than came', async () => {
    const [person, other] = [await app.api.register(), await app.api.register()];
    const { id } = await created(person, MEDICATIONS, medication());
    await created(person, INTAKES, taken(id, '2025-12-31T23:59:59.999Z', { amount: 5 }));
    expect(await stockOf(person, id)).toMatchObject({
      units_left: null,
      units_in: 0,
      counted_since: null,
      runs_out_on: null,
    });
    await created(person, LOTS, lot(id, { units: 0.3, expires_on: '2027-01-31' }));
    await created(
      person,
      LOTS,
      lot(id, { units: 1, added_at: '2026-02-01T00:00:00Z', expires_on: '2027-06-30' }),
    );
    for (const hour of ['08', '12', '16'])
      await created(person, INTAKES, taken(id, `2026-01-02T${hour}:00:00Z`, { amount: 0.1 }));
    expect(await stockOf(person, id)).toMatchObject({
      units_left: 1,
      units_taken: 0.3,
      expires_on: '2027-06-30',
    });
    await created(person, INTAKES, taken(id, '2026-01-03T08:00:00Z', { amount: 2 }));
    expect(await stockOf(person, id)).toMatchObject({ units_left: -1 });
    expect((await other.get(`${MEDICATIONS}/${id}/stock`)).status).toBe(404);
    const { status, body } = await person.post(LOTS, lot(id, { discarded: 31 }));
    expect([status, body['errors']]).toMatchObject([422, [{ field: 'discarded' }]]);
  });

  it('S1 says on which day the first dose is not covered, and when to refill', async () => {
    const person = await app.api.register();
    const start = addDays(today(), 1);
    const { medicationId } = await onSchedule(
      person,
      { starts_on: start, time_zone: 'UTC', doses: [{ local_time: '12:00', amount: 2 }] },
      { refill_lead_days: 3 },
    );
    await created(person, LOTS, lot(medicationId, { units: 21 }));
    // Ten days are covered; on the eleventh one unit is missing.
    expect(await stockOf(person, medicationId)).toMatchObject({
      units_left: 21,
      runs_out_on: addDays(start, 10),
      days_left: 11,
      refill_by: addDays(start, 7),
    });
    await tick(person, (await person.get(SCHEDULES)).body['data'][0].id as string, `${start}T12:00`);
    expect(await stockOf(person, medicationId)).toMatchObject({
      units_left: 19,
      runs_out_on: addDays(start, 10),
    });
  });

  it('S1 says what is left of a medication with the most doses, and when it runs out', async () => {
    const person = await app.api.register();
    const doses = Array.from({ length: 24 }, (_, hour) => ({
      local_time: `${String(hour).padStart(2, '0')}:00`,
      amount: 1,
    }));
    const values = { starts_on: addDays(today(), 2), time_zone: 'UTC', doses };
    const { medicationId } = await onSchedule(person, values);
    for (let more = 0; more < 2; more++) await created(person, SCHEDULES, daily(medicationId, values));
    await created(person, LOTS, lot(medicationId, { units: 100 }));
    expect(await stockOf(person, medicationId)).toMatchObject({
      units_left: 100,
      runs_out_on: addDays(today(), 3),
    });
    // What lasts for longer than a year has no such day.
    for (let more = 0; more < 3; more++) await created(person, LOTS, lot(medicationId, { units: 10_000 }));
    expect(await stockOf(person, medicationId)).toMatchObject({ units_left: 30_100, runs_out_on: null });
  });

  it('S3 counts what was in time, late, skipped and missed, and no dose as needed', async () => {
    const person = await app.api.register();
    const { medicationId, scheduleId } = await onSchedule(person, {
      time_zone: 'UTC',
      ends_on: '2026-01-05',
    });
    const at = (day: number, time: string) => ({ taken_at: `2026-01-0${day}T${time}:00Z` });
    await tick(person, scheduleId, '2026-01-01T08:00', at(1, '08:59'));
    await tick(person, scheduleId, '2026-01-02T08:00', at(2, '10:00'));
    await tick(person, scheduleId, '2026-01-03T08:00', at(3, '06:00'));
    await tick(person, scheduleId, '2026-01-04T08:00', { status: 'skipped' });
    await created(person, INTAKES, taken(medicationId, '2026-01-02T15:00:00Z'));
    const path = `${MEDICATIONS}/adherence?from=2026-01-01&to=2026-01-31`;
    expect((await person.get(path)).body['data']).toEqual([
      {
        medication_id: medicationId,
        medication_name: 'Ibuprofen',
        expected: 5,
        in_time: 1,
        late: 1,
        early: 1,
        skipped: 1,
        missed: 1,
        adherence: 0.2,
      },
    ]);
    const long = await person.get(`${MEDICATIONS}/adherence?from=2026-01-01&to=2027-01-02`);
    expect([long.status, long.body['errors']]).toMatchObject([422, [{ field: 'to' }]]);
    const other = await app.api.register();
    expect((await other.get(path)).body['data']).toEqual([]);
  });

  it('S4 a journey and a correction from another place change nothing of doses that were ticked', async () => {
    const person = await app.api.register({ time_zone: 'Europe/Vienna' });
    const { scheduleId } = await onSchedule(person, { zone_mode: 'floating', ends_on: '2026-01-20' });
    for (let day = 1; day <= 20; day++) {
      const date = `2026-01-${String(day).padStart(2, '0')}`;
      await tick(person, scheduleId, `${date}T08:00`, { taken_at: `${date}T07:05:00Z` });
    }
    const adherence = async () =>
      (await person.get(`${MEDICATIONS}/adherence?from=2026-01-01&to=2026-01-31`)).body['data'] as Wire[];
    const doses = (zone = '') => dosesOf(person, '2026-01-01', '2026-01-31', zone);
    const [before, shown] = [await adherence(), await doses()];
    expect(before).toMatchObject([{ expected: 20, in_time: 20, adherence: 1 }]);
    await person.patch('/api/users/me', { time_zone: 'America/New_York' });
    expect([await adherence(), await doses(), await doses('&time_zone=Asia/Tokyo')]).toEqual([
      before,
      shown,
      shown,
    ]);
    const first = { version: 1, taken_at: '2026-01-01T07:05:00Z', note: 'x' };
    const corrected = await tick(person, scheduleId, '2026-01-01T08:00', {
      ...first,
      time_zone: 'America/New_York',
    });
    expect(corrected.body).toMatchObject({ note: 'x', scheduled_for: '2026-01-01T07:00:00.000Z' });
    expect(await adherence()).toEqual(before);
  });

  it('reports medications with a common ingredient, unless one is archived', async () => {
    const person = await app.api.register();
    const code = 'rxnorm:5640';
    const [a, b] = [
      await created(person, MEDICATIONS, medication({ ingredient_codes: [code, 'rxnorm:1'] })),
      await created(person, MEDICATIONS, medication({ ingredient_codes: [code, 'rxnorm:2'] })),
    ];
    await created(person, SCHEDULES, daily(a['id']));
    const duplicates = async () => (await person.get(`${MEDICATIONS}/duplicates`)).body['data'] as Wire[];
    expect(await duplicates()).toEqual([
      { ingredient_code: code, medication_ids: [a['id'], b['id']].toSorted() },
    ]);
    await person.patch(`${MEDICATIONS}/${b['id']}`, { is_archived: true });
    expect(await duplicates()).toEqual([]);
  });
});
