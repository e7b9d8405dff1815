import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { localDay } from '../../../src/kernel/quantities/local-day.js';
import type { Api } from '../../support/api.js';
import { TestApp } from '../../support/app.js';
import { hasDatabase } from '../../support/database.js';
import { Device, type Wire } from '../../support/sync.js';

/*
 * The invariants of goals. Each has tests that try to break it.
 * G1 The value of a period is that of the area's own summary, whatever changed before.
 * G2 Unknown is not zero: a period without data has no value.
 * G3 A goal is only its person's.
 * G4 What makes no sense is refused, with the field, and changes nothing.
 * G5 Another zone of the profile moves no past period.
 */
const PATH = '/api/goals';
const steps: Wire = {
  name: 'Walk',
  subject: 'metric:steps',
  direction: 'at_least',
  target_min: 1_000,
  unit: 'steps',
  period: 'day',
  start_on: '2026-01-05',
};
const reading = (value: number, day: string, from: string, to: string, source = 'watch'): Wire => ({
  metric: 'steps',
  value,
  unit: 'steps',
  measured_at: `${day}T${from}:00.000Z`,
  ended_at: `${day}T${to}:00.000Z`,
  time_zone: 'UTC',
  source,
});

describe.runIf(hasDatabase())('goals', () => {
  let app: TestApp;
  beforeAll(async () => {
    app = await TestApp.start();
  });
  afterAll(() => app.stop());

  async function goalOf(person: Api, values: Wire = {}): Promise<string> {
    const { status, body } = await person.post(PATH, { ...steps, ...values });
    expect([status, body]).toMatchObject([201, {}]);
    return String(body['id']);
  }
  async function progress(person: Api, id: string, from = '2026-01-05', to = '2026-01-11'): Promise<Wire[]> {
    const { status, body } = await person.get(`${PATH}/${id}/progress?from=${from}&to=${to}`);
    expect([status, body]).toMatchObject([200, {}]);
    return body['data'] as Wire[];
  }
  async function stored(person: Api, path: string, body: Wire): Promise<string> {
    const answer = await person.post(path, body);
    expect([answer.status, answer.body]).toMatchObject([201, {}]);
    return String(answer.body['id']);
  }

  it('G1 counts what two sources share once, and follows an old entry', async () => {
    const person = await app.api.register();
    const id = await goalOf(person);
    const METRICS = '/api/health-metrics';
    await stored(person, METRICS, reading(800, '2026-01-06', '07:00', '08:00'));
    const twice = await stored(person, METRICS, reading(800, '2026-01-06', '07:00', '08:00', 'phone'));
    const statusOfDay = async () => (await progress(person, id))[1];
    expect(await statusOfDay()).toMatchObject({
      start: '2026-01-06',
      value: 800,
      status: 'missed',
      percent: 80,
    });
    await stored(person, METRICS, reading(500, '2026-01-06', '09:00', '10:00'));
    expect(await statusOfDay()).toMatchObject({ value: 1_300, status: 'met' });
    expect((await person.delete(`${METRICS}/steps/${twice}`)).status).toBe(204);
    expect(await statusOfDay()).toMatchObject({ value: 1_300, status: 'met' });
    const { data } = (await person.get(`${METRICS}/steps/summary?from=2026-01-05&to=2026-01-11`)).body;
    expect((await progress(person, id)).filter(({ value }) => value !== null)).toHaveLength(data.length);
  });

  it('G4 keeps subject and unit together in a burst of updates', async () => {
    const person = await app.api.register();
    const id = await goalOf(person);
    const updates = Array.from({ length: 6 }, (_, at) =>
      person.patch(`${PATH}/${id}`, at % 2 === 0 ? { subject: 'sleep', unit: 'min' } : { unit: 'steps' }),
    );
    for (const { status } of await Promise.all(updates)) expect([200, 422]).toContain(status);
    const { subject, unit } = (await person.get(`${PATH}/${id}`)).body;
    expect(['sleep min', 'metric:steps steps']).toContain(`${subject} ${unit}`);
  });

  it('G1 moves a meal from one period to another', async () => {
    const person = await app.api.register();
    const energy = { subject: 'nutrient:energy_kcal', unit: 'kJ', direction: 'at_most', target_max: 2_000 };
    const id = await goalOf(person, { ...energy, target_min: null });
    const items = [{ name: 'Oats', energy_kcal: 100 }, { name: 'Tea' }].map((item) => ({
      quantity: 1,
      unit: 'serving',
      ...item,
    }));
    const meal = { eaten_at: '2026-01-05T12:00:00.000Z', time_zone: 'UTC', meal_type: 'lunch', items };
    const mealId = await stored(person, '/api/meals', meal);
    const [first, second] = await progress(person, id);
    expect(first).toMatchObject({ value: 418.4, is_partial: true, status: 'met' });
    expect(second).toMatchObject({ value: null, is_partial: false, status: 'no_data' });
    const moved = { eaten_at: '2026-01-06T12:00:00.000Z', time_zone: 'UTC' };
    expect((await person.send('PUT', `/api/meals/${mealId}`, moved)).status).toBe(200);
    const [before, after] = await progress(person, id);
    expect([before?.['value'], after?.['value']]).toEqual([null, 418.4]);
  });

  it('G2 has no value without data, also of sleep and adherence', async () => {
    const person = await app.api.register();
    const sleep = await goalOf(person, { subject: 'sleep', unit: 'h', target_min: 7, period: 'week' });
    const taken = await goalOf(person, { subject: 'adherence', unit: '%', target_min: 90, period: 'month' });
    for (const id of [sleep, taken])
      expect(await progress(person, id)).toMatchObject([{ value: null, percent: null, status: 'no_data' }]);
    for (const [day, hours] of [
      ['05', 6],
      ['06', 9],
    ] as const)
      await stored(person, '/api/sleep', {
        ended_at: `2026-01-${day}T06:00:00.000Z`,
        started_at: new Date(Date.parse(`2026-01-${day}T06:00:00Z`) - hours * 3_600_000).toISOString(),
        time_zone: 'UTC',
        source: 'watch',
      });
    expect(await progress(person, sleep)).toMatchObject([{ value: 7.5, status: 'met' }]);
  });

  it('G3 shows a key only what it may read of the area', async () => {
    const person = await app.api.register();
    const today = localDay(new Date(), 'UTC');
    const id = await goalOf(person, { start_on: today });
    await stored(person, '/api/health-metrics', reading(1_200, today, '00:00', '00:01'));
    const keyWith = async (...scopes: string[]): Promise<Api> => {
      const { status, body } = await person.post('/api/api-keys', { name: 'app', scopes });
      expect(status).toBe(201);
      return app.api.bearer(String(body['key']));
    };
    const [narrow, wide] = [await keyWith('goals:read'), await keyWith('goals:read', 'metrics:read')];
    const path = `${PATH}/${id}/progress?from=${today}&to=${today}`;
    const valueOf = async (key: Api): Promise<unknown> => (await key.get(path)).body['data'][0].value;
    expect([await valueOf(narrow), await valueOf(wide)]).toEqual([null, 1_200]);
    const countOf = async (key: Api) => (await key.get(`${PATH}/today`)).body['data'].length as number;
    expect([await countOf(narrow), await countOf(wide)]).toEqual([0, 1]);
  });

  it('G3 is only its person’s', async () => {
    const [ada, eve] = [await app.api.register(), await app.api.register()];
    const id = await goalOf(ada);
    const answers = await Promise.all([
      eve.get(`${PATH}/${id}`),
      eve.get(`${PATH}/${id}/progress?from=2026-01-05&to=2026-01-05`),
      eve.patch(`${PATH}/${id}`, { note: 'mine' }),
      eve.delete(`${PATH}/${id}`),
    ]);
    expect(answers.map(({ status }) => status)).toEqual([404, 404, 404, 404]);
    expect((await eve.get(`${PATH}/today`)).body['data']).toEqual([]);
  });

  it.each([
    [{ subject: 'metric:nothing' }, 'subject'],
    [{ subject: 'metric:blood_pressure' }, 'subject'],
    [{ subject: 'nutrient:toString' }, 'subject'],
    [{ unit: 'kg' }, 'unit'],
    [{ target_min: null }, 'target_min'],
    [{ target_max: 5_000 }, 'target_max'],
    [{ direction: 'between', target_max: 5 }, 'target_max'],
    [{ direction: 'reach' }, 'period'],
    [{ start_value: 3 }, 'start_value'],
    [{ period: 'week', weekdays: ['mon'] }, 'weekdays'],
    [{ due_on: '2026-01-04' }, 'due_on'],
    [{ due_on: '2040-01-04' }, 'due_on'],
  ])('G4 refuses %j', async (values, field) => {
    const person = await app.api.register();
    const refused = await person.post(PATH, { ...steps, ...values });
    expect(refused.status).toBe(422);
    expect(refused.body['errors']).toMatchObject([{ field }]);
    const id = await goalOf(person);
    const patched = await person.patch(`${PATH}/${id}`, values);
    expect([patched.status, patched.body['errors']]).toMatchObject([422, [{ field }]]);
    expect((await person.get(`${PATH}/${id}`)).body).toMatchObject({ ...steps, version: 1 });
  });

  it('G4 refuses too long a period, and has no data for a subject of another version', async () => {
    const person = await app.api.register();
    const id = await goalOf(person);
    const long = await person.get(`${PATH}/${id}/progress?from=2025-01-01&to=2026-01-02`);
    expect([long.status, long.body['errors']]).toMatchObject([422, [{ field: 'to' }]]);
    const phone = await new Device(person).ready();
    const future = phone.create('goal', { ...steps, subject: 'workout_count' });
    await phone.push(future);
    const [unknown] = (await person.get(PATH)).body['data'] as Wire[];
    expect(unknown).toMatchObject({ subject: 'workout_count' });
    const [day] = await progress(person, String(unknown?.['id']));
    expect(day).toMatchObject({ value: null, status: 'no_data' });
    expect((await person.get(`${PATH}/today`)).status).toBe(200);
  });

  it('G5 stays where it is when the person moves', async () => {
    const person = await app.api.register();
    const id = await goalOf(person);
    await stored(person, '/api/health-metrics', reading(1_200, '2026-01-06', '22:00', '23:00'));
    const before = await progress(person, id);
    expect((await person.patch('/api/users/me', { time_zone: 'Pacific/Auckland' })).status).toBe(200);
    expect(await progress(person, id)).toEqual(before);
  });

  it('says where the goals of today stand', async () => {
    const person = await app.api.register();
    const today = localDay(new Date(), 'UTC');
    const weight = {
      subject: 'metric:body_weight',
      direction: 'reduce_to',
      unit: 'lb',
      period: 'total',
      target_min: null,
      target_max: 150,
      start_value: 170,
    };
    await goalOf(person, { ...weight, start_on: '2000-01-01' });
    await goalOf(person, { is_archived: true });
    await goalOf(person, { due_on: '2026-01-05' });
    const at = `${today}T00:00:00.000Z`;
    await stored(person, '/api/health-metrics/weight', { weight_value: 160, unit: 'lb', timestamp: at });
    const { body } = await person.get(`${PATH}/today`);
    expect(body['data']).toMatchObject([
      {
        goal: { subject: 'metric:body_weight', unit: 'lb' },
        current: { start: '2000-01-01', end: null, percent: 50, status: 'open' },
        current_streak: 0,
      },
    ]);
  });
});
