import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MOST_LEVELS, MOST_PARTS } from '../../../src/modules/nutrition/recipes/part-graph.js';
import { MAX_RECIPES } from '../../../src/modules/nutrition/recipes/recipes.record.js';
import type { Answer, Api } from '../../support/api.js';
import { TestApp } from '../../support/app.js';
import { hasDatabase } from '../../support/database.js';
import { chooseSeed } from '../../support/random.js';
import { Device } from '../../support/sync.js';
import { longestTurn } from '../../support/turns.js';
import type { Json } from '../foods/support.js';
import { entered, recipe, RECIPES, usedIn, whole } from './support.js';

describe.runIf(hasDatabase())('recipes in recipes', () => {
  let app: TestApp;
  beforeAll(async () => {
    app = await TestApp.start();
  });
  afterAll(() => app.stop());

  const add = async (person: Api, name: string, parts: readonly string[] = []): Promise<string> => {
    const { status, body } = await person.post(RECIPES, recipe({ name, items: parts.map(usedIn) }));
    expect([status, body]).toEqual([201, body]);
    return String(body['id']);
  };
  const use = (person: Api, id: string, parts: readonly string[]): Promise<Answer> =>
    person.patch(`${RECIPES}/${id}`, { items: parts.map(usedIn) });
  const errorOf = ({ status, body }: Answer) => [
    status,
    body['errors']?.[0].field,
    body['errors']?.[0].message,
  ];
  /** The parts of each live recipe, as the service answers them. */
  const stored = async (person: Api): Promise<Map<string, string[]>> => {
    const { data } = (await person.get(`${RECIPES}?limit=500`)).body;
    return new Map(
      data.map(({ id, items }: Json) => [id, items.flatMap(({ recipe_id: part }: Json) => part ?? [])]),
    );
  };
  /** The longest way from a recipe; infinite for a cycle. */
  const depth = (
    parts: ReadonlyMap<string, readonly string[]>,
    id: string,
    seen: readonly string[] = [],
  ): number =>
    seen.includes(id)
      ? Infinity
      : 1 + Math.max(0, ...(parts.get(id) ?? []).map((part) => depth(parts, part, [...seen, id])));
  const deepest = (parts: ReadonlyMap<string, readonly string[]>): number =>
    Math.max(0, ...[...parts.keys()].map((id) => depth(parts, id)));

  it('are refused with the way back, by the name of the field', async () => {
    const ada = await app.api.register();
    const dough = await add(ada, 'Dough');
    const bread = await add(ada, 'Bread', [dough]);
    const toast = await add(ada, 'Toast', [bread]);
    const other = await add(ada, 'Other');
    const itself = 'contains the recipe itself';
    expect(errorOf(await use(ada, bread, [other, bread]))).toEqual([
      422,
      'items.1.recipe_id',
      `items.1.recipe_id ${itself}: Bread → Bread`,
    ]);
    expect(errorOf(await use(ada, dough, [other, other, toast, bread]))).toEqual([
      422,
      'items.2.recipe_id',
      `items.2.recipe_id ${itself}: Dough → Toast → Bread → Dough`,
    ]);
    const renamed = await ada.patch(`${RECIPES}/${dough}`, { name: 'Leaven', items: [usedIn(bread)] });
    expect(errorOf(renamed)[2]).toContain('Leaven → Bread → Leaven');
    const id = randomUUID();
    const self = await ada.post(RECIPES, recipe({ id, name: 'New', items: [usedIn(id)] }));
    expect(errorOf(self)[2]).toContain('New → New');
    expect((await use(ada, toast, [dough])).status).toBe(200);
    expect((await use(ada, bread, [])).status).toBe(200);
    expect((await use(ada, dough, [bread])).status).toBe(200);
  });

  it('are refused by sync alone, also in one push, and when a later recipe closes the way', async () => {
    const ada = await app.api.register();
    const phone = await new Device(ada).ready();
    const [a, b, c] = [randomUUID(), randomUUID(), randomUUID()];
    const create = (id: string, name: string, parts: readonly string[]) =>
      phone.create('recipe', whole({ name, items: parts.map(usedIn) }), { id });
    const results = await phone.push(
      create(a, 'A', [b]),
      create(b, 'B', [c]),
      create(c, 'C', [a]),
      create(c, 'C', []),
    );
    expect(results.map(({ status }) => status)).toEqual(['applied', 'applied', 'rejected', 'applied']);
    expect(results[2]?.['error']).toEqual({
      code: 'not-allowed',
      field: 'fields.items.0.recipe_id',
      message: 'items.0.recipe_id contains the recipe itself: C → A → B → C',
    });
    expect([...(await stored(ada)).values()].toSorted()).toEqual([[], [b], [c]].toSorted());
  });

  it('are seen as a group of mutations leaves them', async () => {
    const ada = await app.api.register();
    const phone = await new Device(ada).ready();
    const [a, b] = [await add(ada, 'A'), await add(ada, 'B')];
    const group = { group_id: randomUUID() };
    const set = (id: string, parts: readonly string[], extra: Json = {}) =>
      phone.update(
        { kind: 'recipe', id, version: 1 },
        { servings: 1, yield_g: null, items: parts.map(usedIn) },
        extra,
      );
    const failed = await phone.push(set(a, [b], group), phone.create('recipe', {}, group), set(b, [a]));
    expect(failed.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'applied']);
    expect(deepest(await stored(ada))).toBe(2);
  });

  it('are refused for the second of two phones, whichever it is', async () => {
    for (const swap of [false, true]) {
      const ada = await app.api.register();
      const [a, b] = [await add(ada, 'A'), await add(ada, 'B')];
      const edits = [
        [a, b],
        [b, a],
      ] as const;
      const answers: Json[] = [];
      for (const [id, part] of swap ? edits.toReversed() : edits) {
        const phone = await new Device(ada).ready();
        const fields = { servings: 1, yield_g: null, items: [usedIn(part)] };
        answers.push(...(await phone.push(phone.update({ kind: 'recipe', id, version: 1 }, fields))));
      }
      expect(answers.map(({ status }) => status)).toEqual(['applied', 'rejected']);
      expect(answers[1]?.['error'].message).toContain(swap ? 'A → B → A' : 'B → A → B');
    }
  });

  it('are refused for all but some of a burst', async () => {
    const ada = await app.api.register();
    const ids = await Promise.all(Array.from({ length: 6 }, (_, at) => add(ada, `R${at}`)));
    const answers = await Promise.all(
      ids.flatMap((id, at) => ids.filter((_, other) => other !== at).map((part) => use(ada, id, [part]))),
    );
    const counts = [200, 422].map((status) => answers.filter((one) => one.status === status).length);
    expect(counts[0]! + counts[1]!).toBe(30);
    expect(Math.min(...counts)).toBeGreaterThan(0);
    expect(deepest(await stored(ada))).toBeLessThanOrEqual(6);
  });

  it('do not come back from a deletion into a cycle', async () => {
    const ada = await app.api.register();
    const [phone, late] = [await new Device(ada).ready(), await new Device(ada).ready()];
    const a = await add(ada, 'A');
    const b = await add(ada, 'B', [a]);
    const [deleted] = await phone.push(phone.delete({ kind: 'recipe', id: b, version: 1 }));
    expect(deleted?.['status']).toBe('applied');
    expect(errorOf(await use(ada, a, [b]))).toEqual([
      422,
      'items.0.recipe_id',
      'items.0.recipe_id contains the recipe itself: A → B → A',
    ]);
    // A phone that has not seen the deletion changes only the name, and the record is back with its items.
    await late.push(late.update({ kind: 'recipe', id: b, version: 1 }, { name: 'B again' }));
    const { data } = (await ada.get('/api/sync/conflicts')).body;
    for (const { id } of data)
      expect((await ada.post(`/api/sync/conflicts/${id}/resolve`, { resolution: 'keep_both' })).status).toBe(
        200,
      );
    expect(deepest(await stored(ada))).toBeLessThanOrEqual(2);
    // Without the recipe inside, it is free.
    const [undone] = await late.push(
      late.create('recipe', whole({ name: 'B', items: [entered({})] }), { id: b }),
    );
    expect(undone?.['status']).not.toBe('rejected');
    expect((await use(ada, a, [b])).status).toBe(200);
    expect(deepest(await stored(ada))).toBeLessThan(Infinity);
  });

  it('are at most 8 levels, from whichever end they grow', async () => {
    for (const grow of ['down', 'up']) {
      const ada = await app.api.register();
      const ids: string[] = [];
      for (let at = 0; at < MOST_LEVELS; at++)
        if (grow === 'up') ids.push(await add(ada, `R${at}`, ids.slice(-1)));
        else {
          ids.push(await add(ada, `R${at}`));
          if (at > 0) expect((await use(ada, ids.at(-2)!, [ids.at(-1)!])).status).toBe(200);
        }
      const [outer, inner] = grow === 'up' ? [ids.at(-1)!, ids[0]!] : [ids[0]!, ids.at(-1)!];
      const more = await add(ada, 'More');
      expect(errorOf(await use(ada, inner, [more]))[2]).toContain('more than 8 levels');
      expect(errorOf(await use(ada, more, [outer]))[2]).toContain('more than 8 levels');
      expect((await use(ada, more, [inner])).status).toBe(200);
      // What was stored can still be changed.
      const items = (await ada.get(`${RECIPES}/${outer}`)).body['items'];
      expect((await ada.patch(`${RECIPES}/${outer}`, { items, servings: 9 })).status).toBe(200);
      expect(deepest(await stored(ada))).toBe(MOST_LEVELS);
    }
  });

  it('of another person are no part of the way', async () => {
    const [ada, bob] = [await app.api.register(), await app.api.register()];
    const a = await add(ada, 'Secret');
    const b = await add(bob, 'B', [a]);
    const { status, body } = await ada.patch(`${RECIPES}/${a}`, { items: [usedIn(b)] });
    expect([status, JSON.stringify(body)]).toEqual([200, expect.not.stringContaining('"B"')]);
    expect((await bob.get(`${RECIPES}/${a}`)).status).toBe(404);
  });

  it('never have a cycle or too many levels, and nothing else is refused', async () => {
    const size = 12;
    const step = fc.record({
      id: fc.nat({ max: size - 1 }),
      parts: fc.uniqueArray(fc.nat({ max: size - 1 }), { maxLength: 3 }),
      how: fc.constantFrom('rest', 'push', 'push', 'delete'),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 10, maxLength: 40 }), async (steps) => {
        const ada = await app.api.register();
        const phone = await new Device(ada).ready();
        const ids = Array.from({ length: size }, () => randomUUID());
        /** What is stored, deleted recipes included. */
        const all = new Map<string, string[]>();
        for (const { id: at, parts: of, how } of steps) {
          const [id, parts] = [ids[at]!, of.map((one) => ids[one]!)];
          if (how === 'delete') {
            await phone.push(phone.delete({ kind: 'recipe', id }));
            continue;
          }
          const next = new Map(all).set(id, parts);
          const isSound = deepest(next) <= MOST_LEVELS;
          const fields = whole({ name: `R${at}`, items: parts.map(usedIn) });
          const isThere = how === 'rest' && (await ada.get(`${RECIPES}/${id}`)).status === 200;
          const isStored = isThere
            ? (await use(ada, id, parts)).status === 200
            : (await phone.push(phone.create('recipe', fields, { id })))[0]?.['status'] !== 'rejected';
          expect([steps, isStored]).toEqual([steps, isSound]);
          if (isStored) all.set(id, parts);
        }
        for (const [id, parts] of await stored(ada)) expect(parts).toEqual(all.get(id));
      }),
      { seed: chooseSeed(), numRuns: 15, verbose: 1 },
    );
  });

  it('are at most 20 in one', async () => {
    const ada = await app.api.register();
    const answer = await ada.post(
      RECIPES,
      recipe({ items: Array.from({ length: 21 }, () => usedIn(randomUUID())) }),
    );
    expect(errorOf(answer).slice(0, 2)).toEqual([422, 'items']);
    const same = usedIn(randomUUID());
    expect((await ada.post(RECIPES, recipe({ items: Array(50).fill(same) }))).status).toBe(201);
  });

  it('never keep others waiting, also when a person has as many as possible', async () => {
    const ada = await app.api.register();
    const phone = await new Device(ada).ready();
    const width = Math.floor((MAX_RECIPES - 2) / (MOST_LEVELS - 1));
    const ids = Array.from({ length: width * (MOST_LEVELS - 1) }, () => randomUUID());
    const partsOf = (at: number): string[] => {
      const first = (Math.floor(at / width) + 1) * width;
      return ids.slice(first, first + MOST_PARTS);
    };
    // The inner ones first, and those of each layer that the others contain.
    for (let end = ids.length; end > 0; end -= 100) {
      const start = Math.max(0, end - 100);
      const some = ids.slice(start, end).map((id, offset) => [id, partsOf(start + offset)] as const);
      const results = await phone.push(
        ...some
          .toReversed()
          .map(([id, parts]) => phone.create('recipe', whole({ items: parts.map(usedIn) }), { id })),
      );
      expect(results.filter(({ status }) => status !== 'applied')).toEqual([]);
    }
    const top = await add(ada, 'Top', ids.slice(0, MOST_PARTS));
    const inner = ids.slice(-width).slice(0, MOST_PARTS);
    let refused: Json[] = [];
    const longest = await longestTurn(async () => {
      expect((await use(ada, top, ids.slice(1, MOST_PARTS))).status).toBe(200);
      const fields = { servings: 1, yield_g: null, items: [usedIn(top)] };
      refused = await phone.push(
        ...Array.from({ length: 100 }, (_, at) =>
          phone.update({ kind: 'recipe', id: inner[at % inner.length], version: 1 }, fields),
        ),
      );
    });
    expect(new Set(refused.map(({ status }) => status))).toEqual(new Set(['rejected']));
    expect(longest).toBeLessThan(50);
  });
});
