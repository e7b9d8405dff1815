import { beforeEach, describe, expect, it } from 'vitest';
import { applyChange } from '../src/apply.js';
import * as definitions from '../src/definitions.generated.js';
import type { Records } from '../src/records.js';
import type { WeightFields } from '../src/kinds.generated.js';
import { HaleError } from '../src/problem.js';
import { settle, takeBatch } from '../src/push.js';
import { localLocks } from '../src/runtime.js';
import type { Session } from '../src/session.js';
import { type OutboxRow, UserStore } from '../src/store.js';
import type { Change, PushAnswer } from '../src/wire.js';
import { problem } from './support/server.js';
import { mood } from './support/mood.js';
import { type Phone, shown, soup, weight, World } from './support/world.js';

const MINUTE = 60_000;

let world: World;
let a: Phone;
let b: Phone;

beforeEach(async () => {
  world = new World();
  [a, b] = [await world.phone(), await world.phone()];
});

const weights = (phone: Phone) => phone.hale.records('weight');
const status = (phone: Phone) => phone.hale.status.value;

async function syncAll(...phones: Phone[]): Promise<void> {
  for (let round = 0; round < 2; round += 1)
    for (const { hale } of phones) expect(await hale.sync()).toEqual({ phase: 'idle' });
}

async function outbox({ storage, hale }: Phone): Promise<OutboxRow[]> {
  return storage.transact((transaction) => transaction.list<OutboxRow>(`o/${hale.user?.id}/`));
}

describe('two phones', () => {
  it('show an edit immediately, and show the same records after both have synced', async () => {
    const id = await weights(a).create(weight(80));
    expect(await weights(a).get(id)).toMatchObject({ fields: { weight_value: 80 }, pending: true });
    expect(status(a)).toMatchObject({ phase: 'idle', pendingCount: 1, upToDate: false });
    await syncAll(a, b);
    expect(await shown(b)).toEqual({ [id]: 80 });
    expect(await weights(a).get(id)).toMatchObject({ version: 1, pending: false });
    expect(status(a)).toMatchObject({ pendingCount: 0, upToDate: true });

    await weights(b).update(id, weight(81));
    await weights(a).create(weight(70));
    await syncAll(a, b);
    expect(await shown(a)).toEqual(await shown(b));
    await weights(a).delete(id);
    await syncAll(a, b);
    expect(Object.values(await shown(b))).toEqual([70]);
  });

  it('pull before they push, and name the person', async () => {
    await weights(a).create(weight(80));
    world.server.log.length = 0;
    await a.hale.sync();
    expect(world.server.log).toEqual([
      'GET /api/sync/status',
      'GET /api/sync/pull',
      'POST /api/sync/push',
      'GET /api/sync/pull',
      'GET /api/users/me',
      'GET /api/sync/digest',
    ]);
    expect(world.server.userHeaders).toEqual(['user-ada']);
  });

  it('keep showing a local edit when a pull brings another version of the record', async () => {
    const id = await weights(a).create(weight(80));
    await syncAll(a, b);
    await weights(b).update(id, weight(90));
    await syncAll(b);
    world.pass(MINUTE);
    await weights(a).update(id, weight(85));
    world.server.fault = (path) => (path.endsWith('push') ? 'lose-request' : undefined);
    await a.hale.sync();
    expect(await shown(a)).toEqual({ [id]: 85 });
    world.server.fault = () => undefined;
    await syncAll(a, b);
    expect(await shown(b)).toEqual({ [id]: 85 });
    expect(world.server.pushes.at(-1)?.mutations[0]).toMatchObject({ base_version: 1 });
  });

  it('a correction of an edit that hides another phone’s edit does not claim to have seen that', async () => {
    const id = await weights(a).create(weight(80));
    await syncAll(a, b);
    await weights(a).update(id, weight(90));
    world.server.fault = (path) => (path.endsWith('push') ? 'lose-request' : undefined);
    await a.hale.sync();
    await weights(b).update(id, weight(100));
    world.server.fault = () => undefined;
    await syncAll(b);
    world.server.fault = (path) => (path.endsWith('push') ? 'lose-request' : undefined);
    await a.hale.sync();
    await weights(a).update(id, weight(91));
    world.server.fault = () => undefined;
    expect((await outbox(a)).map(({ base_version }) => base_version)).toEqual([1, 1]);
  });

  it('keep showing an edit of a record that another phone deleted, until the server has decided', async () => {
    const id = await weights(a).create(weight(80));
    await syncAll(a, b);
    await weights(a).update(id, weight(82));
    world.pass(MINUTE);
    await weights(b).delete(id);
    await syncAll(b);
    world.server.fault = (path) => (path.endsWith('push') ? 'lose-request' : undefined);
    await a.hale.sync();
    expect(await shown(a)).toEqual({ [id]: 82 });
    world.server.fault = () => undefined;
    await syncAll(a, b);
    expect(await shown(a)).toEqual({});
  });
});

describe('lost requests and answers', () => {
  it('after a lost answer the same body is sent again, although more was entered in the meantime', async () => {
    const id = await weights(a).create(weight(80));
    world.server.fault = (path) => (path.endsWith('push') ? 'lose-answer' : undefined);
    expect(await a.hale.sync()).toMatchObject({ phase: 'backoff', code: 'network' });
    await weights(a).update(id, weight(81));
    world.pass(MINUTE);
    world.server.fault = () => undefined;
    await syncAll(a, b);
    const [first, second, third] = world.server.pushes;
    expect(second?.mutations).toEqual(first?.mutations);
    expect(third?.mutations).toMatchObject([{ op: 'update', client_seq: 2, fields: weight(81) }]);
    expect(third?.mutations[0]).not.toHaveProperty('base_version');
    expect(await shown(b)).toEqual({ [id]: 81 });
  });

  it.each([
    ['without a body', () => new Response(null, { status: 204 })],
    ['that is empty', () => new Response('')],
    ['that is null', () => new Response('null')],
  ])(
    'an answer to a push %s is not one of the service: the edit waits for the next attempt',
    async (_, made) => {
      const id = await weights(a).create(weight(80));
      let pushes = 0;
      world.server.fault = (path) => {
        if (!path.endsWith('push')) return undefined;
        pushes += 1;
        return pushes > 10 ? problem(503, 'unavailable') : made();
      };
      expect(await a.hale.sync()).toMatchObject({ phase: 'backoff', code: 'network' });
      expect(pushes).toBe(1);
      world.server.fault = () => undefined;
      await syncAll(a, b);
      expect(await shown(b)).toEqual({ [id]: 80 });
    },
  );

  it('a request without an answer is cancelled after 45 seconds', async () => {
    world.server.fault = () => 'hang';
    const synced = a.hale.sync();
    await a.runtime.pass(44_999);
    expect(status(a).phase).not.toBe('backoff');
    await a.runtime.pass(1);
    expect(await synced).toMatchObject({ phase: 'backoff', code: 'timeout' });
  });

  it('edits that were being sent are sent again after a crash', async () => {
    await weights(a).create(weight(80));
    world.server.fault = (path) => (path.endsWith('push') ? 'hang' : undefined);
    void a.hale.sync();
    await a.runtime.pass(0);
    expect((await outbox(a)).map(({ state }) => state)).toEqual(['sending']);
    world.server.fault = () => undefined;
    const again = await world.phone({ storage: a.storage });
    await syncAll(again, b);
    expect(Object.values(await shown(b))).toEqual([80]);
    expect(await outbox(again)).toEqual([]);
  });
});

