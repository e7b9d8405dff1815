import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { slotId, versionId } from '../../../src/modules/health/medications/slot-id.js';
import type { Answer, Api } from '../../support/api.js';
import { TestApp } from '../../support/app.js';
import { fromNow, DAY } from '../../support/clock.js';
import { hasDatabase } from '../../support/database.js';
import { Device, type Wire } from '../../support/sync.js';
import { liveOf } from '../sync/support.js';
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
 * The invariants of what belongs together. Each has tests that try to break it.
 * R1 By REST nothing is stored of a medication or a schedule that the person does not have; by sync it may arrive first.
 * R2 A schedule and all its versions, and an intake, stay with their medication, and its amounts with their unit.
 * R3 What was deleted can be made again, and is then as if it were new.
 */
describe.runIf(hasDatabase())('references of medications', () => {
  let app: TestApp;
  beforeAll(async () => {
    app = await TestApp.start();
  });
  afterAll(() => app.stop());

  const NOBODY = '019b9500-0000-7000-8000-00000000dead';
  const SLOT = '2026-01-05T08:00';
  const DAY_AHEAD = '2197-02-10';
  const refusal = async (answer: Promise<Answer>) => {
    const { status, body } = await answer;
    return [status, (body['errors'] as Wire[] | undefined)?.[0]?.['field']];
  };
  const total = async (person: Api, path: string) => (await person.get(path)).body['pagination'].total;
  const change = (medicationId: string, scheduleId: string, values: Wire = {}) =>
    daily(medicationId, { version_of: scheduleId, starts_on: DAY_AHEAD, ...values });
  const lotOf = (id: string): Wire => ({ medication_id: id, units: 30, added_at: '2026-01-01T00:00:00Z' });
  const another = async (person: Api): Promise<string> =>
    (await created(person, MEDICATIONS, medication()))['id'] as string;

  it('R1 REST stores nothing of an unknown medication, or of one of somebody else', async () => {
    const [person, other] = [await app.api.register(), await app.api.register()];
    const foreign = await onSchedule(other);
    for (const id of [NOBODY, foreign.medicationId]) {
      expect(await refusal(person.post(INTAKES, taken(id, '2026-01-05T08:00:00Z')))).toEqual([
        422,
        'medication_id',
      ]);
      expect(await refusal(person.post(SCHEDULES, daily(id)))).toEqual([422, 'medication_id']);
      expect(await refusal(person.post(LOTS, lotOf(id)))).toEqual([422, 'medication_id']);
    }
    const { medicationId, scheduleId } = await onSchedule(person);
    const dose = { medication_id: medicationId, scheduled_for: `${SLOT}:00Z` };
    for (const id of [NOBODY, foreign.scheduleId]) {
      expect(await refusal(tick(person, id, SLOT, dose))).toEqual([422, 'schedule_id']);
      expect(await refusal(person.post(SCHEDULES, change(medicationId, id)))).toEqual([422, 'version_of']);
    }
    // A deleted medication has intakes, but no new schedules.
    expect((await person.delete(`${MEDICATIONS}/${medicationId}`)).status).toBe(204);
    expect(await refusal(person.post(SCHEDULES, daily(medicationId)))).toEqual([422, 'medication_id']);
    expect((await person.post(INTAKES, taken(medicationId, '2026-01-05T08:00:00Z'))).status).toBe(201);
    expect((await tick(person, scheduleId, SLOT)).status).toBe(200);
    expect([await total(person, SCHEDULES), await total(person, INTAKES)]).toEqual([1, 2]);
  });

  it('R1 by sync, a schedule and an intake may arrive before their medication, and can be edited by REST', async () => {
    const person = await app.api.register();
    const phone = await new Device(person).ready();
    const schedule = phone.create('medication_schedule', daily(NOBODY));
    const intake = phone.create('medication_intake', taken(NOBODY, '2026-01-05T08:00:00.000Z'));
    const lot = phone.create('medication_lot', lotOf(NOBODY));
    const applied = { status: 'applied' };
    expect(await phone.push(schedule, intake, lot)).toMatchObject([applied, applied, applied]);
    expect((await person.patch(`${INTAKES}/${intake['id']}`, { amount: 2 })).status).toBe(200);
    expect((await person.patch(`${SCHEDULES}/${schedule['id']}`, { note: 'x' })).status).toBe(200);
  });

  it('R1 a change of a change, and a tick of one, are refused: its doses would be expected twice', async () => {
    const person = await app.api.register();
    const { medicationId, scheduleId } = await onSchedule(person);
    const version = (await created(person, SCHEDULES, change(medicationId, scheduleId)))['id'] as string;
    const second = change(medicationId, version, { starts_on: '2197-02-12' });
    expect(await refusal(person.post(SCHEDULES, second))).toEqual([422, 'version_of']);
    const phone = await new Device(person).ready();
    const id = versionId(version, '2197-02-12');
    expect(await phone.push(phone.create('medication_schedule', second, { id }))).toMatchObject([
      { status: 'rejected', error: { field: 'fields.version_of' } },
    ]);
    expect(await refusal(person.patch(`${SCHEDULES}/${version}`, { version_of: null }))).toEqual([
      422,
      'version_of',
    ]);
    expect(await dosesOf(person, '2197-02-12')).toHaveLength(1);
    expect(await refusal(tick(person, version, '2197-02-12T08:00'))).toEqual([422, 'slot']);
    const dose = { medication_id: medicationId, scheduled_for: `${SLOT}:00Z` };
    expect(await refusal(tick(person, version, SLOT, dose))).toEqual([422, 'schedule_id']);
  });

  it('R2 a version, an intake and a tick stay with the medication of their schedule', async () => {
    const person = await app.api.register();
    const ids = await onSchedule(person);
    const { medicationId, scheduleId } = ids;
    const other = await another(person);
    const phone = await new Device(person).ready();
    expect(await refusal(person.post(SCHEDULES, change(other, scheduleId)))).toEqual([422, 'medication_id']);
    const id = versionId(scheduleId, DAY_AHEAD);
    const wrong = phone.create('medication_schedule', change(other, scheduleId), { id });
    expect(await phone.push(wrong)).toMatchObject([
      { status: 'rejected', error: { field: 'fields.medication_id' } },
    ]);
    const later = (await created(person, SCHEDULES, daily(medicationId, { starts_on: DAY_AHEAD })))['id'];
    expect(await refusal(person.patch(`${SCHEDULES}/${later}`, { medication_id: other }))).toEqual([
      422,
      'medication_id',
    ]);
    expect(await refusal(person.post(INTAKES, ticked(ids, SLOT, { medication_id: other })))).toEqual([
      422,
      'medication_id',
    ]);
    const intake = await created(person, INTAKES, taken(medicationId, '2026-01-05T08:00:00Z'));
    const path = `${INTAKES}/${intake['id']}`;
    expect(await refusal(person.patch(path, { medication_id: other }))).toEqual([422, 'medication_id']);
    const target = { kind: 'medication_intake', id: intake['id'], version: 1 };
    const none = { schedule_id: null, slot: null, scheduled_for: null, snoozed_until: null, confirmed: null };
    const moved = { ...none, ...taken(other, '2026-01-05T08:00:00.000Z') };
    expect(await phone.push(phone.update(target, moved))).toMatchObject([
      { status: 'rejected', error: { field: 'fields.medication_id' } },
    ]);
    expect((await person.get(path)).body).toEqual(intake);
    // A tick by sync, too, and a lot.
    const slot = '2026-01-07T08:00';
    const strange = ticked({ medicationId: other, scheduleId }, slot);
    const tickOf = (fields: Wire) =>
      phone.push(phone.create('medication_intake', fields, { id: slotId(scheduleId, slot) }));
    expect(await tickOf(strange)).toMatchObject([
      { status: 'rejected', error: { field: 'fields.medication_id' } },
    ]);
    expect(await tickOf(ticked(ids, slot))).toMatchObject([{ status: 'applied' }]);
    const lot = await created(person, LOTS, lotOf(medicationId));
    expect(await refusal(person.patch(`${LOTS}/${lot['id']}`, { medication_id: other }))).toEqual([
      422,
      'medication_id',
    ]);
  });

  it('R2 the unit of a medication does not change, and a limit is written with it', async () => {
    const person = await app.api.register();
    const id = (await created(person, MEDICATIONS, medication({ max_daily_amount: 4 })))['id'] as string;
    const path = `${MEDICATIONS}/${id}`;
    expect(await refusal(person.patch(path, { dose_unit: 'mg' }))).toEqual([422, 'dose_unit']);
    expect((await person.patch(path, { dose_amount: 2, dose_unit: 'tablet' })).body).toMatchObject({
      dose_amount: 2,
      max_daily_amount: 4,
    });
    const phone = await new Device(person).ready();
    const push = async (fields: Wire) => {
      const [result] = await phone.push(phone.update({ kind: 'medication', id, version: 2 }, fields));
      return [result?.['status'], result?.['error']?.field];
    };
    const group = { dose_amount: 400, dose_unit: 'mg', max_daily_amount: 1_200 };
    expect(await push(group)).toEqual(['rejected', 'fields.dose_unit']);
    expect(await push({ max_daily_amount: 1_200 })).toEqual(['rejected', 'fields.dose_amount']);
    expect(await push({ ...group, dose_unit: 'tablet' })).toEqual(['applied', undefined]);
  });

  it('R2 a lot of the future does not count today', async () => {
    const person = await app.api.register();
    const id = await another(person);
    const lot = { medication_id: id, units: 30, added_at: fromNow(2 * DAY) };
    expect(await refusal(person.post(LOTS, lot))).toEqual([422, 'added_at']);
    const phone = await new Device(person).ready();
    expect(await phone.push(phone.create('medication_lot', lot))).toMatchObject([
      { status: 'rejected', error: { field: 'fields.added_at' } },
    ]);
    expect(await total(person, LOTS)).toBe(0);
  });

  it('R3 a deleted version can be made again for its day', async () => {
    const person = await app.api.register();
    const { medicationId, scheduleId } = await onSchedule(person);
    const first = await created(
      person,
      SCHEDULES,
      change(medicationId, scheduleId, { note: 'Old', window_after_min: 30 }),
    );
    expect((await person.delete(`${SCHEDULES}/${first['id']}`)).status).toBe(204);
    const doses = [{ local_time: '21:00', amount: 2 }];
    const again = await created(person, SCHEDULES, change(medicationId, scheduleId, { doses }));
    expect(again).toMatchObject({ id: first['id'], doses, note: null, window_after_min: null, version: 3 });
    expect(await dosesOf(person, DAY_AHEAD)).toMatchObject([{ slot: `${DAY_AHEAD}T21:00`, amount: 2 }]);
    expect((await liveOf(person)).get(again['id'])?.['data']).toMatchObject({ doses, note: null });
    // The same once more is the same version; a live one is not replaced.
    expect(await created(person, SCHEDULES, change(medicationId, scheduleId, { doses }))).toEqual(again);
    expect((await person.post(SCHEDULES, change(medicationId, scheduleId))).status).toBe(409);
  });

  it('R3 a deleted intake of a dose can be made again, without what was said of the first', async () => {
    const person = await app.api.register();
    const ids = await onSchedule(person, { time_zone: 'UTC' });
    const id = slotId(ids.scheduleId, SLOT);
    const said = { note: 'Old', reason: 'Late', site: 'Left', confirmed: true };
    await created(person, INTAKES, ticked(ids, SLOT, said));
    expect((await person.delete(`${INTAKES}/${id}`)).status).toBe(204);
    expect(await created(person, INTAKES, ticked(ids, SLOT, { amount: 2 }))).toMatchObject({
      id,
      amount: 2,
      ...Object.fromEntries(Object.keys(said).map((field) => [field, null])),
    });
    // The id of one as needed is a client's own: a late repetition does not bring it back.
    const own = taken(ids.medicationId, '2026-01-06T08:00:00Z', { id: NOBODY });
    await created(person, INTAKES, own);
    await person.delete(`${INTAKES}/${NOBODY}`);
    expect((await person.post(INTAKES, own)).status).toBe(409);
  });

  it('R2 what arrives before the version that it names changes no dose of another schedule', async () => {
    const person = await app.api.register();
    const [a, b] = [await another(person), await another(person)];
    const phone = await new Device(person).ready();
    const push = (fields: Wire, id?: string) =>
      phone.push(phone.create('medication_schedule', fields, id === undefined ? {} : { id }));
    const slots = async (more = '') =>
      (await dosesOf(person, '2197-02-09', '2197-02-11', more)).map(({ slot, medication_id: of }) => [
        slot,
        of,
      ]);
    const at = (time: string) => ({ doses: [{ local_time: time, amount: 1 }] });
    const first = randomUUID();
    await push(change(b, first, at('09:00')), versionId(first, DAY_AHEAD));
    await push(daily(a, { starts_on: '2197-02-09' }), first);
    const wanted = ['09', '10', '11'].map((day) => [`2197-02-${day}T08:00`, a]);
    expect(await slots()).toEqual(wanted);
    expect([await slots(`&medication_id=${a}`), await slots(`&medication_id=${b}`)]).toEqual([wanted, []]);
    await person.delete(`${MEDICATIONS}/${a}`);
    expect(await slots()).toEqual([]);
    // A change of a change, then the change, then the schedule.
    const root = randomUUID();
    const changed = versionId(root, DAY_AHEAD);
    await push(change(b, changed, at('10:00')), versionId(changed, DAY_AHEAD));
    await push(change(b, root, at('11:00')), changed);
    await push(daily(b, { starts_on: '2197-02-10' }), root);
    expect(await slots()).toEqual([
      ['2197-02-10T11:00', b],
      ['2197-02-11T11:00', b],
    ]);
  });
});
