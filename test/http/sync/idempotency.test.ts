import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { SyncClients } from '../../../src/records/write/sync-clients.js';
import { MutationLog } from '../../../src/modules/sync/push/mutation-log.js';
import { TestApp } from '../../support/app.js';
import { DAY } from '../../support/clock.js';
import { hasDatabase } from '../../support/database.js';
import { Device, drainSync, mealFields, weightFields, type Wire } from '../../support/sync.js';
import { pull as pullWeights } from '../../support/weights.js';
import {
  before as ago,
  databaseError,
  everythingOf,
  faultyUnits,
  type FaultyUnits,
  Gate,
  liveOf,
  problemOf,
  seenOf,
  shared,
  statusesOf,
  twoPhones,
} from './support.js';

/** Results are kept for 45 days, so an edit whose result was deleted is older. */
const LONG_AGO = { modified_at: ago(46 * DAY) };

describe.runIf(hasDatabase())('sync, repeated requests', () => {
  let app: TestApp;
  let units: FaultyUnits;
  beforeAll(async () => {
    app = await TestApp.start({ override: faultyUnits((made) => (units = made)) });
  });
  afterAll(() => app.stop());

  const batchOf = (device: Device, size: number): Wire[] =>
    Array.from({ length: size }, (_, i) => device.create('weight', weightFields(60 + i / 10)));

  it('F21 a repeated push of 100 after a lost answer gets 100 duplicates: the same ids, no new seq', async () => {
    const { person, a } = await twoPhones(app.api);
    const batch = batchOf(a, 100);
    const first = await a.push(...batch);
    const before = await everythingOf(person);
    const again = await a.push(...batch);
    expect(statusesOf(again)).toEqual(Array(100).fill('duplicate'));
    expect(again.map(({ id, seq, version }) => [id, seq, version])).toEqual(
      first.map(({ id, seq, version }) => [id, seq, version]),
    );
    expect(await everythingOf(person)).toEqual(before);
    expect((await liveOf(person)).size).toBe(100);
  });

  it('F22 a failed commit leaves nothing, and the retry is applied once', async () => {
    const { person, a } = await twoPhones(app.api);
    const before = await everythingOf(person);
    const batch = batchOf(a, 10);
    units.before = () => {
      throw new Error('refused by the test');
    };
    const refused = await a.send(batch).finally(() => units.heal());
    expect([refused.status, problemOf(refused)]).toEqual([500, 'internal']);
    expect(await everythingOf(person)).toEqual(before);
    const { body } = await person.get(`/api/sync/status?client_id=${a.id}`);
    expect(body['last_client_seq']).toBe(0);
    expect(statusesOf(await a.push(...batch))).toEqual(Array(10).fill('applied'));
    const seqs = (await drainSync(person)).changes.map(({ seq }) => Number(seq));
    expect(seqs).toEqual(Array.from({ length: 10 }, (_, i) => seqs[0]! + i));
  });

  it('F22 an answer lost after the commit, then the retry: applied once', async () => {
    const { person, a } = await twoPhones(app.api);
    const batch = batchOf(a, 10);
    units.after = () => {
      throw databaseError('PROTOCOL_CONNECTION_LOST');
    };
    const lost = await a.send(batch).finally(() => units.heal());
    expect([lost.status, lost.headers.get('retry-after')]).toEqual([503, expect.any(String)]);
    const stored = await everythingOf(person);
    expect(stored['changes']).toHaveLength(10);
    expect(statusesOf(await a.push(...batch))).toEqual(Array(10).fill('duplicate'));
    expect(await everythingOf(person)).toEqual(stored);
  });

  it('F23 ten identical concurrent pushes create one set of rows and agree', async () => {
    const { person, a } = await twoPhones(app.api);
    const batch = batchOf(a, 20);
    const answers = await Promise.all(Array.from({ length: 10 }, () => a.send(batch)));
    expect(answers.map(({ status }) => status)).toEqual(Array(10).fill(200));
    const said = answers.map(({ body }) => statusesOf(body['results']).join());
    expect(said.toSorted()).toEqual([
      Array(20).fill('applied').join(),
      ...Array(9).fill(Array(20).fill('duplicate').join()),
    ]);
    const places = answers.map(({ body }) => body['results'].map((result: Wire) => result['seq']).join());
    expect(new Set(places).size).toBe(1);
    expect((await liveOf(person)).size).toBe(20);
  });

  it('F21 acknowledged mutations stay known while the same device reads its weights', async () => {
    const person = (await app.api.register()).device('phone');
    const phone = await new Device(person, 'phone').ready();
    const placeOf = async (): Promise<number> =>
      (await person.get('/api/sync/status?client_id=phone')).body['last_client_seq'];
    await phone.push(...batchOf(phone, 1));
    const batch = batchOf(phone, 2);
    const gate = new Gate();
    units.before = () => gate.pass();
    const pushing = phone.send(batch);
    await gate.reached;
    units.heal();
    // The read sees the state before the push, and writes after it.
    const clients = app.app.get(SyncClients);
    const find = vi.spyOn(clients, 'find').mockImplementationOnce(async (...device) => {
      const found = await SyncClients.prototype.find.apply(clients, device);
      gate.release();
      return found;
    });
    const [pushed, pulled] = await Promise.all([pushing, pullWeights(person)]);
    find.mockRestore();
    expect([pushed.status, pulled.status, await placeOf()]).toEqual([200, 200, 3]);
    expect(statusesOf(await phone.push(...batch))).toEqual(['duplicate', 'duplicate']);
    for (let round = 1; round <= 8; round++) {
      const next = batchOf(phone, 2);
      const reads = Array.from({ length: 3 }, () => pullWeights(person));
      const answers = await Promise.all([phone.send(next), ...reads, phone.send(next)]);
      expect([...answers.map(({ status }) => status), await placeOf()]).toEqual([
        ...Array(5).fill(200),
        3 + 2 * round,
      ]);
    }
  });

  it('F24 the same mutation_id with another body is refused, and nothing changes', async () => {
    const { person, a } = await twoPhones(app.api);
    const first = a.create('weight', weightFields(70));
    await a.push(first);
    const before = await everythingOf(person);
    const changed = { ...first, fields: weightFields(71) };
    const [result] = await a.push(changed);
    expect(result).toMatchObject({ status: 'rejected', error: { code: 'mutation-id-reused' } });
    expect(await everythingOf(person)).toEqual(before);
    expect(statusesOf(await a.push(first))).toEqual(['duplicate']);
  });

  it('F24 the same body with its members in another order is the same mutation', async () => {
    const { a } = await twoPhones(app.api);
    const first = a.create('weight', weightFields(70));
    await a.push(first);
    const turned = Object.fromEntries(
      Object.entries({
        ...first,
        fields: Object.fromEntries(Object.entries(weightFields(70)).toReversed()),
      }).toReversed(),
    );
    expect(statusesOf(await a.push(turned))).toEqual(['duplicate']);
  });

  it('F24 an Idempotency-Key with another body is 422, and nothing is stored', async () => {
    const { person, a } = await twoPhones(app.api);
    const keyed = new Device(person.with({ 'idempotency-key': randomUUID() }), a.id);
    keyed.epoch = a.epoch;
    const batch = batchOf(keyed, 2);
    const first = await keyed.send(batch);
    const before = await everythingOf(person);
    expect(await keyed.send(batch)).toMatchObject({ status: 200, body: first.body });
    const other = await keyed.send(batchOf(keyed, 2));
    expect([other.status, problemOf(other)]).toEqual([422, 'idempotency-key-reused']);
    expect(await everythingOf(person)).toEqual(before);
  });

  it('F25 duplicates in a batch: one result each; the second is a duplicate or a later edit', async () => {
    const { person, a } = await twoPhones(app.api);
    const first = a.create('weight', weightFields(70));
    const later = a.update({ kind: 'weight', id: first['id'] }, weightFields(72));
    const results = await a.push(first, first, later, later);
    expect(statusesOf(results)).toEqual(['applied', 'duplicate', 'applied', 'duplicate']);
    expect(results.map(({ mutation_id }) => mutation_id)).toEqual(
      [first, first, later, later].map(({ mutation_id }) => mutation_id),
    );
    expect(await seenOf(person, first['id'])).toMatchObject({ version: 2, data: { weight_value: 72 } });
  });

  it('F25 an unsorted batch is applied in the order of client_seq, and answered in the order of the request', async () => {
    const { person, a } = await twoPhones(app.api);
    const made = a.create('meal', mealFields());
    const noted = a.update({ kind: 'meal', id: made['id'] }, { note: 'later' });
    const gone = a.delete({ kind: 'meal', id: made['id'] });
    const results = await a.push(gone, noted, made);
    expect(statusesOf(results)).toEqual(['applied', 'applied', 'applied']);
    expect(results.map(({ version }) => version)).toEqual([3, 2, 1]);
    expect(await seenOf(person, made['id'])).toBeUndefined();
  });

  it('F27 a retry after its result was deleted changes nothing: the newer edit of another phone stays', async () => {
    const { person, a, b } = await twoPhones(app.api);
    const weight = await shared(a, 'weight');
    const old = a.update(weight, weightFields(71), LONG_AGO);
    await a.push(old);
    await b.push(b.update({ ...weight, version: 2 }, weightFields(75)));
    const before = await everythingOf(person);
    await units.run(() => app.db.execute('DELETE FROM sync_pushes WHERE user_id = ?', [person.userId]));
    const [result] = await a.push(old);
    expect(result).toMatchObject({ status: 'duplicate', record: { version: 3, data: weightFields(75) } });
    expect(await everythingOf(person)).toEqual(before);
  });

  it('F27 a retry of a creation whose result was deleted does not restore a deleted record', async () => {
    const { person, a, b } = await twoPhones(app.api);
    const made = a.create('weight', weightFields(), LONG_AGO);
    await a.push(made);
    await b.push(b.delete({ kind: 'weight', id: made['id'], version: 1 }));
    await units.run(() => app.db.execute('DELETE FROM sync_pushes WHERE user_id = ?', [person.userId]));
    expect(statusesOf(await a.push(made))).toEqual(['duplicate']);
    expect((await liveOf(person)).size).toBe(0);
  });

  it('F27 a new mutation numbered below an accepted one is an error, and goes under a new client_id', async () => {
    const { person, a } = await twoPhones(app.api);
    const [low, high] = batchOf(a, 2);
    expect(statusesOf(await a.push({ ...high, client_seq: 5 }))).toEqual(['applied']);
    const late = { ...low, client_seq: 3 };
    for (let attempt = 0; attempt < 2; attempt += 1) {
      const [result] = await a.push(late);
      expect(result).toMatchObject({ status: 'rejected', error: { code: 'client-seq-reused' } });
    }
    expect((await liveOf(person)).size).toBe(1);
    const renamed = await new Device(person).ready();
    expect(statusesOf(await renamed.push(late))).toEqual(['applied']);
    expect((await liveOf(person)).size).toBe(2);
  });

  it('F28 a cloned phone learns that its client_seq is used; with a new client_id nothing is lost', async () => {
    const { person, a } = await twoPhones(app.api);
    await a.push(...batchOf(a, 5));
    const clone = await new Device(person, a.id).ready();
    const { body } = await person.get(`/api/sync/status?client_id=${clone.id}`);
    expect(body['last_client_seq']).toBe(5);
    const own = batchOf(clone, 5);
    const results = await clone.push(...own);
    expect(results.map(({ error }) => error?.code)).toEqual(Array(5).fill('client-seq-reused'));
    expect((await liveOf(person)).size).toBe(5);
    const renamed = await new Device(person).ready();
    expect(statusesOf(await renamed.push(...own))).toEqual(Array(5).fill('applied'));
    expect((await liveOf(person)).size).toBe(10);
  });

  it('F28 mutations after a used client_seq are refused with it, and so are their retries', async () => {
    const { person, a } = await twoPhones(app.api);
    await a.push(...batchOf(a, 3));
    const clone = await new Device(person, a.id).ready();
    const own = batchOf(clone, 5);
    const codes = (results: Wire[]): unknown[] => results.map(({ error }) => error?.code);
    expect(codes(await clone.push(...own))).toEqual(Array(5).fill('client-seq-reused'));
    expect(codes(await clone.push(...own.slice(3)))).toEqual(Array(2).fill('client-seq-reused'));
    expect((await liveOf(person)).size).toBe(3);
    const renamed = await new Device(person).ready();
    expect(statusesOf(await renamed.push(...own))).toEqual(Array(5).fill('applied'));
  });

  it('a retry may omit its base version', async () => {
    const { person, a } = await twoPhones(app.api);
    const made = a.create('weight', weightFields());
    await a.push(made);
    const edit = a.update({ kind: 'weight', id: made['id'], version: 1 }, weightFields(80));
    await a.push(edit);
    const before = await everythingOf(person);
    const { base_version: _, ...bare } = edit;
    expect(statusesOf(await a.push(bare))).toEqual(['duplicate']);
    expect(await everythingOf(person)).toEqual(before);
  });

  it('F28 a skipped client_seq does not count as answered', async () => {
    const { person, a } = await twoPhones(app.api);
    const [first, skipped, third] = batchOf(a, 3) as [Wire, Wire, Wire];
    await a.push(first);
    await a.push(third);
    const [result] = await a.push(skipped);
    expect(result).toMatchObject({ status: 'rejected', error: { code: 'client-seq-reused' } });
    const renamed = await new Device(person).ready();
    expect(statusesOf(await renamed.push(skipped))).toEqual(['applied']);
    expect((await liveOf(person)).size).toBe(3);
  });

  it('F29 one invalid mutation among 100 is named and the others are applied, also on the retry', async () => {
    const { person, a } = await twoPhones(app.api);
    const batch = batchOf(a, 100);
    batch[49] = { ...batch[49], fields: { ...weightFields(), weight_value: 9_000 } };
    const [first, again] = [await a.push(...batch), await a.push(...batch)];
    expect(first[49]).toMatchObject({
      status: 'rejected',
      error: { code: 'out-of-range', field: 'fields.weight_value', message: expect.any(String) },
    });
    expect(statusesOf(first.toSpliced(49, 1))).toEqual(Array(99).fill('applied'));
    expect(again[49]).toMatchObject({ status: 'rejected', error: { code: 'out-of-range' } });
    expect(statusesOf(again.toSpliced(49, 1))).toEqual(Array(99).fill('duplicate'));
    expect((await liveOf(person)).size).toBe(99);
  });

  it('F28 results of distant client_seq are found without reading those in between', async () => {
    const { person, a } = await twoPhones(app.api);
    const sent: Wire[] = [];
    for (let i = 0; i < 6; i++) {
      const [one, other] = batchOf(a, 2) as [Wire, Wire];
      await a.push(one, other);
      sent.push(one, other);
    }
    const log = app.app.get(MutationLog);
    const places = sent.map(({ client_seq }) => client_seq as number);
    const find = async (...wanted: number[]) =>
      (await log.find(person.userId, a.id, wanted)).map(([place]) => place).toSorted((x, y) => x - y);
    expect(await find(places[0]!, places[11]!, 10_000)).toEqual([places[0], places[11]]);
    expect(await find(...places)).toEqual(places);
    expect(await find(places[11]! + 1)).toEqual([]);
    const rows = vi.spyOn(app.db, 'rows');
    await find(places[0]!, places[11]!);
    const counts = await Promise.all(rows.mock.results.map(async ({ value }) => (await value).length));
    rows.mockRestore();
    expect(counts).toEqual([2, 2]);
  });
});