describe('edits that the server refuses', () => {
  it('wait for the person and block no other edit', async () => {
    const bad = await weights(a).create(weight(690));
    const good = await weights(a).create(weight(80));
    await syncAll(a, b);
    expect(await shown(b)).toEqual({ [good]: 80 });
    expect(status(a)).toMatchObject({ pendingCount: 0, needsAttention: 1 });
    const [refused] = await a.hale.needsAttention.list();
    expect(refused).toMatchObject({
      recordId: bad,
      problem: { code: 'out-of-range', field: 'weight_value' },
    });
    expect(await weights(a).get(bad)).toMatchObject({ pending: false, problem: { code: 'out-of-range' } });
    await a.hale.needsAttention.edit(refused!.id, { weight_value: 90 });
    await syncAll(a, b);
    expect(await shown(b)).toEqual({ [good]: 80, [bad]: 90 });
    expect(status(a)).toMatchObject({ needsAttention: 0, upToDate: true });
  });

  it('are sent again when a later edit corrects the record, and can be discarded', async () => {
    const [one, other] = [await weights(a).create(weight(690)), await weights(a).create(weight(691))];
    await syncAll(a);
    await weights(a).update(one, { weight_value: 70 });
    await syncAll(a, b);
    expect(await shown(b)).toEqual({ [one]: 70 });
    const [refused] = await a.hale.needsAttention.list();
    expect(refused?.recordId).toBe(other);
    await a.hale.needsAttention.retry(refused!.id);
    await syncAll(a);
    const [still] = await a.hale.needsAttention.list();
    await a.hale.needsAttention.discard(still!.id);
    expect(await shown(a)).toEqual({ [one]: 70 });
    await expect(a.hale.needsAttention.discard('no')).rejects.toThrow(HaleError);
  });

  it('are corrected by an edit in a group, which then contains the whole record', async () => {
    const bad = await weights(a).create(weight(690));
    await syncAll(a);
    const other = '0195f000-0000-7000-8000-000000000003';
    await a.hale.together([
      { kind: 'weight', id: bad, op: 'update', fields: { weight_value: 70, unit: 'kg' } },
      { kind: 'weight', id: other, op: 'create', fields: { ...weight(71) } },
    ]);
    await syncAll(a, b);
    expect(await shown(b)).toEqual({ [bad]: 70, [other]: 71 });
    expect(status(a)).toMatchObject({ needsAttention: 0, pendingCount: 0 });
  });

  it('are corrected by an edit that was entered while they were being sent', async () => {
    const id = await weights(a).create(weight(690));
    world.server.fault = (path) => (path.endsWith('push') ? 'lose-answer' : undefined);
    await a.hale.sync();
    world.server.fault = () => undefined;
    await weights(a).update(id, { weight_value: 60 });
    await syncAll(a, b);
    expect(await shown(b)).toEqual({ [id]: 60 });
    expect(status(a)).toMatchObject({ needsAttention: 0, pendingCount: 0 });
  });
});

describe('many edits', () => {
  it('5 000 edits are sent in batches, and the status is "up to date" only at the end', async () => {
    for (let index = 0; index < 5_000; index += 1) await weights(a).create(weight(50 + (index % 50)));
    const seen: [number, boolean][] = [];
    a.hale.status.subscribe(({ pendingCount, upToDate }) => seen.push([pendingCount, upToDate]));
    await a.hale.sync();
    await a.runtime.pass(0);
    expect(world.server.pushes).toHaveLength(50);
    expect(Object.keys(world.server.live())).toHaveLength(5_000);
    expect(seen.every(([pending, done]) => !done || pending === 0)).toBe(true);
    expect(new Set(seen.map(([pending]) => pending)).size).toBeGreaterThan(20);
    expect(status(a)).toMatchObject({ pendingCount: 0, upToDate: true });
    await b.hale.sync();
    expect(await weights(b).list()).toHaveLength(5_000);
  });

  it('a batch that is too large is halved; a single edit that is too large waits for the person', async () => {
    for (let index = 0; index < 20; index += 1) await weights(a).create(weight(60 + index));
    const tooLarge = await weights(a).create(weight(99.875));
    const sizes: number[] = [];
    const { fetch } = world.server;
    const limited = async (request: Request): Promise<Response> => {
      if (!request.url.endsWith('push')) return fetch(request);
      const text = await request.clone().text();
      const { mutations } = JSON.parse(text) as { mutations: object[] };
      sizes.push(mutations.length);
      return mutations.length > 8 || text.includes('99.875')
        ? problem(413, 'payload-too-large')
        : fetch(request);
    };
    Object.assign((a.hale as any).parts.runtime, { fetch: limited });
    await a.hale.sync();
    expect(sizes.slice(0, 3)).toEqual([21, 10, 5]);
    expect(Object.keys(world.server.live())).toHaveLength(20);
    expect(await a.hale.needsAttention.list()).toMatchObject([
      { recordId: tooLarge, problem: { code: 'payload-too-large' } },
    ]);
  });

  it('edits that belong together are sent in one batch, as one group', async () => {
    const [one, other] = ['0195f000-0000-7000-8000-000000000001', '0195f000-0000-7000-8000-000000000002'];
    await a.hale.together([
      { kind: 'weight', id: one, op: 'create', fields: { ...weight(1) } },
      { kind: 'weight', id: other, op: 'create', fields: { ...weight(2) } },
    ]);
    await a.hale.sync();
    const groups = world.server.pushes[0]?.mutations.map(({ group_id }) => group_id);
    expect(groups?.[0]).toBeDefined();
    expect(new Set(groups).size).toBe(1);
  });
});

