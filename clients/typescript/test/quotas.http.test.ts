import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as definitions from '../src/definitions.generated.js';
import { createClient, type Hale } from '../src/hale.js';
import type { MealFields, WeightFields } from '../src/kinds.generated.js';
import { MemoryStorage } from '../src/storage/memory.js';
import { PASSWORD } from '../../../test/support/api.js';
import { TestApp } from '../../../test/support/app.js';
import { hasDatabase } from '../../../test/support/database.js';

const weight = (value: number): WeightFields => ({
  weight_value: value,
  unit: 'kg',
  timestamp: '2026-01-06T20:30:00.000Z',
});
const meal: MealFields = {
  eaten_at: '2026-01-06T18:30:00.000Z',
  time_zone: 'Europe/Vienna',
  meal_type: 'dinner',
  title: 'Soup',
  note: null,
  items: [],
};
const IDLE = { phase: 'idle' };

describe.runIf(hasDatabase())('the client of an account whose quota is used up', () => {
  let app: TestApp;
  const opened: Hale[] = [];
  beforeAll(async () => {
    app = await TestApp.start({ env: { QUOTA_RECORDS_PER_KIND: '2', QUOTA_DEVICES: '2' } });
  });
  afterAll(async () => {
    for (const hale of opened) await hale.close();
    await app.stop();
  });

  async function phone(email: string): Promise<Hale> {
    const hale = await createClient({
      url: app.url,
      storage: new MemoryStorage(),
      kinds: [definitions.weight, definitions.meal],
    });
    opened.push(hale);
    await hale.login({ email, password: PASSWORD });
    return hale;
  }

  async function newPerson(): Promise<string> {
    const email = `${randomUUID()}@example.org`;
    await app.api.post('/api/auth/register', { email, password: PASSWORD });
    return email;
  }

  it('shows what was refused, sends the rest, and sends it again when there is room', async () => {
    const hale = await phone(await newPerson());
    const first = await hale.records('weight').create(weight(80));
    await hale.records('weight').create(weight(81));
    const third = await hale.records('weight').create(weight(82));
    const soup = await hale.records('meal').create(meal);
    expect(await hale.sync()).toEqual(IDLE);
    const [refused, ...others] = await hale.needsAttention.list();
    expect(others).toEqual([]);
    expect(refused).toMatchObject({
      kind: 'weight',
      recordId: third,
      fields: weight(82),
      problem: {
        code: 'quota-exceeded',
        message: expect.stringContaining('2 of 2 records of the kind weight'),
      },
    });
    expect(await hale.records('meal').get(soup)).toMatchObject({ pending: false });
    expect(await hale.records('weight').list()).toHaveLength(3);

    // Without room it is refused again, and nothing else changes.
    await hale.needsAttention.retry(refused?.id ?? '');
    expect(await hale.sync()).toEqual(IDLE);
    expect(await hale.needsAttention.list()).toMatchObject([{ recordId: third, fields: weight(82) }]);

    await hale.records('weight').delete(first);
    expect(await hale.sync()).toEqual(IDLE);
    const [again] = await hale.needsAttention.list();
    await hale.needsAttention.retry(again?.id ?? '');
    expect(await hale.sync()).toEqual(IDLE);
    expect(await hale.needsAttention.list()).toEqual([]);
    expect(await hale.records('weight').get(third)).toMatchObject({ fields: weight(82), pending: false });
    expect(hale.status.value).toMatchObject({ upToDate: true, needsAttention: 0, pendingCount: 0 });
  });

  it('keeps the outbox of a device for which there is no room, and sends it when another was removed', async () => {
    const email = await newPerson();
    const [a, b, c] = [await phone(email), await phone(email), await phone(email)];
    await a.records('meal').create(meal);
    expect(await a.sync()).toEqual(IDLE);
    await b.records('weight').create(weight(70));
    expect(await b.sync()).toEqual(IDLE);
    const waiting = await c.records('weight').create(weight(71));
    expect(await c.sync()).toEqual({ phase: 'error', code: 'quota-exceeded' });
    expect(c.status.value).toMatchObject({ pendingCount: 1, needsAttention: 0 });
    // It reads all the same.
    expect(await c.records('meal').list()).toHaveLength(1);

    const signedIn = await app.api.post('/api/auth/login', { email, password: PASSWORD });
    const api = app.api.bearer(signedIn.body['access_token'] as string);
    const [old] = (await api.get('/api/sync/status')).body['clients'] as { client_id: string }[];
    expect((await api.delete(`/api/sync/clients/${old?.client_id}`)).status).toBe(204);
    expect(await c.sync()).toEqual(IDLE);
    expect(await c.records('weight').get(waiting)).toMatchObject({ pending: false });
  });
});
