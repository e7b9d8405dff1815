import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { type FaultProxy, startFaultProxy } from '../../../tools/support/fault-proxy.js';
import { Api } from '../../support/api.js';
import { TestApp } from '../../support/app.js';
import { drainSync, mealFields, shown, weightFields, type Wire } from '../../support/sync.js';
import type { ForeignClient } from './client.js';
import { fieldsOf, type Kind, KINDS } from './fields.js';

/** Opens a client whose requests go through `api`; its pokes do not pass the faults. */
export type Open = (api: Api, network: FaultProxy, pokes: string) => Promise<ForeignClient>;

const PUSH = '/api/sync/push';

/** The properties that must hold for any two libraries that share an account. */
export function scenarios(openA: Open, openB: Open): void {
  let app: TestApp;
  const closing: (() => Promise<void>)[] = [];
  beforeAll(async () => {
    app = await TestApp.start();
  });
  afterEach(async () => {
    for (const close of closing.splice(0)) await close();
  });
  afterAll(() => app.stop());

  const open = async (person: Api, open: Open): Promise<ForeignClient> => {
    const network = await startFaultProxy(Number(new URL(app.url).port));
    const client = await open(new Api(network.url, person.headers), network, app.url);
    closing.push(
      () => client.close(),
      () => network.close(),
    );
    return client;
  };

  const pair = async () => {
    const person = await app.api.register();
    return { person, a: await open(person, openA), b: await open(person, openB) };
  };

  /** Syncs all clients until each has the changes of all, and expects equal records. */
  const converge = async (person: Api, ...clients: ForeignClient[]) => {
    for (const client of [...clients, ...clients]) await client.sync();
    const fresh = shown((await drainSync(person, { kinds: KINDS.join() })).changes);
    const held = new Map<Kind, Map<string, Wire>>();
    for (const kind of KINDS) {
      const records = [...fresh].filter(([, change]) => change['kind'] === kind);
      held.set(kind, new Map(records.map(([id, { data }]) => [id, fieldsOf(kind, data as Wire)])));
      for (const client of clients) expect(await client.rows(kind), client.name).toEqual(held.get(kind));
    }
    return held as { get(kind: Kind): Map<string, Wire> };
  };

  const conflictsOf = async (person: Api): Promise<Wire[]> =>
    (await person.get('/api/sync/conflicts')).body['data'] as Wire[];

  it('edits that both made offline (create, edit, delete) arrive everywhere', async () => {
    const { person, a, b } = await pair();
    const shared = await a.create('weight', weightFields(70));
    const doomed = await a.create('meal', mealFields({ title: 'Doomed' }));
    await converge(person, a, b);

    for (const client of [a, b]) client.network.refuse(true);
    for (let index = 0; index < 12; index++) {
      await a.create('weight', weightFields(60 + index));
      await b.create('meal', mealFields({ title: `Meal ${index}` }));
    }
    await b.edit('weight', shared, { weight_value: 71.5 });
    await a.remove('meal', doomed);
    const passing = await a.create('weight', weightFields(99));
    await a.edit('weight', passing, { weight_value: 98 });
    await a.remove('weight', passing);
    for (const client of [a, b]) client.network.refuse(false);

    const held = await converge(person, a, b);
    expect(held.get('weight').size).toBe(13);
    expect(held.get('weight').get(shared)).toMatchObject({ weight_value: 71.5, unit: 'kg' });
    expect([...held.get('meal').values()].map(({ title }) => title)).not.toContain('Doomed');
    expect(held.get('meal').size).toBe(12);
  });

  it('F31 two edits of one weight converge, and the losing edit is kept', async () => {
    const { person, a, b } = await pair();
    const id = await a.create('weight', weightFields(70));
    await converge(person, a, b);
    for (const client of [a, b]) client.network.refuse(true);
    await a.edit('weight', id, { weight_value: 80 });
    await nextInstant();
    await b.edit('weight', id, { weight_value: 90 });
    // The older edit arrives last.
    b.network.refuse(false);
    await b.sync();
    a.network.refuse(false);
    const held = await converge(person, a, b);
    expect(held.get('weight').get(id)).toMatchObject({ weight_value: 90 });
    const conflicts = await conflictsOf(person);
    expect(conflicts).toMatchObject([{ record_id: id, reason: 'concurrent-edit' }]);
    expect(conflicts[0]!['loser'].data).toMatchObject({ weight_value: 80 });
  });

  it('F33 edits of different groups of one meal both take effect', async () => {
    const { person, a, b } = await pair();
    const id = await a.create('meal', mealFields());
    await converge(person, a, b);
    for (const client of [a, b]) client.network.refuse(true);
    await a.edit('meal', id, { title: 'Porridge with plums' });
    await b.edit('meal', id, { note: 'too hot', meal_type: 'snack' });
    for (const client of [a, b]) client.network.refuse(false);
    const held = await converge(person, a, b);
    const expected = { title: 'Porridge with plums', note: 'too hot', meal_type: 'snack' };
    expect(held.get('meal').get(id)).toMatchObject(expected);
    expect(await conflictsOf(person)).toEqual([]);
  });

  it('F35 an independent deletion and edit end with the same result everywhere', async () => {
    const { person, a, b } = await pair();
    const ids = [await a.create('weight', weightFields(70)), await a.create('weight', weightFields(71))];
    await converge(person, a, b);
    for (const client of [a, b]) client.network.refuse(true);
    await a.remove('weight', ids[0]!);
    await b.edit('weight', ids[1]!, { weight_value: 75 });
    await nextInstant();
    await b.edit('weight', ids[0]!, { weight_value: 76 });
    await a.remove('weight', ids[1]!);
    for (const client of [a, b]) client.network.refuse(false);
    const held = await converge(person, a, b);
    expect(held.get('weight').has(ids[1]!)).toBe(false);
  });

  it('F36 a deletion reaches a client that has the record, and one that never had it', async () => {
    const { person, a, b } = await pair();
    const id = await a.create('meal', mealFields());
    const kept = await a.create('meal', mealFields({ title: 'Kept' }));
    await converge(person, a, b);
    await b.remove('meal', id);
    await converge(person, a, b);
    const late = await open(person, openB);
    const held = await converge(person, a, b, late);
    expect([...held.get('meal').keys()]).toEqual([kept]);
  });

  it('F21 a repeated push whose answer was lost stores nothing twice', async () => {
    const { person, a, b } = await pair();
    const edited = await a.create('weight', weightFields(70));
    await converge(person, a, b);
    a.network.refuse(true);
    for (let index = 0; index < 5; index++) await a.create('weight', weightFields(60 + index));
    await a.edit('weight', edited, { weight_value: 72 });
    const lost = a.network.dropNextResponse(PUSH);
    a.network.refuse(false);
    await a.sync().catch(() => undefined);
    expect(await lost).toContain('200');
    const before = await person.get('/api/sync/status');
    const held = await converge(person, a, b);
    expect(held.get('weight').size).toBe(6);
    const after = await person.get('/api/sync/status');
    expect(after.body['seq']).toBe(before.body['seq']);
    expect(await conflictsOf(person)).toEqual([]);
  });
}

/** Waits for the next millisecond, so that two edits have an order. */
async function nextInstant(): Promise<void> {
  for (const start = Date.now(); Date.now() === start;) await new Promise(setImmediate);
}