describe('groups', () => {
  const [one, other, third] = ['1', '2', '3'].map((n) => `0195f000-0000-7000-8000-00000000000${n}`) as [
    string,
    string,
    string,
  ];
  const create = (id: string, value: number) =>
    ({ kind: 'weight', id, op: 'create', fields: { ...weight(value) } }) as const;
  const update = (id: string, value: number) =>
    ({ kind: 'weight', id, op: 'update', fields: { ...weight(value) } }) as const;
  const refusals = async () =>
    (await a.hale.needsAttention.list()).map(({ recordId, problem: { code } }) => [recordId, code]);
  const live = () =>
    Object.fromEntries(
      Object.entries(world.server.live()).map(([id, data]) => [id, (data as WeightFields).weight_value]),
    );
  const refusedOf = async (id: string): Promise<string> =>
    (await a.hale.needsAttention.list()).find(({ recordId }) => recordId === id)?.id ?? '';
  /** Only pushes get lost, so the edits are sent but have no answer. */
  const offline = (): void =>
    void (world.server.fault = (path) => (path.endsWith('push') ? 'lose-request' : undefined));
  const online = (): void => void (world.server.fault = () => undefined);

  it('correcting the refused member sends the whole group again, with a new group id', async () => {
    await a.hale.together([create(one, 70), create(other, 690)]);
    await a.hale.sync();
    expect(live()).toEqual({});
    expect(await refusals()).toEqual([
      [one, 'group-rejected'],
      [other, 'out-of-range'],
    ]);
    await a.hale.needsAttention.edit(await refusedOf(other), { weight_value: 71 });
    await syncAll(a);
    expect(live()).toEqual({ [one]: 70, [other]: 71 });
    const groups = world.server.pushes.map(({ mutations }) => mutations.map(({ group_id }) => group_id));
    expect(groups.map((ids) => new Set(ids).size)).toEqual([1, 1]);
    expect(groups[1]).toHaveLength(2);
    expect(groups[1]?.[0]).not.toBe(groups[0]?.[0]);
    expect(status(a)).toMatchObject({ needsAttention: 0, upToDate: true });
  });

  it.each(['the member that failed', 'another member'])(
    'an edit of %s sends the whole group',
    async (which) => {
      await a.hale.together([create(one, 70), create(other, 690)]);
      await a.hale.sync();
      const isCorrected = which === 'the member that failed';
      await weights(a).update(isCorrected ? other : one, weight(60));
      await syncAll(a);
      expect(live()).toEqual(isCorrected ? { [one]: 70, [other]: 60 } : {});
      expect(await shown(a)).toEqual(isCorrected ? live() : { [one]: 60, [other]: 690 });
      expect(status(a)).toMatchObject({ needsAttention: isCorrected ? 0 : 2, pendingCount: 0 });
    },
  );

  it('a later edit of a member is not sent without the group', async () => {
    await weights(a).create(weight(50), one);
    await a.hale.sync();
    await a.hale.together([update(one, 70), create(other, 690)]);
    await weights(a).update(one, weight(72));
    await syncAll(a);
    expect(live()).toEqual({ [one]: 50 });
    expect(await shown(a)).toEqual({ [one]: 72, [other]: 690 });
    await a.hale.needsAttention.edit(await refusedOf(other), { weight_value: 71 });
    await syncAll(a);
    expect(live()).toEqual({ [one]: 72, [other]: 71 });
  });

  it('a refused creation is corrected by a later group and is sent as part of that group', async () => {
    await weights(a).create(weight(690), one);
    offline();
    await a.hale.sync();
    await a.hale.together([update(one, 70), create(other, 71)]);
    online();
    await syncAll(a);
    expect(live()).toEqual({ [one]: 70, [other]: 71 });
    const sizes = world.server.pushes.map(
      ({ mutations }) => new Set(mutations.map(({ group_id }) => group_id)),
    );
    expect(sizes.map(({ size }) => size)).toEqual(sizes.map(() => 1));
    expect(status(a)).toMatchObject({ needsAttention: 0, upToDate: true });
  });

  it('the other members of its own group are sent with it', async () => {
    await a.hale.together([create(one, 60), create(third, 690)]);
    offline();
    await a.hale.sync();
    await a.hale.together([update(one, 70), create(other, 71)]);
    online();
    await syncAll(a);
    expect(live()).toEqual({});
    expect(await shown(a)).toEqual({ [one]: 70, [other]: 71, [third]: 690 });
    await weights(a).update(third, weight(61));
    await syncAll(a);
    expect(live()).toEqual({ [one]: 70, [other]: 71, [third]: 61 });
    expect(new Set(world.server.pushes.at(-1)?.mutations.map(({ group_id }) => group_id)).size).toBe(1);
  });

  it('a refused edit does not overwrite a later edit of a group', async () => {
    await weights(a).create(weight(80), one);
    await a.hale.sync();
    await weights(a).update(one, weight(690));
    offline();
    await a.hale.sync();
    await a.hale.together([update(one, 70), create(other, 71)]);
    online();
    await syncAll(a);
    expect(live()).toEqual({ [one]: 70, [other]: 71 });
    expect(await shown(a)).toEqual(live());
    expect(status(a)).toMatchObject({ needsAttention: 0, upToDate: true });
  });

  it('a refused edit that was corrected earlier does not overwrite a later edit of a group', async () => {
    await weights(a).create(weight(80), one);
    await a.hale.sync();
    await weights(a).update(one, weight(690));
    offline();
    await a.hale.sync();
    await weights(a).update(one, weight(72));
    await a.hale.together([update(one, 70), create(other, 71)]);
    online();
    await syncAll(a);
    expect(live()).toEqual({ [one]: 70, [other]: 71 });
    expect(await shown(a)).toEqual(live());
  });

  it('a corrected group leaves out fields that were edited later', async () => {
    for (const id of [one, other]) await weights(a).create(weight(80), id);
    await a.hale.sync();
    await a.hale.together([update(one, 60), update(other, 690)]);
    offline();
    await a.hale.sync();
    await a.hale.together([update(one, 70), create(third, 71)]);
    online();
    await syncAll(a);
    world.pass(MINUTE);
    await weights(a).update(other, weight(61));
    await syncAll(a, b);
    expect(live()).toEqual({ [one]: 70, [other]: 61, [third]: 71 });
    expect(await shown(a)).toEqual(live());
  });

  it('a corrected group keeps the fields that were not edited later', async () => {
    const meals = a.hale.records('meal');
    await meals.create({ ...soup, note: 'mild' }, one);
    await a.hale.sync();
    const entered = { title: 'Stew', note: 'hot' };
    await a.hale.together([{ kind: 'meal', id: one, op: 'update', fields: entered }, create(other, 690)]);
    offline();
    await a.hale.sync();
    await a.hale.together([
      { kind: 'meal', id: one, op: 'update', fields: { note: 'cold' } },
      create(third, 71),
    ]);
    online();
    await a.hale.sync();
    await weights(a).update(other, weight(72));
    await syncAll(a);
    expect(world.server.live('meal')).toEqual({ [one]: { ...soup, title: 'Stew', note: 'cold' } });
    expect(live()).toEqual({ [other]: 72, [third]: 71 });
  });

  it.each([
    ['entered after the refusal', false],
    ['entered while the deletion was being sent', true],
  ])('a refused deletion is dropped when the record is created again, %s', async (_, isOnItsWay) => {
    await weights(a).create(weight(80), one);
    await a.hale.sync();
    await a.hale.together([{ kind: 'weight', id: one, op: 'delete' }, create(other, 690)]);
    if (isOnItsWay) offline();
    await a.hale.sync();
    await weights(a).put(one, weight(66));
    online();
    await syncAll(a);
    expect(await shown(a)).toEqual({ [one]: 66, [other]: 690 });
    await weights(a).update(other, weight(61));
    await syncAll(a);
    expect(live()).toEqual({ [one]: 66, [other]: 61 });
    expect(await shown(a)).toEqual(live());
  });

  it('a refused deletion is dropped when a group creates the record again', async () => {
    await weights(a).create(weight(80), one);
    await a.hale.sync();
    await a.hale.together([{ kind: 'weight', id: one, op: 'delete' }, create(other, 690)]);
    offline();
    await a.hale.sync();
    await a.hale.together([create(one, 66), create(third, 71)]);
    online();
    await a.hale.sync();
    await weights(a).update(other, weight(61));
    await syncAll(a);
    expect(live()).toEqual({ [one]: 66, [other]: 61, [third]: 71 });
  });

  it('two groups that edit a record of a refused group are joined with it', async () => {
    const fourth = '0195f000-0000-7000-8000-000000000004';
    await a.hale.together([create(one, 690), create(other, 60)]);
    offline();
    await a.hale.sync();
    await a.hale.together([update(one, 70), create(third, 71)]);
    await a.hale.together([update(other, 72), create(fourth, 73)]);
    online();
    await syncAll(a);
    expect(live()).toEqual({ [one]: 70, [other]: 72, [third]: 71, [fourth]: 73 });
    const groups = world.server.pushes.at(-1)?.mutations.map(({ group_id }) => group_id);
    expect(groups).toHaveLength(4);
    expect(new Set(groups).size).toBe(1);
  });

  it('a creation that is sent again after waiting edits of its record keeps its values', async () => {
    await a.hale.together([create(one, 60), create(third, 690)]);
    offline();
    await a.hale.sync();
    await a.hale.together([update(one, 70), create(other, 71)]);
    let pushes = 0;
    world.server.fault = (path) => (path.endsWith('push') && (pushes += 1) > 1 ? 'lose-request' : undefined);
    await a.hale.sync();
    await a.hale.needsAttention.edit(await refusedOf(third), { weight_value: 61 });
    expect(await shown(a)).toEqual({ [one]: 70, [other]: 71, [third]: 61 });
    online();
    await syncAll(a);
    expect(live()).toEqual({ [one]: 70, [third]: 61 });
    await a.hale.needsAttention.retry(await refusedOf(other));
    await syncAll(a);
    expect(live()).toEqual({ [one]: 70, [other]: 71, [third]: 61 });
    expect(await shown(a)).toEqual(live());
  });

  it('a refused creation becomes an update after the server accepted a later edit of the record', async () => {
    await weights(a).create(weight(80), one);
    await syncAll(a, b);
    await weights(b).delete(one);
    await syncAll(b, a);
    world.pass(MINUTE);
    await weights(a).put(one, weight(690));
    offline();
    await a.hale.sync();
    await a.hale.together([update(one, 70), create(other, 71)]);
    online();
    await syncAll(a);
    expect(live()).toEqual({ [one]: 70, [other]: 71 });
    expect(await shown(a)).toEqual(live());
    expect(status(a).needsAttention).toBe(0);
  });

  it('listeners of a kind are notified when an edit of another kind changes a group with it', async () => {
    await a.hale.together([create(one, 690), { kind: 'meal', id: other, op: 'create', fields: { ...soup } }]);
    await a.hale.sync();
    let told = 0;
    a.hale.records('meal').watch(() => (told += 1));
    await weights(a).update(one, weight(691));
    expect(told).toBe(1);
    await a.hale.sync();
    told = 0;
    await a.hale.needsAttention.edit(await refusedOf(one), { weight_value: 70 });
    expect(told).toBe(1);
  });

  it('a group that edits a record of a refused group is sent with it', async () => {
    await a.hale.together([create(one, 70), create(other, 690)]);
    await a.hale.sync();
    await a.hale.together([update(other, 71), update(one, 69), create(third, 72)]);
    await syncAll(a);
    expect(live()).toEqual({ [one]: 69, [other]: 71, [third]: 72 });
    expect(new Set(world.server.pushes.at(-1)?.mutations.map(({ group_id }) => group_id)).size).toBe(1);
  });

  it('are never larger than the server’s limit', async () => {
    const many = Array.from({ length: 99 }, (_, index) =>
      create(`0195f000-0000-7000-8000-0000000001${String(index).padStart(2, '0')}`, 60),
    );
    await a.hale.together([...many, create(one, 690)]);
    await a.hale.sync();
    const more = a.hale.together([update(one, 70), create(other, 71)]);
    await expect(more).rejects.toMatchObject({ code: 'too-many-edits' });
    expect(status(a)).toMatchObject({ pendingCount: 0, needsAttention: 100 });
    const tooMany = a.hale.together([...many, create(other, 1), create(third, 2)]);
    await expect(tooMany).rejects.toMatchObject({ code: 'too-many-edits' });
  });

  it('the other members are sent after one member was discarded', async () => {
    await a.hale.together([create(one, 70), create(other, 690), create(third, 71)]);
    await a.hale.sync();
    await a.hale.needsAttention.discard(await refusedOf(other));
    await syncAll(a);
    expect(await refusals()).toEqual([
      [one, 'group-rejected'],
      [third, 'group-rejected'],
    ]);
    await a.hale.needsAttention.retry(await refusedOf(third));
    await syncAll(a);
    expect(live()).toEqual({ [one]: 70, [third]: 71 });
  });

  it('a group with a deleted record loses no entered value', async () => {
    await weights(a).create(weight(50), one);
    await syncAll(a, b);
    await weights(b).delete(one);
    await syncAll(b);
    world.server.purge();
    await a.hale.together([update(one, 70), create(other, 71)]);
    await a.hale.sync();
    const edits = await a.hale.needsAttention.list();
    expect(edits).toMatchObject([
      { recordId: one, fields: weight(70), problem: { code: 'record-gone' } },
      { recordId: other, fields: weight(71), problem: { code: 'group-rejected' } },
    ]);
    expect(edits[0]?.group).toBeDefined();
    expect(edits[1]?.group).toBe(edits[0]?.group);
    // The person creates it again.
    await weights(a).put(one, weight(70));
    await syncAll(a);
    expect(live()).toEqual({ [one]: 70, [other]: 71 });
  });

  it('all members are sent again together when another device used their number', async () => {
    await a.hale.together([create(one, 70), create(other, 71)]);
    let isFirst = true;
    const { fetch } = world.server;
    const reused = async (request: Request): Promise<Response> => {
      const response = await fetch(request);
      if (!request.url.endsWith('push') || !isFirst) return response;
      isFirst = false;
      const answer = (await response.json()) as PushAnswer;
      const results = answer.results.map((result, index) => ({
        ...result,
        status: 'rejected',
        error: { code: index === 0 ? 'mutation-id-reused' : 'group-rejected', message: '' },
      }));
      world.server.state.records.clear();
      return Response.json({ ...answer, results });
    };
    Object.assign((a.hale as any).parts.runtime, { fetch: reused });
    await syncAll(a);
    expect(live()).toEqual({ [one]: 70, [other]: 71 });
    const [first, again] = world.server.pushes;
    expect(new Set(again?.mutations.map(({ group_id }) => group_id)).size).toBe(1);
    const numbers = [first, again].flatMap((push) => push?.mutations.map(({ client_seq }) => client_seq));
    expect(new Set(numbers).size).toBe(4);
  });

  it('are not split when the server is restored', async () => {
    const backup = world.server.backup();
    await weights(a).create(weight(50), one);
    await syncAll(a);
    await a.hale.together([update(one, 70), create(other, 71)]);
    await weights(a).update(other, weight(72));
    world.server.restore(backup);
    await syncAll(a, b);
    expect(await shown(b)).toEqual({ [one]: 70, [other]: 72 });
    const grouped = world.server.pushes.flatMap(({ mutations }) =>
      mutations.filter(({ group_id }) => group_id),
    );
    expect(grouped.map(({ id }) => id)).toEqual([one, other]);
    expect(new Set(grouped.map(({ group_id }) => group_id)).size).toBe(1);
  });
});

