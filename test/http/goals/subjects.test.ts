import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { localDay } from '../../../src/kernel/quantities/local-day.js';
import { addDays } from '../../../src/kernel/quantities/local-time.js';
import { NUTRIENTS } from '../../../src/modules/nutrition/foods/nutrients.js';
import { MealsRepository } from '../../../src/modules/nutrition/meals/meals.repository.js';
import type { Api } from '../../support/api.js';
import { TestApp } from '../../support/app.js';
import { hasDatabase } from '../../support/database.js';
import { keepingNothing } from '../../support/goals.js';
import { Device, type Wire } from '../../support/sync.js';
import { created, medication, MEDICATIONS } from '../medications/support.js';

/*
 * What goals count.
 * S1 A goal counts whatever meals sum, water, and a person's own kinds; a nutrient says of how many items it is known.
 * S2 Nobody has a goal of another person's kind, and a kind that is deleted takes no other goal away.
 * S3 A goal that has too much data takes no other goal away.
 * S4 Goals that need the same records read them once.
 */
const PATH = '/api/goals';
const DAY = '2026-01-06';
const goal = (values: Wire): Wire => ({
  name: 'A goal',
  direction: 'at_least',
  target_min: 10,
  period: 'day',
  start_on: '2026-01-05',
  ...values,
});
const item = (name: string, values: Wire = {}): Wire => ({ name, quantity: 1, unit: 'serving', ...values });
const meal = (items: readonly Wire[], eatenAt = `${DAY}T12:00:00.000Z`): Wire => ({
  eaten_at: eatenAt,
  time_zone: 'UTC',
  meal_type: 'lunch',
  items,
});

