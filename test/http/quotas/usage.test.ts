import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { TestApp } from '../../support/app.js';
import { hasDatabase } from '../../support/database.js';
import { Device, mealFields, weightFields } from '../../support/sync.js';
import { kindNames } from '../sync/support.js';

describe.runIf(hasDatabase())('GET /api/users/me/usage', () => {
  let app: TestApp;
  beforeAll(async () => {
    app = await TestApp.start();
  });
  afterAll(() => app.stop());

  it('lists every quota with its limit and its use', async () => {
    const person = await app.api.register();
    const phone = await new Device(person).ready();
    await phone.push(phone.create('weight', weightFields()), phone.create('meal', mealFields()));
    const { id } = (await person.post('/api/health-metrics/weight', weightFields())).body;
    await person.delete(`/api/health-metrics/weight/${id}`);
    const { status, body } = await person.get('/api/users/me/usage');
    expect(status).toBe(200);
    expect(body['records']).toEqual({ limit: 1_000_000, used: 2, deleted: 1 });
    const limits: Readonly<Record<string, number>> = {
      custom_metric: 200,
      food: 10_000,
      food_favorite: 500,
      goal: 50,
      meal_plan: 200,
      meal_type: 100,
      medication: 500,
      medication_lot: 5_000,
      medication_schedule: 2_000,
      recipe: 2_000,
      source_order: 20,
    };
    const used = (kind: string) => ({ kind, limit: limits[kind] ?? 500_000, used: 0, deleted: 0 });
    expect(body['kinds']).toEqual(
      kindNames.map((kind) => ({
        ...used(kind),
        ...(kind === 'meal' ? { used: 1 } : {}),
        ...(kind === 'weight' ? { used: 1, deleted: 1 } : {}),
      })),
    );
    expect(body['quotas']).toEqual(
      expect.arrayContaining([
        { name: 'api_keys', limit: 50, used: 0 },
        { name: 'devices', limit: 100, used: 1 },
        { name: 'grants', limit: 50, used: 0 },
        { name: 'passkeys', limit: 20, used: 0 },
        { name: 'sessions', limit: 50, used: 1 },
      ]),
    );
  });

  it('reads the same number of statements, however much is stored', async () => {
    const person = await app.api.register();
    const statements = async (): Promise<number> => {
      const rows = vi.spyOn(app.db, 'rows');
      await person.get('/api/users/me/usage');
      const { length } = rows.mock.calls;
      rows.mockRestore();
      return length;
    };
    const before = await statements();
    const phone = await new Device(person).ready();
    await phone.push(...Array.from({ length: 50 }, () => phone.create('weight', weightFields())));
    expect(await statements()).toBe(before);
  });
});