describe('a kind that the server does not know yet', () => {
  const kinds = [definitions.weight, definitions.meal, mood];
  const moods = (phone: Phone) => phone.hale.records(mood.kind) as unknown as Records<{ text: string }>;

  it('waits and blocks no other edit; it is sent when the server knows the kind', async () => {
    const c = await world.phone({ kinds });
    const id = await moods(c).create({ text: 'fine' });
    await weights(c).create(weight(80));
    expect(await c.hale.sync()).toEqual({ phase: 'idle' });
    expect(Object.values(world.server.live())).toHaveLength(1);
    expect(status(c)).toMatchObject({ pendingCount: 1, needsAttention: 0, upToDate: false });
    await weights(c).create(weight(81));
    world.server.kinds.push('mood');
    world.pass(61 * MINUTE);
    await syncAll(c);
    expect(world.server.live('mood')).toEqual({ [id]: { text: 'fine' } });
    // Later edits were sent first. With its first number the server would treat the edit as a repetition.
    expect(new Set(world.server.pushes.map(({ client_id }) => client_id)).size).toBe(1);
    expect(status(c)).toMatchObject({ pendingCount: 0, upToDate: true });
    const d = await world.phone({ kinds });
    await syncAll(d);
    expect((await moods(d).list()).map(({ fields }) => fields)).toEqual([{ text: 'fine' }]);
  });

  it('delays groups that contain it, and later edits of their records', async () => {
    const c = await world.phone({ kinds });
    const [one, other] = ['0195f000-0000-7000-8000-000000000001', '0195f000-0000-7000-8000-000000000002'];
    await c.hale.together([
      { kind: 'weight', id: one, op: 'create', fields: { ...weight(1) } },
      { kind: mood.kind, id: other, op: 'create', fields: { text: 'low' } } as never,
    ]);
    await weights(c).update(one, weight(2));
    await weights(c).create(weight(3));
    await syncAll(c);
    expect(Object.keys(world.server.live())).toHaveLength(1);
    expect(status(c).pendingCount).toBe(3);
    world.server.kinds.push('mood');
    const again = await world.phone({ kinds, storage: c.storage });
    await syncAll(again);
    expect(world.server.live()[one]).toEqual(weight(2));
    expect(world.server.live('mood')).toEqual({ [other]: { text: 'low' } });
    expect(world.server.pushes.at(-2)?.mutations.map(({ group_id }) => group_id !== undefined)).toEqual([
      true,
      true,
    ]);
  });

  it('is removed while an edit is being sent: other edits are sent, and this one follows when the kind is back', async () => {
    world.server.kinds.push('mood');
    const c = await world.phone({ kinds });
    await c.hale.sync();
    const id = await moods(c).create({ text: 'fine' });
    world.server.fault = (path) => (path.endsWith('push') ? 'lose-request' : undefined);
    await c.hale.sync();
    world.server.fault = () => undefined;
    world.server.kinds.pop();
    await weights(c).create(weight(80));
    await c.hale.sync();
    expect(await c.hale.sync()).toEqual({ phase: 'idle' });
    expect(Object.keys(world.server.live())).toHaveLength(1);
    world.server.kinds.push('mood');
    world.pass(61 * MINUTE);
    await syncAll(c);
    expect(world.server.live('mood')).toEqual({ [id]: { text: 'fine' } });
    expect(status(c)).toMatchObject({ pendingCount: 0, upToDate: true });
  });

  it('is removed from the server: this stops one run, not all', async () => {
    world.server.kinds.push('mood');
    const c = await world.phone({ kinds });
    await syncAll(c);
    world.server.kinds.pop();
    await weights(c).create(weight(80));
    expect(await c.hale.sync()).toEqual({ phase: 'error', code: 'validation' });
    await syncAll(c);
    expect(Object.keys(world.server.live())).toHaveLength(1);
  });
});