describe.runIf(hasDatabase())('what goals count', () => {
  let app: TestApp;
  beforeAll(async () => {
    app = await TestApp.start({ override: keepingNothing });
  });
  afterAll(() => app.stop());

  async function dayOf(person: Api, values: Wire): Promise<Wire> {
    const { id } = await created(person, PATH, goal(values));
    const { status, body } = await person.get(`${PATH}/${String(id)}/progress?from=${DAY}&to=${DAY}`);
    expect([status, body]).toMatchObject([200, {}]);
    return body['data'][0] as Wire;
  }

  it('S1 counts every nutrient that meals sum', async () => {
    const person = await app.api.register();
    const own = new Set(['energy_kcal', 'protein_g', 'carbs_g', 'fat_g']);
    const keys = NUTRIENTS.map(({ key }) => key).filter((key) => key !== 'energy_kj');
    const entries = keys.map((key, index) => [key, index + 1] as const);
    const others = entries.filter(([key]) => !own.has(key));
    const macros = entries.filter(([key]) => own.has(key));
    await created(
      person,
      '/api/meals',
      meal([
        item('All', { ...Object.fromEntries(macros), nutrients: Object.fromEntries(others) }),
        item('Nothing known'),
      ]),
    );
    for (const [key, value] of entries) {
      const unit = NUTRIENTS.find((one) => one.key === key)!.unit;
      expect(await dayOf(person, { subject: `nutrient:${key}`, unit }), key).toMatchObject({
        value,
        is_partial: true,
        coverage: { known: 1, total: 2 },
      });
    }
    const inGrams = { subject: 'nutrient:sodium_mg', unit: 'g', target_min: 0.001 };
    expect(await dayOf(person, inGrams)).toMatchObject({ value: (keys.indexOf('sodium_mg') + 1) / 1_000 });
    const refused = await person.post(PATH, goal({ subject: 'nutrient:energy_kj', unit: 'kJ' }));
    expect([refused.status, refused.body['errors']]).toMatchObject([422, [{ field: 'subject' }]]);
  });

  it('S1 says that items were eaten of which nothing is known', async () => {
    const person = await app.api.register();
    await created(person, '/api/meals', meal([item('Soup'), item('Bread')]));
    for (const subject of ['nutrient:fiber_g', 'nutrient:fat_g'])
      expect(await dayOf(person, { subject, unit: 'g' })).toMatchObject({
        value: null,
        is_partial: true,
        coverage: { known: 0, total: 2 },
        status: 'no_data',
      });
  });

  it('S1 counts water', async () => {
    const person = await app.api.register();
    const drunk = { metric: 'water_intake', unit: 'mL', value: 250, source: 'manual', time_zone: 'UTC' };
    for (const at of ['08:00', '13:00'])
      await created(person, '/api/health-metrics', { ...drunk, measured_at: `${DAY}T${at}:00.000Z` });
    expect(
      await dayOf(person, { subject: 'metric:water_intake', unit: 'mL', target_min: 500 }),
    ).toMatchObject({ value: 500, status: 'met', coverage: null });
  });

  it('S2 counts a person’s own kind until it is deleted or has another unit', async () => {
    const [person, eve] = [await app.api.register(), await app.api.register()];
    const kind = { name: 'Pages', unit: 'pages', roll_up: 'sum', value_range: null };
    const { id } = await created(person, '/api/custom-metrics', kind);
    const subject = `metric:custom:${String(id)}`;
    const read = { metric: `custom:${String(id)}`, unit: 'pages', source: 'manual', time_zone: 'UTC' };
    await created(person, '/api/health-metrics', { ...read, value: 12, measured_at: `${DAY}T08:00:00.000Z` });
    expect(await dayOf(person, { subject, unit: 'pages' })).toMatchObject({ value: 12, status: 'met' });
    const refused = await eve.post(PATH, goal({ subject, unit: 'pages' }));
    expect([refused.status, refused.body['errors']]).toMatchObject([422, [{ field: 'subject' }]]);
    await created(person, PATH, goal({ subject: 'metric:steps', unit: 'steps' }));
    const unavailable = async (): Promise<unknown[]> => {
      const { status, body } = await person.get(`${PATH}/today`);
      expect(status).toBe(200);
      return (body['data'] as Wire[]).map((one) => one['unavailable'] as unknown);
    };
    expect(await unavailable()).toEqual([null, null]);
    const path = `/api/custom-metrics/${String(id)}`;
    expect((await person.patch(path, { unit: 'books' })).status).toBe(200);
    expect(await unavailable()).toEqual([null, 'unit']);
    expect((await person.delete(path)).status).toBe(204);
    expect(await unavailable()).toEqual([null, 'subject']);
  });

  it('S3 shows all goals of today although one has more doses than one request computes', async () => {
    const person = await app.api.register();
    const today = localDay(new Date(), 'UTC');
    const medicationId = String((await created(person, MEDICATIONS, medication()))['id']);
    const phone = await new Device(person).ready();
    const hours = Array.from({ length: 24 }, (_, hour) => `${String(hour).padStart(2, '0')}:00`);
    const schedule = {
      medication_id: medicationId,
      recurrence: 'daily',
      starts_on: addDays(today, -91),
      zone_mode: 'floating',
      time_zone: 'UTC',
      doses: hours.map((local_time) => ({ local_time, amount: 1 })),
    };
    const results = await phone.push(
      ...Array.from({ length: 10 }, () => phone.create('medication_schedule', schedule)),
    );
    expect(results).toHaveLength(10);
    const starts = { start_on: addDays(today, -91), target_min: 90 };
    const adherence = { subject: 'adherence', unit: '%', period: 'total', ...starts };
    await created(person, PATH, goal(adherence));
    await created(person, PATH, goal({ subject: 'metric:steps', unit: 'steps', ...starts }));
    const answer = await person.get(`${PATH}/today`);
    expect([answer.status, answer.body['data']]).toMatchObject([
      200,
      [
        { goal: { subject: 'metric:steps' } },
        { goal: { subject: 'adherence' }, current: { value: 0, is_partial: false } },
      ],
    ]);
  });

  it('S4 reads the meals of several nutrients once', async () => {
    const person = await app.api.register();
    const today = localDay(new Date(), 'UTC');
    for (const key of ['energy_kcal', 'protein_g', 'carbs_g', 'fat_g', 'fiber_g'])
      await created(
        person,
        PATH,
        goal({ subject: `nutrient:${key}`, unit: key.endsWith('_g') ? 'g' : 'kcal', start_on: today }),
      );
    const totals = vi.spyOn(MealsRepository.prototype, 'totals');
    try {
      const { status, body } = await person.get(`${PATH}/today`);
      expect([status, body['data']]).toMatchObject([200, { length: 5 }]);
      // Other applications of this process may keep goals of other people at the same time.
      const readers = totals.mock.contexts as MealsRepository[];
      const own = readers.filter((one) => one['owner'].id === person.userId);
      expect(own).toHaveLength(1);
    } finally {
      totals.mockRestore();
    }
  });
});
