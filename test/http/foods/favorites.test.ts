import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { favoriteId } from '../../../src/modules/nutrition/favorites/favorite-id.js';
import { SharedFoodsRepository } from '../../../src/modules/nutrition/foods/shared/shared-foods.repository.js';
import { sharedFoodId } from '../../../src/modules/nutrition/foods/shared/food-sources.js';
import type { Answer, Api } from '../../support/api.js';
import { TestApp } from '../../support/app.js';
import { hasDatabase } from '../../support/database.js';
import { Device } from '../../support/sync.js';
import { liveOf } from '../sync/support.js';
import { bread, FOODS, type Json, shared } from './support.js';

const FAVORITES = '/api/food-favorites';

/*
 * The invariants of favourites.
 * F1 A food has at most one live favourite of a person, whoever marks it, how often, and in whatever order it arrives.
 * F2 By REST only a food that the person can find is marked; nobody learns of a food of somebody else.
 * F3 What is unmarked can be marked again.
 */
describe.runIf(hasDatabase())('favourites', () => {
  let app: TestApp;
  beforeAll(async () => {
    app = await TestApp.start();
  });
  afterAll(() => app.stop());

  const withBread = async (fields: Json = {}): Promise<{ ada: Api; food: string }> => {
    const ada = await app.api.register();
    return { ada, food: (await ada.post(FOODS, bread(fields))).body['id'] as string };
  };
  const favoritesOf = async (person: Api): Promise<unknown[]> =>
    (await person.get(FAVORITES)).body['data'].map((one: Json) => one['food_id']);
  const namesOf = async (person: Api, query = ''): Promise<unknown[]> =>
    (await person.get(`${FAVORITES}/foods${query}`)).body['data'].map((one: Json) => one['name']);
  const refusal = ({ status, body }: Answer) => [status, body['errors']?.[0]?.field];

  it('F1 two phones that mark one food offline make one favourite, which either can unmark', async () => {
    const { ada, food } = await withBread();
    const [a, b] = [await new Device(ada).ready(), await new Device(ada).ready()];
    const id = favoriteId(food);
    const mark = (phone: Device) => phone.create('food_favorite', { food_id: food }, { id });
    expect(await a.push(mark(a))).toMatchObject([{ status: 'applied' }]);
    expect(await b.push(mark(b))).toMatchObject([{ status: 'duplicate' }]);
    expect(await favoritesOf(ada)).toEqual([food]);
    await b.push(b.delete({ kind: 'food_favorite', id, version: 1 }));
    expect(await favoritesOf(ada)).toEqual([]);
    expect([...(await liveOf(ada)).keys()]).not.toContain(id);
  });

  it('F1 a favourite with any other id, or of another food, is refused alone', async () => {
    const { ada, food } = await withBread();
    const phone = await new Device(ada).ready();
    const good = phone.create('food_favorite', { food_id: food }, { id: favoriteId(food) });
    const results = await phone.push(
      good,
      phone.create('food_favorite', { food_id: food }),
      phone.create('food_favorite', { food_id: randomUUID() }, { id: randomUUID() }),
      phone.update({ ...good, version: 1 }, { food_id: randomUUID() }),
    );
    expect(results.map(({ status, error }) => [status, error?.field])).toEqual([
      ['applied', undefined],
      ...Array.from({ length: 3 }, () => ['rejected', 'fields.food_id']),
    ]);
    expect(refusal(await ada.post(FAVORITES, { food_id: food, id: randomUUID() }))).toEqual([422, 'food_id']);
    expect(await favoritesOf(ada)).toEqual([food]);
  });

  it('F1 many requests at once make one favourite', async () => {
    const { ada, food } = await withBread();
    const answers = await Promise.all(
      Array.from({ length: 8 }, () => ada.post(FAVORITES, { food_id: food.toUpperCase() })),
    );
    expect(new Set(answers.map(({ status, body }) => `${status} ${body['id']} ${body['version']}`))).toEqual(
      new Set([`201 ${favoriteId(food)} 1`]),
    );
    expect(await favoritesOf(ada)).toEqual([food]);
  });

  it('F2 an unknown food, a deleted one, and one of somebody else are refused alike', async () => {
    const { ada, food } = await withBread();
    const bob = await app.api.register();
    const gone = (await ada.post(FOODS, bread())).body['id'] as string;
    await ada.delete(`${FOODS}/${gone}`);
    const answers = [
      await bob.post(FAVORITES, { food_id: food }),
      await bob.post(FAVORITES, { food_id: randomUUID() }),
      await ada.post(FAVORITES, { food_id: gone }),
    ];
    for (const answer of answers) {
      expect(refusal(answer)).toEqual([422, 'food_id']);
      expect(answer.body['errors']).toEqual(answers[0]?.body['errors']);
    }
    // By sync it may arrive before its food; of somebody else's food it shows nothing.
    const phone = await new Device(bob).ready();
    const early = phone.create('food_favorite', { food_id: food }, { id: favoriteId(food) });
    expect(await phone.push(early)).toMatchObject([{ status: 'applied' }]);
    expect([await favoritesOf(bob), await namesOf(bob)]).toEqual([[food], []]);
  });

  it('F3 what is unmarked can be marked again, by REST and by sync', async () => {
    const { ada, food } = await withBread();
    const first = (await ada.post(FAVORITES, { food_id: food })).body;
    expect((await ada.delete(`${FAVORITES}/${first['id']}`)).status).toBe(204);
    expect((await ada.get(`${FAVORITES}/${first['id']}`)).status).toBe(404);
    const again = (await ada.post(FAVORITES, { food_id: food })).body;
    expect([again['id'], again['version']]).toEqual([first['id'], 3]);
    await ada.delete(`${FAVORITES}/${first['id']}`);
    const phone = await new Device(ada).ready();
    const marked = phone.create('food_favorite', { food_id: food }, { id: first['id'] });
    expect(await phone.push(marked)).toMatchObject([{ status: 'applied' }]);
    expect(await favoritesOf(ada)).toEqual([food]);
    // A repetition changes nothing, also when the food is gone.
    await ada.delete(`${FOODS}/${food}`);
    expect((await ada.post(FAVORITES, { food_id: food })).status).toBe(201);
  });

  it('are shown with their foods, the last first, as they are now', async () => {
    const { ada, food } = await withBread();
    const ref = randomUUID();
    await app.app.get(SharedFoodsRepository).store([shared(ref, { name: 'Rice' })]);
    const other = (await ada.post(FOODS, bread({ name: 'Butter' }))).body['id'] as string;
    for (const id of [food, sharedFoodId('test', ref), other])
      expect((await ada.post(FAVORITES, { food_id: id })).status).toBe(201);
    await ada.patch(`${FOODS}/${food}`, { name: 'Rye bread' });
    expect(await namesOf(ada)).toEqual(['Butter', 'Rice', 'Rye bread']);
    expect(await namesOf(ada, '?limit=2')).toEqual(['Butter', 'Rice']);
    await ada.delete(`${FOODS}/${other}`);
    expect(await namesOf(ada)).toEqual(['Rice', 'Rye bread']);
    const [rice] = (await ada.get(`${FAVORITES}/foods`)).body['data'];
    expect(rice).toMatchObject({ origin: 'shared', nutrients: { energy_kcal: 100 } });
    expect(refusal(await ada.get(`${FAVORITES}/foods?limit=101`))).toEqual([422, 'limit']);
  });
});