describe('ids', () => {
  it('are compared without regard to letter case', async () => {
    const id = '0195F000-0000-7000-8000-00000000000A';
    expect(await weights(a).create(weight(80), id)).toBe(id.toLowerCase());
    await syncAll(a);
    expect((await weights(a).get(id))?.fields.weight_value).toBe(80);
    await weights(a).update(id, weight(81));
    await a.hale.together([
      { kind: 'weight', id, op: 'update', fields: { ...weight(82) } },
      { kind: 'weight', id: '0195F000-0000-7000-8000-00000000000B', op: 'create', fields: { ...weight(1) } },
    ]);
    await weights(a).put(id, weight(83));
    await syncAll(a);
    expect(await shown(a)).toMatchObject({ [id.toLowerCase()]: 83 });
    await weights(a).delete(id);
    await syncAll(a);
    expect(Object.values(await shown(a))).toEqual([1]);
  });
});

describe('reset signals', () => {
  it('an expired cursor removes purged records and keeps waiting edits', async () => {
    const [gone, stays] = [await weights(a).create(weight(80)), await weights(a).create(weight(81))];
    await syncAll(a, b);
    await weights(a).delete(gone);
    await syncAll(a);
    world.server.purge();
    const mine = await weights(b).create(weight(70));
    await syncAll(b, a);
    expect(await shown(b)).toEqual({ [stays]: 81, [mine]: 70 });
    expect(await shown(a)).toEqual(await shown(b));
  });

  it('a restored server receives the records and deletions that it lost', async () => {
    const doomed = await weights(a).create(weight(60));
    await syncAll(a, b);
    const backup = world.server.backup();
    for (let index = 0; index < 50; index += 1) await weights(a).create(weight(100 + index));
    world.pass(MINUTE);
    await weights(a).delete(doomed);
    await syncAll(a, b);
    const before = await shown(a);
    world.server.restore(backup);
    expect(world.server.live()).toHaveProperty(doomed);
    const waiting = await weights(b).create(weight(55));
    await syncAll(b, a, b);
    expect(await shown(a)).toEqual({ ...before, [waiting]: 55 });
    expect(await shown(b)).toEqual(await shown(a));
    expect(Object.keys(world.server.live()).toSorted()).toEqual(Object.keys(await shown(a)).toSorted());
  });

  it('an edit of a record that the server lost is sent together with the record', async () => {
    const backup = world.server.backup();
    const id = await weights(a).create(weight(80));
    await syncAll(a);
    await weights(a).update(id, weight(82));
    world.server.restore(backup);
    await syncAll(a, b);
    expect(await shown(b)).toEqual({ [id]: 82 });
    expect(await shown(a)).toEqual({ [id]: 82 });
  });

  it('a copy that waiting edits hide goes again as one that they have not seen', async () => {
    const backup = world.server.backup();
    const id = await weights(a).create(weight(80));
    await syncAll(a, b);
    await weights(b).update(id, weight(100));
    await syncAll(b);
    await weights(a).update(id, weight(90));
    world.server.fault = (path) => (path.endsWith('push') ? 'lose-request' : undefined);
    await a.hale.sync();
    world.server.fault = () => undefined;
    world.server.restore(backup);
    await syncAll(a);
    const sent = world.server.pushes.slice(-2).flatMap(({ mutations }) => mutations);
    expect(sent).toMatchObject([
      { op: 'create', fields: weight(100), unseen: true },
      { op: 'update', fields: weight(90) },
    ]);
    expect(sent[1]).not.toHaveProperty('unseen');
  });

  it('an accepted edit without an answer is sent again with the same time', async () => {
    const id = await weights(a).create(weight(80));
    await syncAll(a, b);
    await weights(a).update(id, weight(81));
    world.server.fault = (path) => (path.endsWith('push') ? 'lose-answer' : undefined);
    await a.hale.sync();
    world.server.fault = () => undefined;
    const [first] = world.server.pushes.at(-1)?.mutations ?? [];
    const backup = world.server.backup();
    world.pass(MINUTE);
    await weights(b).update(id, weight(82));
    await syncAll(b);
    // Its number is higher than that of the backup, so that the waiting edit is sent again.
    world.server.fault = (path) => (path.endsWith('push') ? 'lose-request' : undefined);
    await a.hale.sync();
    world.server.fault = () => undefined;
    // The person sets the clock, so the time of the edit is no longer known.
    a.runtime.setClock(a.runtime.now() - 30 * MINUTE);
    world.server.restore(backup);
    await syncAll(a, b);
    const again = world.server.pushes
      .flatMap(({ mutations }) => mutations)
      .filter(
        ({ fields, client_seq }) => fields?.['weight_value'] === 81 && client_seq !== first?.client_seq,
      );
    expect(again.map(({ modified_at }) => modified_at)).toEqual([first?.modified_at]);
  });

  it('a second restore during the first reset uses the older base', async () => {
    const empty = world.server.backup();
    const [early, late] = [await weights(a).create(weight(80)), await weights(a).create(weight(90))];
    await syncAll(a);
    world.server.restore(empty);
    const others: string[] = [];
    for (let value = 60; value < 65; value += 1) others.push(await weights(b).create(weight(value)));
    await syncAll(b);
    const later = world.server.backup();
    // The reset begins, but does not end.
    let pulls = 0;
    world.server.fault = (path) => (path.endsWith('pull') && ++pulls > 1 ? 'lose-request' : undefined);
    expect(await a.hale.sync()).toMatchObject({ phase: 'backoff' });
    world.server.fault = () => undefined;
    world.server.restore(later);
    await syncAll(a, b);
    expect(Object.keys(await shown(a)).toSorted()).toEqual([early, late, ...others].toSorted());
    expect(await shown(b)).toEqual(await shown(a));
  });

  it('a deletion stays in effect when an older backup is restored after one that contained it', async () => {
    const id = await weights(a).create(weight(80));
    await syncAll(a, b);
    const before = world.server.backup();
    world.pass(MINUTE);
    await weights(a).delete(id);
    await syncAll(a, b);
    world.server.restore(world.server.backup());
    await syncAll(a, b);
    world.server.restore(before);
    await syncAll(a, b);
    expect([await shown(a), await shown(b)]).toEqual([{}, {}]);
  });

  it('a deletion that the server lost wins against a phone that still sends the record', async () => {
    const empty = world.server.backup();
    const id = await weights(a).create(weight(80));
    await syncAll(a, b);
    world.pass(MINUTE);
    await weights(a).delete(id);
    await syncAll(a);
    world.server.restore(empty);
    await syncAll(a, b, a, b);
    expect(await shown(a)).toEqual({});
    expect(await shown(b)).toEqual({});
  });

  it('a record that is created again is not deleted by the deletion that the server lost', async () => {
    const empty = world.server.backup();
    const id = await weights(a).create(weight(80));
    await weights(b).create(weight(70));
    await syncAll(a, b);
    await weights(a).delete(id);
    await syncAll(a);
    world.server.restore(empty);
    await syncAll(a);
    // At the same time as the deletion, which wins at equal times.
    await weights(a).create(weight(81), id);
    world.server.fault = (path) => (path.endsWith('push') ? 'repeat-request' : undefined);
    await syncAll(a, b, a);
    expect(await shown(a)).toMatchObject({ [id]: 81 });
    expect(await shown(b)).toEqual(await shown(a));
  });

  it('an edit has no base version if that version has other content on the restored server', async () => {
    const id = await weights(a).create(weight(80));
    await syncAll(a, b);
    const backup = world.server.backup();
    await weights(a).update(id, weight(81));
    await syncAll(a);
    await weights(a).update(id, weight(82));
    world.server.restore(backup);
    await weights(b).update(id, weight(70));
    await syncAll(b);
    // Version 2 had the value 81 and now has the value 70.
    const rows = async () => (await outbox(a)).map(({ base_version }) => base_version);
    expect(await rows()).toEqual([2]);
    world.server.fault = (path) => (path.endsWith('push') ? 'lose-request' : undefined);
    await a.hale.sync();
    // The lost value 81, and the later value 82.
    expect(await rows()).toEqual([undefined, undefined]);
  });

  it('answers of another epoch acknowledge nothing', async () => {
    await weights(a).create(weight(80));
    await syncAll(b);
    const backup = world.server.backup();
    let isRestored = false;
    world.server.fault = (path) => {
      if (path.endsWith('push') && !isRestored) {
        isRestored = true;
        world.server.restore(backup);
      }
      return undefined;
    };
    await syncAll(a, b);
    expect(Object.values(await shown(b))).toEqual([80]);
  });

  it('records that the server does not have are removed after the first bootstrap', async () => {
    const id = await weights(a).create(weight(80));
    await syncAll(a);
    const c = await world.phone();
    // The phone knows it from an answer, before any pull.
    const zombie = {
      kind: 'weight',
      id: 'zombie',
      seq: '0',
      acked: '1',
      epoch: 'e0',
      version: 1,
      deleted: false,
    };
    await c.storage.transact((transaction) =>
      transaction.put('r/user-ada/weight/zombie', { ...zombie, modified_at: '2026-01-01', data: weight(1) }),
    );
    await syncAll(c);
    expect(await shown(c)).toEqual({ [id]: 80 });
  });

  it('a server that repeats the same page causes an error and no endless loop', async () => {
    const page = { epoch: 'e0', changes: [], cursor: 'e0:0', seq: '0', has_more: true };
    world.server.fault = (path) =>
      path.endsWith('pull')
        ? Response.json({ ...page, server_time: new Date(world.time).toISOString() })
        : undefined;
    world.server.log.length = 0;
    expect(await a.hale.sync()).toEqual({ phase: 'error', code: 'loop' });
    expect(world.server.log.length).toBeLessThan(8);
  });
});

