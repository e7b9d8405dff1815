import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { versionId } from '../../../src/modules/health/medications/slot-id.js';
import type { Api } from '../../support/api.js';
import { TestApp } from '../../support/app.js';
import { DAY, HOUR, TestClock } from '../../support/clock.js';
import { hasDatabase } from '../../support/database.js';
import { chooseSeed, seededRandom } from '../../support/random.js';
import { Device, type Wire } from '../../support/sync.js';
import { created, daily, DOSES, dosesOf, onSchedule, SCHEDULES, tick } from './support.js';

/*
 * The invariants of past doses. Each has tests that try to break it.
 * B1 No change of a schedule changes a dose that was over when the change was made, by REST or by sync, on whatever day it begins.
 * B2 After it was made, a change counts: also today, and also while the phone has no connection.
 * B3 One answer of doses has whole days, and all answers together have every dose once.
 */
describe.runIf(hasDatabase())('past doses', () => {
  let app: TestApp;
  const clock = new TestClock();
  const NOON = Date.parse('2026-03-27T12:00:00Z');
  beforeAll(async () => {
    clock.advance(NOON - Date.now());
    app = await TestApp.start({ override: clock.install });
  });
  afterAll(() => app.stop());

  const TODAY = '2026-03-27';
  const dayOf = (days: number) => new Date(NOON + days * DAY).toISOString().slice(0, 10);
  const at = (...times: string[]) => times.map((local_time) => ({ local_time, amount: 1 }));
  const seen = (doses: readonly Wire[], until: number) =>
    doses
      .filter(({ scheduled_for }) => Date.parse(scheduled_for as string) < until)
      .map(({ id, scheduled_for, amount }) => [id, scheduled_for, amount] as const);
  const slots = async (person: Api, from: string, to = from) =>
    (await dosesOf(person, from, to)).map(({ slot }) => slot as string);
  const change = (ids: { medicationId: string; scheduleId: string }, startsOn: string, values: Wire = {}) =>
    daily(ids.medicationId, { time_zone: 'UTC', version_of: ids.scheduleId, starts_on: startsOn, ...values });
  const phoneOf = (person: Api) => new Device(person).ready();
  const send = (phone: Device, fields: Wire, madeAt: number) =>
    phone.push(
      phone.create('medication_schedule', fields, {
        id: versionId(fields['version_of'], fields['starts_on']),
        modified_at: new Date(madeAt).toISOString(),
      }),
    );

  it('B1 B2 holds for any changes, on any days, by REST and by phones that were offline', async () => {
    const random = seededRandom(chooseSeed());
    const pick = <Item>(items: readonly Item[]): Item => items[Math.floor(random() * items.length)]!;
    const time = () => `${String(Math.floor(random() * 24)).padStart(2, '0')}:00`;
    const plans = (): Wire =>
      pick<() => Wire>([
        () => ({ doses: at(...new Set([time(), time(), time()])) }),
        () => ({ recurrence: 'every_n_days', every_days: 2, doses: at(time()) }),
        () => ({ recurrence: 'paused', doses: null }),
        () => ({
          recurrence: 'interval_hours',
          doses: null,
          interval_hours: pick([6, 8, 36]),
          interval_start: `${dayOf(-9)}T0${Math.floor(random() * 9)}:00:00.000Z`,
          amount: 1,
        }),
      ])();
    for (let round = 0; round < 6; round++) {
      const zone = pick(['UTC', 'Asia/Tokyo', 'America/New_York', 'Europe/Berlin']);
      const mode = { time_zone: zone, zone_mode: pick(['fixed', 'floating']) };
      const person = await app.api.register({ time_zone: zone });
      const ids = await onSchedule(person, { ...mode, starts_on: dayOf(-8), doses: at('08:00', '20:00') });
      const phone = await phoneOf(person);
      const shown = () => dosesOf(person, dayOf(-8), dayOf(4));
      for (let step = 0; step < 12; step++) {
        const before = await shown();
        const madeAt = pick([NOON, NOON - 3 * HOUR, NOON - DAY, NOON - 4 * DAY]);
        const fields = change(ids, dayOf(Math.floor(random() * 8) - 5), { ...mode, ...plans() });
        const isOnline = random() < 0.3;
        if (isOnline) await person.post(SCHEDULES, fields);
        else await send(phone, fields, madeAt);
        const until = isOnline ? NOON : madeAt;
        expect(seen(await shown(), until), JSON.stringify({ fields, isOnline, madeAt })).toEqual(
          seen(before, until),
        );
      }
    }
  });

  it('B1 B2 a change from today leaves the doses of the morning, and counts from now on', async () => {
    const person = await app.api.register();
    const ids = await onSchedule(person, { time_zone: 'UTC', doses: at('08:00', '18:00') });
    await tick(person, ids.scheduleId, `${TODAY}T08:00`, { taken_at: `${TODAY}T08:05:00Z` });
    const stored = await created(person, SCHEDULES, change(ids, TODAY, { doses: at('09:00', '21:00') }));
    expect(Date.parse(stored['counts_at'])).toBeGreaterThanOrEqual(NOON);
    expect(await slots(person, TODAY, dayOf(1))).toEqual([
      `${TODAY}T08:00`,
      `${TODAY}T21:00`,
      `${dayOf(1)}T09:00`,
      `${dayOf(1)}T21:00`,
    ]);
    // On the first day it can still be corrected, but for what is over.
    const path = `${SCHEDULES}/${stored['id']}`;
    expect((await person.patch(path, { doses: at('09:00', '22:00') })).body).toMatchObject({
      counts_at: stored['counts_at'],
    });
    expect((await slots(person, TODAY)).at(-1)).toBe(`${TODAY}T22:00`);
    const first = await person.patch(`${SCHEDULES}/${ids.scheduleId}`, { doses: at('07:00') });
    expect([first.status, first.body['errors']]).toMatchObject([422, [{ field: 'starts_on' }]]);
    // What begins tomorrow is not cut.
    const tomorrow = await created(person, SCHEDULES, change(ids, dayOf(1), { doses: at('00:00') }));
    expect(tomorrow['counts_at']).toBeNull();
    expect(await slots(person, dayOf(1))).toEqual([`${dayOf(1)}T00:00`]);
  });

  it('B1 the plan of today cannot be corrected where a dose is over', async () => {
    const person = await app.api.register();
    const ids = await onSchedule(person, { time_zone: 'UTC', starts_on: TODAY, doses: at('08:00', '18:00') });
    const path = `${SCHEDULES}/${ids.scheduleId}`;
    for (const doses of [
      at('18:00'),
      at('09:00', '18:00'),
      [{ local_time: '08:00', amount: 2 }, ...at('18:00')],
    ]) {
      const { status, body } = await person.patch(path, { doses });
      expect([status, body['errors']]).toMatchObject([422, [{ field: 'starts_on' }]]);
    }
    expect((await person.patch(path, { doses: at('08:00', '19:00') })).status).toBe(200);
    expect(await slots(person, TODAY)).toEqual([`${TODAY}T08:00`, `${TODAY}T19:00`]);
  });

  it('B2 a change that a phone made offline counts from then, and not from the day that it names', async () => {
    const person = await app.api.register();
    const ids = await onSchedule(person, { time_zone: 'UTC', starts_on: dayOf(-9), doses: at('08:00') });
    const phone = await phoneOf(person);
    const madeAt = NOON - 3 * DAY;
    await send(phone, change(ids, dayOf(-6), { doses: at('07:00', '19:00') }), madeAt);
    expect(await slots(person, dayOf(-6), dayOf(-2))).toEqual([
      ...[-6, -5, -4, -3].map((days) => `${dayOf(days)}T08:00`),
      `${dayOf(-3)}T19:00`,
      `${dayOf(-2)}T07:00`,
      `${dayOf(-2)}T19:00`,
    ]);
  });

  it('B3 more doses than one answer holds come in several, each once', async () => {
    const person = await app.api.register();
    const hours = Array.from({ length: 24 }, (_, hour) => `${String(hour).padStart(2, '0')}:00`);
    const ids = await onSchedule(person, { time_zone: 'UTC', starts_on: dayOf(-90), doses: at(...hours) });
    await tick(person, ids.scheduleId, `${dayOf(-1)}T08:00`, { taken_at: `${dayOf(-1)}T08:00:00Z` });
    const found: string[] = [];
    let from: string | null = dayOf(-88);
    let answers = 0;
    while (from) {
      const { status, body }: { status: number; body: Wire } = await person.get(
        `${DOSES}?from=${from}&to=${TODAY}`,
      );
      expect([status, body['others']]).toEqual([200, []]);
      expect(body['data'].length).toBeLessThanOrEqual(1_000);
      found.push(...body['data'].map(({ slot }: Wire) => slot as string));
      from = body['next'];
      answers += 1;
    }
    expect(answers).toBe(3);
    expect(new Set(found).size).toBe(found.length);
    expect(found).toHaveLength(89 * 24);
    expect(found).toEqual(found.toSorted());
  });
});
