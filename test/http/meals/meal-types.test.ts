import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Answer, Api } from '../../support/api.js';
import { TestApp } from '../../support/app.js';
import { hasDatabase } from '../../support/database.js';
import { Device, drainSync, mealFields, shown, type Wire } from '../../support/sync.js';

const MEALS = '/api/meals';
const TYPES = '/api/meal-types';

/*
 * The invariants of meal types of one's own.
 * T1 By REST a meal gets no meal type that the person does not have; by sync it may arrive first.
 * T2 What a meal has stays, whatever becomes of the meal type.
 * T3 An app that does not know `meal_type_id` never changes it.
 * T4 Edits of `meal_type` and of `meal_type_id` on two devices both count.
 */
describe.runIf(hasDatabase())('meal types of a person', () => {
  let app: TestApp;
  let ada: Api;
  beforeAll(async () => {
    app = await TestApp.start();
    ada = await app.api.register();
  });
  afterAll(() => app.stop());

  const refusal = ({ status, body }: Answer) => [status, (body['errors'] as Wire[])[0]?.['field']];
  const type = async (person: Api, values: Wire = {}): Promise<string> => {
    const { status, body } = await person.post(TYPES, { name: 'Second breakfast', ...values });
    expect(status).toBe(201);
    return body['id'] as string;
  };
  const meal = async (values: Wire): Promise<Wire> => {
    const { status, body } = await ada.post(MEALS, mealFields(values));
    expect([status, body['errors']]).toEqual([201, undefined]);
    return body;
  };

  it('are answered as they were sent, and null for what was not', async () => {
    const fields = { name: 'Nachtisch 🍨', default_time: '23:59', position: 0, is_hidden: true };
    const id = await type(ada, fields);
    expect((await ada.get(`${TYPES}/${id}`)).body).toMatchObject(fields);
    const none = await type(ada);
    expect((await ada.get(`${TYPES}/${none}`)).body).toMatchObject({
      default_time: null,
      position: null,
      is_hidden: null,
    });
    expect((await ada.get(TYPES)).body['data'].map((one: Wire) => one['id'])).toEqual([none, id]);
  });

  it.each([
    ['name', ''],
    ['name', 'x'.repeat(101)],
    ['default_time', '24:00'],
    ['default_time', '9:00'],
    ['default_time', '09:00:00'],
    ['position', -1],
    ['position', 1.5],
    ['position', 10_001],
    ['is_hidden', 1],
    ['energy', 1],
  ])('refuse %s: %j', async (field, value) => {
    const answer = await ada.post(TYPES, { name: 'Tea', [field]: value });
    expect(refusal(answer)).toEqual([422, field]);
  });

  it('T1 REST refuses an unknown one, one of somebody else, and a deleted one', async () => {
    const bob = await app.api.register();
    const gone = await type(ada);
    await ada.delete(`${TYPES}/${gone}`);
    const { id } = await meal({});
    for (const wrong of [randomUUID(), await type(bob), gone]) {
      const fields = mealFields({ meal_type_id: wrong });
      expect(refusal(await ada.post(MEALS, fields))).toEqual([422, 'meal_type_id']);
      expect(refusal(await ada.put(`${MEALS}/${id}`, { meal_type_id: wrong }))).toEqual([
        422,
        'meal_type_id',
      ]);
    }
    expect(refusal(await ada.post(MEALS, mealFields({ meal_type_id: 'tea' })))).toEqual([
      422,
      'meal_type_id',
    ]);
    expect((await ada.get(`${MEALS}/${id}`)).body).toMatchObject({ meal_type_id: null, version: 1 });
  });

  it('T1 by sync a meal may arrive before its meal type, and is changed by REST meanwhile', async () => {
    const [phone, tablet] = [await new Device(ada).ready(), await new Device(ada).ready()];
    const own = tablet.create('meal_type', { name: 'Brunch' });
    const first = phone.create('meal', mealFields({ meal_type_id: own['id'] }));
    expect(await phone.push(first)).toMatchObject([{ status: 'applied' }]);
    const at = `${MEALS}/${first['id']}`;
    const kept = await ada.put(at, { note: 'x', meal_type_id: own['id'] });
    expect([kept.status, kept.body['meal_type_id']]).toEqual([200, own['id']]);
    expect(await tablet.push(own)).toMatchObject([{ status: 'applied' }]);
    await meal({ meal_type_id: own['id'] });
  });

  it('T2 a meal keeps it when the meal type is deleted, and can be changed and cleared', async () => {
    const id = await type(ada);
    const stored = await meal({ meal_type_id: id });
    await ada.delete(`${TYPES}/${id}`);
    const at = `${MEALS}/${stored['id']}`;
    const changed = await ada.put(at, { title: 'Soup', meal_type: 'lunch', meal_type_id: id });
    expect(changed.body).toMatchObject({ title: 'Soup', meal_type: 'lunch', meal_type_id: id });
    expect((await ada.put(at, { meal_type_id: null })).body['meal_type_id']).toBeNull();
    expect(refusal(await ada.put(at, { meal_type_id: id }))).toEqual([422, 'meal_type_id']);
  });

  it('T3 an app that does not know the field keeps it, also when it makes the meal again', async () => {
    const id = await type(ada);
    const old = await new Device(ada).ready();
    const stored = await meal({ meal_type_id: id });
    const target = { kind: 'meal', id: stored['id'], version: 1 };
    const { meal_type_id: _, ...known } = mealFields({ title: 'Old app' });
    expect(await old.push(old.update(target, known))).toMatchObject([{ status: 'applied' }]);
    expect(await old.push(old.mutation({ ...target, op: 'create', fields: known }))).toHaveLength(1);
    const synced = shown((await drainSync(ada)).changes).get(String(stored['id']));
    expect(synced?.['data']).toMatchObject({ title: 'Old app', meal_type_id: id });
    const fresh = old.create('meal', known);
    await old.push(fresh);
    expect((await ada.get(`${MEALS}/${fresh['id']}`)).body['meal_type_id']).toBeNull();
  });

  it('T4 two devices change the type and the type of their own, and both count', async () => {
    const id = await type(ada);
    const { id: mealId } = await meal({});
    const target = { kind: 'meal', id: mealId, version: 1 };
    const [a, b] = [await new Device(ada).ready(), await new Device(ada).ready()];
    expect(await a.push(a.update(target, { meal_type: 'snack' }))).toMatchObject([{ status: 'applied' }]);
    expect(await b.push(b.update(target, { meal_type_id: id }))).toMatchObject([{ status: 'applied' }]);
    expect((await ada.get(`${MEALS}/${mealId}`)).body).toMatchObject({
      meal_type: 'snack',
      meal_type_id: id,
      version: 3,
    });
  });

  it('are at most 100, and a quota that is used up refuses only new ones', async () => {
    const eve = await app.api.register();
    const phone = await new Device(eve).ready();
    const results = await phone.push(
      ...Array.from({ length: 100 }, (_, at) => phone.create('meal_type', { name: `Type ${at}` })),
    );
    expect(new Set(results.map(({ status }) => status))).toEqual(new Set(['applied']));
    expect((await eve.post(TYPES, { name: 'One more' })).body['type']).toContain('quota-exceeded');
    const renamed = await eve.patch(`${TYPES}/${results[0]?.['id']}`, { name: 'Renamed' });
    expect([renamed.status, renamed.body['name']]).toEqual([200, 'Renamed']);
  });
});