describe('clients that share an id', () => {
  it('a phone restored from a backup loses nothing, even if the server no longer has its answers', async () => {
    await weights(a).create(weight(80));
    await syncAll(a);
    const copy = await clone(a);
    for (const value of [81, 82, 83]) {
      await weights(a).create(weight(value));
      await syncAll(a);
    }
    world.server.forgetAnswers();
    const restored = await world.phone({ storage: copy });
    await weights(restored).create(weight(90));
    await syncAll(restored, b);
    expect(Object.values(await shown(b)).toSorted()).toEqual([80, 81, 82, 83, 90]);
  });

  it('a phone restored from a backup takes a new id before it sends anything', async () => {
    await weights(a).create(weight(80));
    await syncAll(a);
    const copy = await clone(a);
    await weights(a).create(weight(81));
    await syncAll(a);
    const restored = await world.phone({ storage: copy });
    await weights(restored).create(weight(82));
    await syncAll(restored, a, b);
    expect(Object.values(await shown(b)).toSorted()).toEqual([80, 81, 82]);
    expect(new Set(world.server.pushes.map(({ client_id }) => client_id)).size).toBe(2);
  });

  it('two clones that run at the same time lose nothing', async () => {
    await weights(a).create(weight(80));
    await syncAll(a);
    const twin = await world.phone({ storage: await clone(a) });
    await syncAll(twin);
    await weights(a).create(weight(81));
    await weights(twin).create(weight(82));
    await weights(twin).create(weight(83));
    await syncAll(a, twin, b);
    expect(Object.values(await shown(b)).toSorted()).toEqual([80, 81, 82, 83]);
    expect(await shown(a)).toEqual(await shown(b));
  });

  async function clone({ storage }: Phone) {
    const { MemoryStorage } = await import('../src/storage/memory.js');
    const { SortedMap } = await import('../src/storage/sorted-map.js');
    const map = new SortedMap<object>();
    for (const [key, value] of (storage as any).map.entries()) map.set(key, structuredClone(value));
    return new MemoryStorage('clone', map);
  }
});

