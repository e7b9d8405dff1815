import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Api } from '../../support/api.js';
import { TestApp } from '../../support/app.js';
import { TestClock } from '../../support/clock.js';
import { hasDatabase } from '../../support/database.js';
import { Device, type Wire } from '../../support/sync.js';
import { liveOf, problemOf } from '../sync/support.js';
import { created, INTAKES, medication, MEDICATIONS, onSchedule, taken, tick } from './support.js';

/*
 * The invariants of limits. Each has tests that try to break it.
 * L1 REST stores no dose beyond a limit that nobody confirmed, however many come at once and by whatever route.
 * L2 What was taken offline is stored, and a limit that was passed is shown on every device until a person confirms it.
 * L3 What is confirmed stays confirmed, and no edit passes a limit in silence.
 */
describe.runIf(hasDatabase())('limits of doses', () => {
  let app: TestApp;
  const clock = new TestClock();
  beforeAll(async () => {
    clock.advance(Date.parse('2026-01-05T08:15:00Z') - Date.now());
    app = await TestApp.start({ override: clock.install });
  });
  afterAll(() => app.stop());

  const limited = async (person: Api, limits: Wire): Promise<string> =>
    (await created(person, MEDICATIONS, medication(limits)))['id'] as string;
  /** The fields of the group of a dose that one as needed does not have. */
  const EMPTY = { schedule_id: null, slot: null, scheduled_for: null, snoozed_until: null };
  const take = (person: Api, id: string, at: string, values: Wire = {}) =>
    person.post(INTAKES, taken(id, `2026-01-05T${at}:00.000Z`, values));
  const count = async (person: Api) => (await person.get(INTAKES)).body['pagination'].total as number;

  it('L1 of a burst of twenty doses of at most four, four are stored', async () => {
    const person = await app.api.register();
    const id = await limited(person, { max_daily_amount: 4 });
    const burst = await Promise.all(
      Array.from({ length: 20 }, (_, minute) => take(person, id, `08:${String(minute + 10)}`)),
    );
    const statuses = burst.map(({ status }) => status).toSorted();
    expect(statuses).toEqual([
      ...Array.from({ length: 4 }, () => 201),
      ...Array.from({ length: 16 }, () => 409),
    ]);
    expect(await count(person)).toBe(4);
    const refused = burst.find(({ status }) => status === 409)!;
    expect(problemOf(refused)).toBe('dose-limit');
    expect(refused.body['alerts']).toEqual(['over_daily_limit']);
    const next = refused.body['next_safe_at'] as string;
    const early = new Date(Date.parse(next) - 1).toISOString();
    expect((await person.post(INTAKES, taken(id, early))).status).toBe(409);
    expect((await person.post(INTAKES, taken(id, next))).status).toBe(201);
  });

  it('L1 answers when the next dose is safe, and stores what is confirmed', async () => {
    const person = await app.api.register();
    const id = await limited(person, { max_daily_amount: 3, min_interval_min: 240 });
    expect((await take(person, id, '08:00')).status).toBe(201);
    const early = await take(person, id, '11:59');
    expect([early.status, early.body]).toMatchObject([
      409,
      { alerts: ['too_soon'], next_safe_at: '2026-01-05T12:00:00.000Z' },
    ]);
    const most = await take(person, id, '12:00', { amount: 3 });
    expect(most.body).toMatchObject({
      alerts: ['over_daily_limit'],
      next_safe_at: '2026-01-06T08:00:00.000Z',
    });
    const never = await take(person, id, '12:00', { amount: 3.5 });
    expect(never.body).toMatchObject({ alerts: ['over_daily_limit'], next_safe_at: null });
    const confirmed = await take(person, id, '12:00', { amount: 3, confirmed: true });
    expect([confirmed.status, confirmed.body]).toMatchObject([
      201,
      { alerts: ['over_daily_limit'], confirmed: true },
    ]);
    // A repeated request is the same dose, and not another one.
    const own = taken(id, '2026-01-02T08:00:00.000Z', { id: '01934b5e-0000-7000-8000-000000000001' });
    for (let round = 0; round < 2; round++) expect((await person.post(INTAKES, own)).status).toBe(201);
  });

  it('L1 the next safe time is not in the past, and a dose that is entered later counts for it', async () => {
    const person = await app.api.register();
    const id = await limited(person, { min_interval_min: 240 });
    await take(person, id, '07:00');
    const next = async (at: string, values: Wire = {}) =>
      (await take(person, id, at, values)).body['next_safe_at'];
    // Earlier than the stored dose: that one decides. Later: the new one does.
    expect(await next('06:30')).toBe('2026-01-05T11:00:00.000Z');
    expect(await next('07:30')).toBe('2026-01-05T11:30:00.000Z');
    // It was about to be taken, and was not.
    expect(await next('08:10')).toBe('2026-01-05T11:00:00.000Z');
    // A dose of last month that breaks a limit says nothing about an instant of last month.
    expect((await person.post(INTAKES, taken(id, '2025-12-01T08:00:00Z'))).status).toBe(201);
    const late = await person.post(INTAKES, taken(id, '2025-12-01T09:00:00Z'));
    expect(late.body).toMatchObject({ alerts: ['too_soon'], next_safe_at: '2026-01-05T11:00:00.000Z' });
    // All doses between now and then are seen, however many there are.
    for (const hour of [12, 16, 20]) expect((await take(person, id, `${hour}:00`)).status).toBe(201);
    expect(await next('11:00')).toBe('2026-01-06T00:00:00.000Z');
  });

  it('L1 L3 a tick, an edit and a dose that is entered later are held to the limit, too', async () => {
    const person = await app.api.register();
    const { medicationId, scheduleId } = await onSchedule(
      person,
      { time_zone: 'UTC' },
      { max_daily_amount: 2, min_interval_min: 60 },
    );
    const stored = await created(person, INTAKES, taken(medicationId, '2026-01-05T07:30:00.000Z'));
    const at = { taken_at: '2026-01-05T08:00:00.000Z' };
    const refused = await tick(person, scheduleId, '2026-01-05T08:00', at);
    expect([refused.status, refused.body]).toMatchObject([409, { alerts: ['too_soon'] }]);
    expect(
      (await tick(person, scheduleId, '2026-01-05T08:00', { ...at, confirmed: true })).body,
    ).toMatchObject({
      alerts: ['too_soon'],
      confirmed: true,
    });
    const path = `${INTAKES}/${stored['id']}`;
    expect(problemOf(await person.patch(path, { amount: 2 }))).toBe('dose-limit');
    expect(problemOf(await person.patch(path, { taken_at: '2026-01-05T08:01:00Z' }))).toBe('dose-limit');
    // A confirmation is for one dose, and not for a larger one.
    const ticked = `${INTAKES}/${(await person.get(`${INTAKES}?alerts=false`)).body['data'][0].id}`;
    expect(problemOf(await person.patch(ticked, { amount: 3 }))).toBe('dose-limit');
    expect((await person.patch(ticked, { amount: 0.5, confirmed: true })).body).toMatchObject({
      alerts: ['too_soon'],
    });
    // Its own note can be changed all the same.
    expect((await person.patch(path, { note: 'x' })).status).toBe(200);
    expect(problemOf(await person.post(INTAKES, taken(medicationId, '2026-01-04T20:00:00Z')))).toBe(
      'dose-limit',
    );
    expect(await count(person)).toBe(2);
  });

  it('L2 what two offline phones took is stored, and shown on both until a person confirms it', async () => {
    const person = await app.api.register();
    const id = await limited(person, { max_daily_amount: 4, min_interval_min: 240 });
    const [a, b] = [await new Device(person).ready(), await new Device(person).ready()];
    const doses = (device: Device, ...times: string[]) =>
      times.map((time) => device.create('medication_intake', taken(id, `2026-01-05T${time}:00.000Z`)));
    expect(await a.push(...doses(a, '08:00', '12:00', '16:00'))).toMatchObject([
      { status: 'applied' },
      { status: 'applied' },
      { status: 'applied' },
    ]);
    const late = doses(b, '09:00', '20:00', '21:00');
    expect((await b.push(...late)).map(({ status }) => status as string)).toEqual([
      'applied',
      'applied',
      'applied',
    ]);
    const live = await liveOf(person);
    expect(late.map((one) => live.get(one['id'])?.['data'].alerts)).toEqual([
      ['over_daily_limit', 'too_soon'],
      ['over_daily_limit', 'too_soon'],
      ['over_daily_limit', 'too_soon'],
    ]);
    const open = async () =>
      ((await person.get(`${INTAKES}?alerts=true`)).body['data'] as Wire[]).map((one) => one['id'] as string);
    expect((await open()).toSorted()).toEqual(late.map((one) => one['id'] as string).toSorted());
    expect(
      await a.push(
        ...late.map((one) =>
          a.update({ ...one, version: 1 }, { ...EMPTY, ...one['fields'], confirmed: true }),
        ),
      ),
    ).toMatchObject([{ status: 'applied' }, { status: 'applied' }, { status: 'applied' }]);
    expect(await open()).toEqual([]);
    expect((await liveOf(person)).get(late[0]?.['id'])?.['data']).toMatchObject({
      confirmed: true,
      alerts: ['over_daily_limit', 'too_soon'],
    });
    // The medication with its limit may come in the same push, and doses beyond it are seen beside each other.
    const fresh = a.create('medication', medication({ max_daily_amount: 1 }));
    const two = ['08:00', '09:00'].map((time) =>
      a.create('medication_intake', taken(fresh['id'], `2026-01-05T${time}:00.000Z`)),
    );
    await a.push(fresh, ...two);
    const after = await liveOf(person);
    expect(two.map((one) => after.get(one['id'])?.['data'])).toMatchObject([
      { alerts: ['over_daily_limit'], medication_name: 'Ibuprofen' },
      { alerts: ['over_daily_limit'], medication_name: 'Ibuprofen' },
    ]);
  });

  it('L3 a dose that was taken back is not confirmed any more', async () => {
    const person = await app.api.register();
    const { medicationId, scheduleId } = await onSchedule(
      person,
      { time_zone: 'UTC' },
      { min_interval_min: 60 },
    );
    await take(person, medicationId, '07:30');
    const at = { taken_at: '2026-01-05T08:00:00.000Z' };
    const again = (values: Wire = {}) => tick(person, scheduleId, '2026-01-05T08:00', { ...at, ...values });
    const first = await again({ confirmed: true, note: 'x', reason: 'y', site: 'z' });
    expect(first.status).toBe(200);
    expect((await person.delete(`${INTAKES}/${first.body['id']}`)).status).toBe(204);
    expect(problemOf(await again())).toBe('dose-limit');
    expect((await again({ status: 'skipped', taken_at: undefined })).body).toMatchObject({
      confirmed: null,
      note: null,
      reason: null,
      site: null,
    });
    expect(problemOf(await again())).toBe('dose-limit');
  });

  it('L2 an intake that comes before its medication in one push is held to its limits', async () => {
    const person = await app.api.register();
    const phone = await new Device(person).ready();
    const fresh = phone.create('medication', medication({ max_daily_amount: 1 }));
    const dose = phone.create(
      'medication_intake',
      taken(fresh['id'], '2026-01-05T08:00:00.000Z', { amount: 2 }),
    );
    expect(await phone.push(dose, fresh)).toMatchObject([{ status: 'applied' }, { status: 'applied' }]);
    expect((await liveOf(person)).get(dose['id'])?.['data']).toMatchObject({
      alerts: ['over_daily_limit'],
      medication_name: 'Ibuprofen',
    });
  });

  it('L2 intakes that come in earlier pushes than their medication are held to its limits', async () => {
    const person = await app.api.register();
    const [a, b] = [await new Device(person).ready(), await new Device(person).ready()];
    const c = await new Device(person).ready();
    const fresh = c.create('medication', medication({ max_daily_amount: 2, strength: null }));
    const dose = (device: Device, time: string, values: Wire = {}) =>
      device.create('medication_intake', taken(fresh['id'], `2026-01-05T${time}:00.000Z`, values));
    const early = [dose(a, '08:00'), dose(a, '09:00'), dose(a, '10:00')];
    await a.push(...early);
    const other = dose(b, '10:00', { medication_id: randomUUID() });
    await b.push(other, dose(b, '23:00'));
    expect((await person.get(`${INTAKES}?alerts=true`)).body['data']).toEqual([]);
    const before = await liveOf(person);
    const [result] = await c.push(fresh, dose(c, '11:00'));
    expect(result).toMatchObject({ status: 'applied' });
    const live = await liveOf(person);
    for (const { id } of early)
      expect([live.get(id as string), before.get(id as string)]).toMatchObject([
        {
          version: 2,
          data: { alerts: ['over_daily_limit'], medication_name: 'Ibuprofen', dose_unit: 'tablet' },
        },
        { version: 1, data: { alerts: [], medication_name: null } },
      ]);
    expect((await person.get(`${INTAKES}?alerts=true`)).body['data']).toHaveLength(5);
    expect(live.get(other['id'] as string)).toEqual(before.get(other['id'] as string));
    // Nobody has edited it meanwhile: an edit of the first version is no conflict.
    expect(await a.push(a.update({ ...early[0], version: 1 }, { note: 'x' }))).toMatchObject([
      { status: 'applied', version: 3 },
    ]);
    // Its name is that of the day on which it was taken, whatever is edited.
    await person.patch(`${MEDICATIONS}/${fresh['id']}`, { name: 'Other', strength: '800 mg' });
    const path = `${INTAKES}/${early[1]?.['id']}`;
    expect((await person.patch(path, { note: 'y' })).body).toMatchObject({
      medication_name: 'Ibuprofen',
      strength: null,
      alerts: ['over_daily_limit'],
    });
  });

  it('L3 only an edit of the dose opens its limits again', async () => {
    const person = await app.api.register();
    const id = await limited(person, { max_daily_amount: 1 });
    const first = await created(person, INTAKES, taken(id, '2026-01-05T08:00:00.000Z'));
    const second = await take(person, id, '09:00', { confirmed: true });
    expect(second.body).toMatchObject({ alerts: ['over_daily_limit'], confirmed: true });
    const path = `${INTAKES}/${first['id']}`;
    expect((await person.patch(path, { note: 'x' })).body).toMatchObject({ alerts: [] });
    const phone = await new Device(person).ready();
    const target = { kind: 'medication_intake', id: first['id'], version: 2 };
    await phone.push(phone.update(target, { note: 'y' }));
    expect((await person.get(path)).body).toMatchObject({ note: 'y', alerts: [] });
    expect((await person.get(`${INTAKES}?alerts=true`)).body['data']).toEqual([]);
    // The dose, and then its note, in one push: the limits are those of the new dose.
    const larger = { ...EMPTY, ...taken(id, '2026-01-05T08:00:00.000Z', { amount: 2 }), confirmed: null };
    await phone.push(
      phone.update({ ...target, version: 3 }, larger),
      phone.update({ ...target, version: 4 }, { note: 'z' }),
    );
    expect((await person.get(path)).body).toMatchObject({ note: 'z', alerts: ['over_daily_limit'] });
    // A deleted dose that an edit of its note restores counts anew.
    await person.delete(path);
    await phone.push(phone.update({ ...target, version: 6 }, { note: 'back' }));
    expect((await person.get(path)).body).toMatchObject({ note: 'back', alerts: ['over_daily_limit'] });
  });

  it('L1 the doses of one person and of one medication do not count for another', async () => {
    const [person, other] = [await app.api.register(), await app.api.register()];
    const id = await limited(person, { max_daily_amount: 1 });
    await take(person, id, '08:00');
    const own = await limited(other, { max_daily_amount: 1 });
    expect((await take(other, own, '08:00')).status).toBe(201);
    expect((await take(person, await limited(person, { max_daily_amount: 1 }), '08:00')).status).toBe(201);
    const deleted = (await person.get(INTAKES)).body['data'] as Wire[];
    for (const one of deleted) await person.delete(`${INTAKES}/${one['id']}`);
    expect((await take(person, id, '08:30')).status).toBe(201);
  });
});
