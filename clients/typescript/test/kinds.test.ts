import { beforeEach, describe, expect, it } from 'vitest';
import * as definitions from '../src/definitions.generated.js';
import type { KindDefinition } from '../src/rules.js';
import { localLocks, type Runtime } from '../src/runtime.js';
import { MemoryStorage } from '../src/storage/memory.js';
import { type Phone, shown, soup, weight, World } from './support/world.js';

/*
 * One store is used by versions of an app that name other kinds: one after the other, or in two tabs. Of a kind that a version does not
 * name
 * - waiting edits are sent as they were entered, and refused ones can be read, corrected and sent again;
 * - what a restored server lost is sent again;
 * - derived fields are not sent;
 * - nothing else is pulled;
 * - and each version checks what is entered by its own rules.
 */

const BOTH = [definitions.weight, definitions.meal];
const WITHOUT_MEALS = [definitions.weight];
const DERIVED = { local_date: '2026-02-28', totals: { energy_kcal: 0 } };

let world: World;
let storage: MemoryStorage;
let lock: Runtime['lock'];
/** The kinds of each pull. */
let pulled: string[];
beforeEach(() => {
  world = new World();
  storage = new MemoryStorage();
  lock = localLocks();
  pulled = [];
});

/** A version of the app on the one store. */
const version = (kinds: readonly KindDefinition[]): Promise<Phone> =>
  world.phone({
    storage,
    lock,
    kinds,
    fetch: (request) => {
      const kinds = new URL(request.url).searchParams.get('kinds');
      if (request.url.includes('/pull') && kinds !== null) pulled.push(kinds);
      return world.server.fetch(request);
    },
  });

const meals = ({ hale }: Phone) => hale.records('meal');
const sent = (kind: string) =>
  world.server.pushes.flatMap(({ mutations }) => mutations.filter((one) => one.kind === kind));
const titles = (): unknown[] =>
  Object.values(world.server.live('meal'))
    .map((data) => (data as { title: string }).title)
    .toSorted();

/** The server computes the derived fields of a record, and the phone pulls them. */
async function derive(phone: Phone, key: string): Promise<void> {
  const { state } = world.server;
  const stored = state.records.get(key)!;
  const seq = String((state.seq += 1n));
  const version = stored.version + 1;
  state.records.set(key, { ...stored, seq, version, data: { ...stored.data, ...DERIVED } });
  await phone.hale.sync();
}

async function syncedMeal(phone: Phone, title: string): Promise<string> {
  const id = await meals(phone).create({ ...soup, title });
  await phone.hale.sync();
  await derive(phone, `meal/${id}`);
  return id;
}