describe('sessions', () => {
  it('an expired token is renewed once for all requests, and the request is repeated', async () => {
    await a.hale.sync();
    world.server.expired.add('a1');
    await weights(a).create(weight(80));
    await Promise.all([a.hale.sync(), a.hale.api.GET('/api/users/me'), a.hale.api.GET('/api/users/me')]);
    expect(world.server.refreshes).toBe(1);
    expect(Object.keys(world.server.live())).toHaveLength(1);
  });

  it('a refresh whose answer was lost is repeated with its nonce, also after a restart; the next one has another', async () => {
    world.server.expired.add('a1');
    world.server.fault = (path) => (path === '/api/auth/refresh' ? 'lose-answer' : undefined);
    await a.hale.sync();
    world.server.fault = () => undefined;
    const again = await world.open({ storage: a.storage });
    await again.hale.sync();
    const { nonces } = world.server;
    expect(nonces.length).toBeGreaterThan(1);
    expect(nonces[0]).toMatch(/^[0-9a-f]{32}$/);
    expect(new Set(nonces).size).toBe(1);
    const stored = await a.storage.transact((transaction) => transaction.get<Session>('session'));
    world.server.expired.add(stored!.access_token);
    await again.hale.sync();
    expect(new Set(nonces).size).toBe(2);
  });

  it('two tabs without a common lock that refresh at once send one nonce', async () => {
    const other = await world.open({ storage: a.storage, lock: localLocks() });
    world.server.expired.add('a1');
    await Promise.all([a.hale.sync(), other.hale.sync()]);
    expect(world.server.nonces).toHaveLength(2);
    expect(new Set(world.server.nonces).size).toBe(1);
  });

  it.each([
    ['a sync', '/api/sync/pull'],
    ['a refresh', '/api/auth/refresh'],
  ])('a 401 of a proxy to %s does not end the session', async (_, path) => {
    const id = await weights(a).create(weight(80));
    world.server.expired.add('a1');
    world.server.fault = (asked) =>
      asked === path ? new Response('<html>Sign in to the network</html>', { status: 401 }) : undefined;
    expect(await a.hale.sync()).toEqual({ phase: 'error', code: 'http-401' });
    world.server.fault = () => undefined;
    await syncAll(a, b);
    expect(await shown(b)).toEqual({ [id]: 80 });
  });

  it('an answer to a refresh without tokens leaves the stored ones as they are', async () => {
    const stored = () => a.storage.transact((transaction) => transaction.get<Session>('session'));
    const { refresh_token } = (await stored())!;
    world.server.expired.add('a1');
    world.server.fault = (path) => (path === '/api/auth/refresh' ? new Response('{}') : undefined);
    expect(await a.hale.sync()).toMatchObject({ phase: 'backoff', code: 'network' });
    expect(await stored()).toMatchObject({ access_token: 'a1', refresh_token });
  });

  it('a renewed token that is refused, too, stops sync until somebody signs in', async () => {
    await weights(a).create(weight(80));
    world.server.fault = (path) => (path.startsWith('/api/sync') ? problem(401, 'token-expired') : undefined);
    expect(await a.hale.sync()).toEqual({ phase: 'auth_required', code: 'token-expired' });
    await a.hale.sync();
    expect(world.server.refreshes).toBe(1);
    world.server.fault = () => undefined;
    await a.hale.login({ email: 'ada', password: 'x' });
    await syncAll(a, b);
    expect(Object.values(await shown(b))).toEqual([80]);
  });

  it('a session stored by an older version of the app, without an id, stays signed in', async () => {
    await weights(a).create(weight(80));
    await a.hale.close();
    await a.storage.transact(async (transaction) => {
      const { id: _, ...session } = (await transaction.get<Session>('session'))!;
      await transaction.put('session', session);
    });
    const again = await world.open({ storage: a.storage });
    await syncAll(again, b);
    expect(Object.values(await shown(b))).toEqual([80]);
    const tab = await world.open({ storage: a.storage });
    await tab.hale.logout();
    await expect(weights(again).create(weight(81))).rejects.toMatchObject({ code: 'signed-out' });
    expect(await again.hale.sync()).toEqual({ phase: 'signed_out' });
  });

  it('a revoked session stops sync, also after a restart, and keeps all edits until somebody signs in', async () => {
    await a.hale.sync();
    await weights(a).create(weight(80));
    world.server.isRevoked = true;
    expect(await a.hale.sync()).toEqual({ phase: 'auth_required', code: 'session-revoked' });
    const again = await world.open({ storage: a.storage });
    expect(status(again)).toMatchObject({ phase: 'auth_required', pendingCount: 1 });
    world.server.isRevoked = false;
    await again.hale.login({ email: 'ada', password: 'x' });
    await syncAll(again, b);
    expect(Object.values(await shown(b))).toEqual([80]);
  });

  it('signing out is refused while edits are only on this device', async () => {
    await weights(a).create(weight(80));
    await expect(a.hale.logout()).rejects.toMatchObject({ code: 'unsynced-edits' });
    const exported = await a.hale.export();
    expect(exported).toMatchObject({
      pending: [{ op: 'create' }],
      records: { weight: [{ fields: weight(80) }] },
    });
    await a.hale.logout();
    expect(status(a)).toMatchObject({ phase: 'signed_out', pendingCount: 0 });
    expect(await weights(a).list()).toEqual([]);

    await a.hale.login({ email: 'ada', password: 'x' });
    await weights(a).create(weight(81));
    await a.hale.logout({ discard: true });
    await syncAll(b);
    expect(await shown(b)).toEqual({});
  });

  it('signing out is refused when edits were entered or changed after the export', async () => {
    const id = await weights(a).create(weight(80));
    await a.hale.export();
    await weights(a).update(id, weight(81));
    await expect(a.hale.logout()).rejects.toMatchObject({ code: 'unsynced-edits' });
    await a.hale.export();
    await a.hale.logout();
    expect(status(a).phase).toBe('signed_out');
  });

  it('edits of another person on the same device are not shown and not sent', async () => {
    await weights(a).create(weight(80));
    world.server.isRevoked = true;
    await a.hale.sync();
    world.server.isRevoked = false;
    await a.hale.login({ email: 'eve', password: 'x' });
    expect(await weights(a).list()).toEqual([]);
    await a.hale.sync();
    expect(world.server.pushes).toEqual([]);
    await a.hale.login({ email: 'ada', password: 'x' });
    await a.hale.sync();
    expect(world.server.userHeaders).toEqual(['user-ada']);
  });
});

