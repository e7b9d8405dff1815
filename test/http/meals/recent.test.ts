import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Api } from '../../support/api.js';
import { TestApp } from '../../support/app.js';
import { hasDatabase } from '../../support/database.js';
import { emailOf, personWith } from '../../support/people.js';
import { insert, meal } from '../../support/rows.js';
import { Device, mealFields, type Wire } from '../../support/sync.js';

const RECENT = '/api/foods/recent';

/*
 * The invariants of recent foods.
 * N1 Each food, and each name without a food, is answered once, as it was entered last; the most recently eaten first.
 * N2 Only live meals of the person count, and at most the latest 200.
 * N3 Who may not read meals gets nothing of them.
 */
describe.runIf(hasDatabase())('recent foods', () => {
  let app: TestApp;
  beforeAll(async () => {
    app = await TestApp.start({ env: { AUTH_REQUIRE_VERIFIED_EMAIL: 'false' } });
  });
  afterAll(() => app.stop());

  const at = (hour: number): string => `2026-01-06T${String(hour).padStart(2, '0')}:00:00.000Z`;
  const item = (name: string, values: Wire = {}): Wire => ({ name, quantity: 1, unit: 'g', ...values });
  const eat = async (person: Api, hour: number, ...items: Wire[]): Promise<string> => {
    const { status, body } = await person.post('/api/meals', mealFields({ eaten_at: at(hour), items }));
    expect(status).toBe(201);
    return body['id'] as string;
  };
  const recentOf = async (person: Api, query = ''): Promise<Wire[]> => {
    const { status, body } = await person.get(`${RECENT}${query}`);
    expect(status).toBe(200);
    return body['data'] as Wire[];
  };
  const namesOf = (recent: Wire[]) => recent.map((one) => one['item'].name);

  it('N1 has each food once, with its last amount, in whatever order it was entered', async () => {
    const ada = await app.api.register();
    const food_id = randomUUID();
    const last = item('Bread, toasted', { food_id, amount: 60, amount_unit: 'g', energy_kcal: 150 });
    await eat(ada, 12, last, item('Tea', { quantity: 2, unit: 'cups' }));
    await eat(
      ada,
      8,
      item('Bread', { food_id, amount: 40, amount_unit: 'g', energy_kcal: 100 }),
      item('tea'),
    );
    await eat(ada, 10, item('Bread'), item('Cake'), item('Cake', { quantity: 9 }));
    const recent = await recentOf(ada);
    expect(recent.map((one) => [one['item'].name, one['eaten_at']])).toEqual([
      ['Bread, toasted', at(12)],
      ['Tea', at(12)],
      ['Bread', at(10)],
      ['Cake', at(10)],
    ]);
    expect(recent[0]?.['item']).toMatchObject(last);
    expect(recent[1]?.['item']).toMatchObject({ quantity: 2, unit: 'cups' });
    expect(recent[3]?.['item'].quantity).toBe(1);
    expect(namesOf(await recentOf(ada, '?limit=2'))).toEqual(['Bread, toasted', 'Tea']);
  });

  it('N2 leaves out deleted meals, and those of others', async () => {
    const [ada, bob] = [await app.api.register(), await app.api.register()];
    await eat(bob, 9, item('Secret'));
    const gone = await eat(ada, 11, item('Dropped'));
    await eat(ada, 9, item('Kept'));
    await ada.delete(`/api/meals/${gone}`);
    expect(namesOf(await recentOf(ada))).toEqual(['Kept']);
    expect(await recentOf(await app.api.register())).toEqual([]);
  });

  it('N2 reads the latest 200 meals, and not all of large ones', async () => {
    const ada = await app.api.register();
    const phone = await new Device(ada).ready();
    for (let from = 0; from < 300; from += 100)
      await phone.push(
        ...Array.from({ length: 100 }, (_, index) => {
          const eaten = new Date(Date.parse(at(0)) - (from + index) * 60_000).toISOString();
          const name = from + index === 250 ? 'Too old' : from + index === 199 ? 'Old' : 'Same';
          return phone.create('meal', mealFields({ eaten_at: eaten, items: [item(name)] }));
        }),
      );
    expect(namesOf(await recentOf(ada, '?limit=100'))).toEqual(['Same', 'Old']);
    const eve = await app.api.register();
    await insert(
      app,
      'meals',
      Array.from({ length: 200 }, (_, index) => meal(eve.userId, index, { items: 50 })),
    );
    expect((await recentOf(eve, '?limit=100')).length).toBeGreaterThan(0);
  });

  it('N3 needs the scopes of foods and of meals', async () => {
    const ada = await app.api.register();
    await eat(ada, 9, item('Porridge'));
    for (const [scopes, status] of [
      [['foods:read'], 403],
      [['meals:read'], 403],
      [['foods:read', 'meals:read'], 200],
    ] as const) {
      const { body } = await ada.post('/api/api-keys', { name: 'A program', scopes });
      const answer = await app.api.bearer(body['key'] as string).get(RECENT);
      expect([scopes, answer.status, JSON.stringify(answer.body).includes('Porridge')]).toEqual([
        scopes,
        status,
        status === 200,
      ]);
    }
    const coach = await personWith(app, 'coach');
    const until = new Date(Date.now() + 86_400_000).toISOString();
    for (const [scopes, status] of [
      [['foods:read'], 403],
      [['meals:read'], 200],
    ] as const) {
      await ada.post('/api/users/me/grants', { email: emailOf(coach), scopes, until });
      await coach.get('/api/users/me/grants/received');
      const answer = await coach.get(`${RECENT}?owner_id=${ada.userId}`);
      expect([scopes, answer.status]).toEqual([scopes, status]);
    }
    for (const limit of [0, 101, 'x', 1.5])
      expect((await ada.get(`${RECENT}?limit=${limit}`)).status).toBe(422);
  });
});