describe('a version that no longer names a kind', () => {
  it('sends the edits that wait, as they were entered, and does not sign out over them', async () => {
    const old = await version(BOTH);
    const changed = await syncedMeal(old, 'Soup');
    await meals(old).update(changed, { ...(await meals(old).get(changed))!.fields, title: 'Stew' });
    const created = await meals(old).create({ ...soup, title: 'Salad' });
    const next = await version(WITHOUT_MEALS);
    await expect(next.hale.logout()).rejects.toMatchObject({ code: 'unsynced-edits' });
    expect((await next.hale.export()).pending).toHaveLength(2);
    expect(await next.hale.sync()).toEqual({ phase: 'idle' });
    expect(titles()).toEqual(['Salad', 'Stew']);
    expect(sent('meal').slice(-2)).toMatchObject([
      { id: changed, fields: { title: 'Stew' } },
      { id: created, fields: { ...soup, title: 'Salad' } },
    ]);
    expect(sent('meal').flatMap(({ fields }) => Object.keys(fields!))).not.toContain('local_date');
    expect(next.hale.status.value).toMatchObject({ pendingCount: 0, upToDate: true });
  });

  it('lets refused edits be corrected, by the rules of the version that named it', async () => {
    const old = await version(BOTH);
    const id = await old.hale.records('weight').create(weight(80));
    await old.hale.sync();
    await derive(old, `weight/${id}`);
    await old.hale.records('weight').update(id, { weight_value: 690 });
    await old.hale.sync();
    const next = await version([definitions.meal]);
    const [refused] = await next.hale.needsAttention.list();
    const correct = (fields: object) => next.hale.needsAttention.edit(refused!.id, { ...fields });
    await expect(correct({ weight_value: 900 })).rejects.toMatchObject({ code: 'invalid' });
    await expect(correct({ local_date: '2026-03-01' })).rejects.toMatchObject({
      fields: [{ field: 'local_date', code: 'not-allowed' }],
    });
    await correct({ weight_value: 81, ...DERIVED });
    await next.hale.sync();
    expect(sent('weight').at(-1)?.fields).toEqual(weight(81));
    expect(await next.hale.needsAttention.list()).toEqual([]);
  });

  it('sends again what a restored server lost, without what the server derives, and once', async () => {
    const old = await version(BOTH);
    const [changed, deleted, same] = [
      await syncedMeal(old, 'Soup'),
      await syncedMeal(old, 'Porridge'),
      await syncedMeal(old, 'Toast'),
    ];
    const backup = world.server.backup();
    await meals(old).update(changed, { title: 'Stew' });
    await meals(old).delete(deleted);
    const created = await syncedMeal(old, 'Salad');
    const next = await version(WITHOUT_MEALS);
    world.server.restore(backup);
    world.server.pushes.length = 0;
    await next.hale.sync();
    await next.hale.sync();
    expect(titles()).toEqual(['Salad', 'Stew', 'Toast']);
    expect(sent('meal').map(({ id, op }) => [id, op])).toEqual(
      expect.arrayContaining([
        [changed, 'update'],
        [deleted, 'delete'],
        [created, 'create'],
      ]),
    );
    expect(sent('meal')).toHaveLength(3);
    for (const { fields = {} } of sent('meal'))
      expect(Object.keys(soup)).toEqual(expect.arrayContaining(Object.keys(fields)));
    expect(world.server.live('meal')[same]).toMatchObject(DERIVED);
  });

  it('pulls the kind only to find what a restored server lost', async () => {
    const old = await version(BOTH);
    await syncedMeal(old, 'Soup');
    const next = await version(WITHOUT_MEALS);
    pulled = [];
    await next.hale.sync();
    expect(new Set(pulled)).toEqual(new Set(['weight,conflict']));
    world.server.restore(world.server.backup());
    pulled = [];
    await next.hale.sync();
    expect(pulled).toContain('weight,meal,conflict');
    pulled = [];
    await next.hale.sync();
    expect(new Set(pulled)).toEqual(new Set(['weight,conflict']));
    // A kind that the server lacks would fail the pull.
    world.server.kinds = ['conflict', 'weight'];
    world.server.restore(world.server.backup());
    expect(await next.hale.sync()).toEqual({ phase: 'idle' });
    // What is left is still there for a version that names the kind again.
    world.server.kinds = ['conflict', 'meal', 'weight'];
    const again = await version(BOTH);
    await again.hale.sync();
    expect(await meals(again).list()).toMatchObject([{ fields: { title: 'Soup', ...DERIVED } }]);
  });

  it('removes its records and edits from the device when somebody signs out', async () => {
    const old = await version(BOTH);
    await syncedMeal(old, 'Soup');
    await meals(old).create(soup);
    const next = await version(WITHOUT_MEALS);
    await next.hale.logout({ discard: true });
    const left = await Promise.all(
      ['r/', 'o/', 'a/', 'x/', 'm/'].map((prefix) =>
        storage.transact((transaction) => transaction.count(prefix)),
      ),
    );
    expect(left).toEqual([0, 0, 0, 0, 0]);
  });

  it('never saw it, because nobody was signed in: the edits belong to who signs in', async () => {
    const old = await world.open({ storage, lock, kinds: BOTH });
    await meals(old).create(soup);
    const next = await version(WITHOUT_MEALS);
    await next.hale.sync();
    expect(titles()).toEqual(['Soup']);
  });
});

describe('two tabs with different versions', () => {
  it('send the edits of each other, and lose nothing when the server is restored', async () => {
    const [old, next] = [await version(BOTH), await version(WITHOUT_MEALS)];
    await syncedMeal(old, 'Soup');
    const backup = world.server.backup();
    await meals(old).create({ ...soup, title: 'Stew' });
    await next.hale.sync();
    await next.hale.records('weight').create(weight(80));
    await old.hale.sync();
    world.server.restore(backup);
    await meals(old).create({ ...soup, title: 'Salad' });
    await next.hale.sync();
    expect(titles()).toEqual(['Salad', 'Soup', 'Stew']);
    await old.hale.sync();
    expect((await meals(old).list()).map(({ fields }) => fields.title).toSorted()).toEqual(titles());
    expect(Object.values(await shown(next))).toEqual([80]);
    expect(sent('meal').flatMap(({ fields = {} }) => Object.keys(fields))).not.toContain('local_date');
  });

  it('each check what is entered by their own rules', async () => {
    const { meal } = definitions;
    const { title: _, ...properties } = meal.fields.properties!;
    const untitled: KindDefinition = { ...meal, fields: { ...meal.fields, properties } };
    const tabs = [
      await version(BOTH),
      await version([untitled]),
      await version(BOTH),
      await version([untitled]),
    ];
    const results = tabs.map((tab) =>
      meals(tab)
        .create(soup)
        .then(
          () => 'stored',
          ({ code }: { code: string }) => code,
        ),
    );
    expect(await Promise.all(results)).toEqual(['stored', 'invalid', 'stored', 'invalid']);
  });
});