describe('clocks', () => {
  it('the times that are sent are corrected when the clock is wrong by a year', async () => {
    const year = 365 * 24 * 60 * MINUTE;
    const c = await world.phone({ skew: year });
    const id = await weights(c).create(weight(80));
    await syncAll(c);
    expect(status(c).clockSkewMs).toBe(year);
    const [push] = world.server.pushes;
    expect(Math.abs(Date.parse(push?.mutations[0]?.modified_at ?? '') - world.time)).toBeLessThan(1_000);
    expect(Math.abs(Date.parse(push?.client_time ?? '') - world.time)).toBeLessThan(1_000);
    world.pass(MINUTE);
    await syncAll(a);
    await weights(a).update(id, weight(90));
    await syncAll(a, c);
    expect(await shown(c)).toEqual({ [id]: 90 });
  });

  it('an edit keeps its own time after a later edit of another record', async () => {
    const [first, second] = [await weights(a).create(weight(80)), await weights(a).create(weight(80))];
    await syncAll(a, b);
    await weights(a).update(first, weight(81));
    world.pass(MINUTE);
    await weights(a).update(second, weight(60));
    world.pass(MINUTE);
    await weights(b).update(second, weight(70));
    await syncAll(b);
    world.pass(MINUTE);
    // It is merged into the first edit.
    await weights(a).update(first, weight(82));
    await syncAll(a, b);
    expect(await shown(a)).toEqual({ [first]: 82, [second]: 70 });
  });

  it('an edit keeps its own time after another person used the phone', async () => {
    const id = await weights(a).create(weight(80));
    await syncAll(a, b);
    await weights(a).update(id, weight(60));
    world.pass(MINUTE);
    await weights(b).update(id, weight(70));
    await syncAll(b);
    world.pass(MINUTE);
    await a.hale.login({ email: 'bob', password: 'x' });
    await weights(a).create(weight(1));
    await a.hale.sync();
    await a.hale.login({ email: 'ada', password: 'x' });
    await syncAll(a, b);
    expect(await shown(b)).toEqual({ [id]: 70 });
  });

  it('two edits of a record keep their order when their times are reversed', async () => {
    const id = await weights(a).create(weight(80));
    await a.hale.sync();
    a.runtime.setClock(a.runtime.now() - MINUTE);
    await weights(a).update(id, weight(81));
    await syncAll(a, b);
    expect(await shown(b)).toEqual({ [id]: 81 });
  });
});

describe('other answers', () => {
  it.each([
    [problem(503, 'busy', {}, { 'retry-after': '30' }), { phase: 'backoff', code: 'busy' }],
    [problem(429, 'rate-limited'), { phase: 'backoff', code: 'rate-limited' }],
    [
      problem(426, 'upgrade-required', { min_version: '2.0' }),
      { phase: 'upgrade_required', minVersion: '2.0' },
    ],
    [problem(403, 'user-mismatch'), { phase: 'error', code: 'user-mismatch' }],
    [problem(409, 'cursor-user-mismatch'), { phase: 'error', code: 'cursor-user-mismatch' }],
    [new Response('<html>', { status: 502 }), { phase: 'backoff', code: 'http-502' }],
  ])('%#: %o', async (answer, expected) => {
    world.server.fault = (path) => (path.endsWith('pull') ? answer.clone() : undefined);
    await weights(a).create(weight(80));
    expect(await a.hale.sync()).toMatchObject(expected);
    await a.runtime.pass(0);
    expect(status(a)).toMatchObject({ pendingCount: 1, lastError: expect.any(String) });
  });

  it('waits at least as long as the server asks', async () => {
    const busy = problem(503, 'busy', {}, { 'retry-after': '30' });
    world.server.fault = (path) => (path.endsWith('pull') ? busy.clone() : undefined);
    a.hale.start();
    await a.runtime.pass(0);
    const { nextRetryAt = 0 } = status(a);
    expect(nextRetryAt - a.runtime.now()).toBeGreaterThanOrEqual(30_000);
    world.server.fault = () => undefined;
    await a.runtime.pass(nextRetryAt - a.runtime.now());
    expect(status(a)).toMatchObject({ phase: 'idle', upToDate: true });
    a.hale.stop();
    expect(a.runtime.due).toEqual([]);
  });

  it('reports contain events but no values', async () => {
    await weights(a).create({ ...weight(87.65) });
    await a.hale.sync();
    const report = a.hale.report();
    expect(report).toMatchObject([{ pulled: 1, pushed: 1, results: { applied: 1 }, ended: 'idle' }]);
    expect(JSON.stringify(report)).not.toContain('87.65');
  });
});

describe('late answers', () => {
  const change = (seq: string, value: number): Change => ({
    kind: 'weight',
    id: 'r',
    seq,
    version: Number(seq),
    deleted: false,
    modified_at: '2026-01-01T00:00:00.000Z',
    updated_at: '2026-01-01T00:00:00.000Z',
    data: { ...weight(value) },
  });
  const inStore = <T>(work: (store: UserStore) => Promise<T>): Promise<T> =>
    a.storage.transact((transaction) => work(new UserStore(transaction, 'user-ada', new Map())));

  it('an older version does not replace a newer one when their numbers have different lengths', async () => {
    await inStore(async (store) => {
      const apply = (seq: string, value: number) =>
        applyChange(store, a.runtime, change(seq, value), { epoch: 'e0' });
      expect(await apply('9007199254740993', 80)).toBe(true);
      expect(await apply('9007199254740992', 70)).toBe(false);
      expect(await apply('99', 60)).toBe(false);
    });
    expect(await shown(a)).toEqual({ r: 80 });
  });

  it('an answer of another epoch acknowledges no edit', async () => {
    await weights(a).create(weight(80));
    await inStore(async (store) => {
      await store.update({ epoch: 'e0' });
      const batch = (await takeBatch(store, a.runtime, { size: 100, isKnown: () => true }))!;
      const [row] = batch.rows;
      const result = {
        mutation_id: row!.mutation_id,
        id: row!.id,
        status: 'applied',
        version: 1,
        seq: '1',
      } as const;
      const answer = {
        epoch: 'e1',
        server_time: '2026-01-01T00:00:00.000Z',
        last_client_seq: 1,
        results: [result],
      };
      expect(await settle(store, a.runtime, batch, answer)).toEqual({ ignored: 1 });
    });
    expect((await outbox(a)).map(({ state }) => state)).toEqual(['pending']);
  });
});
