import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RecordCatalog } from '../../src/kernel/records/catalog.js';
import { type Api } from '../support/api.js';
import { TestApp } from '../support/app.js';
import { hasDatabase } from '../support/database.js';
import { Device, drainSync, shown, type Wire } from '../support/sync.js';
import { kinds } from './kinds.support.js';

/** What holds for every kind in the catalog: a new one is in here without a line. */
describe.runIf(hasDatabase()).each(kinds)('kind $name', ({ name, path, example, groups }) => {
  let app: TestApp;
  let ada: Api;
  let eve: Api;
  beforeAll(async () => {
    app = await TestApp.start();
    [ada, eve] = [await app.api.register(), await app.api.register()];
  });
  afterAll(() => app.stop());

  const latest = async (api: Api, id: string): Promise<Wire | undefined> =>
    shown((await drainSync(api)).changes).get(id);

  /** What both have of the same name. */
  const common = (a: Wire, b: Wire): Wire =>
    Object.fromEntries(Object.entries(a).filter(([name]) => name in b));

  it('made by REST is the same in pull', async () => {
    const { status, body } = await ada.post(path, example);
    expect([status, body]).toEqual([201, body]);
    const change = await latest(ada, body['id']);
    const { data, ...frame } = change as Wire;
    expect(common(body, data)).toEqual(data);
    expect(common(frame, body)).toEqual(common(body, frame));
  });

  it('made by push is the same by REST', async () => {
    const device = await new Device(ada).ready();
    const [result] = await device.push(device.create(name, example));
    expect(result?.['status']).toBe('applied');
    const { status, body } = await ada.get(`${path}/${result?.['id']}`);
    expect(status).toBe(200);
    expect(common(body, (await latest(ada, body['id']))?.['data'])).toEqual(
      (await latest(ada, body['id']))?.['data'],
    );
  });

  it('belongs to one person: to everybody else it is not there', async () => {
    const id = (await ada.post(path, example)).body['id'] as string;
    for (const method of ['GET', 'PUT', 'DELETE']) {
      const body = method === 'PUT' ? example : undefined;
      expect([method, (await eve.send(method, `${path}/${id}`, body)).status]).toEqual([method, 404]);
    }
    expect((await eve.get(path)).body['pagination'].total).toBe(0);
    const device = await new Device(eve).ready();
    const target = { kind: name, id, version: 1 };
    const results = await device.push(device.update(target, example), device.delete(target));
    expect(results.map(({ status }) => status)).toEqual(['gone', 'gone']);
    expect(JSON.stringify((await drainSync(eve)).changes.filter(({ kind }) => kind === name))).toBe('[]');
    expect((await ada.get(`${path}/${id}`)).status).toBe(200);
  });

  it('deleted by REST is a tombstone without data, and no news to a fresh device', async () => {
    const id = (await ada.post(path, example)).body['id'] as string;
    const { cursor } = await drainSync(ada);
    expect((await ada.delete(`${path}/${id}`)).status).toBe(204);
    const { changes } = await drainSync(ada, { cursor });
    const tombstone = changes.find((change) => change['id'] === id);
    expect(tombstone).toMatchObject({ deleted: true, version: 2 });
    expect(tombstone).not.toHaveProperty('data');
    expect((await drainSync(ada)).changes.some((change) => change['id'] === id)).toBe(false);
    expect((await ada.get(`${path}/${id}`)).status).toBe(404);
  });

  it('refuses by push what REST refuses, by the same field and code', async () => {
    const device = await new Device(ada).ready();
    for (const field of Object.keys(example))
      for (const bad of [{ $ne: null }, [[]], 'x'.repeat(5_000)]) {
        const wrong = { ...example, [field]: bad };
        const rest = await ada.post(path, wrong);
        const [pushed] = await device.push(device.create(name, wrong));
        expect([field, rest.status, pushed?.['status']]).toEqual([field, 422, 'rejected']);
        const [first] = rest.body['errors'] as Wire[];
        expect(pushed?.['error']).toEqual({ ...first, field: `fields.${first?.['field']}` });
      }
    const [unknown] = await device.push(device.create(name, { ...example, nonsense: 1 }));
    expect(unknown?.['error']).toMatchObject({ code: 'unknown-field', field: 'fields.nonsense' });
  });

  it('a repeated creation with an id makes one record, by REST and by push', async () => {
    const device = await new Device(ada).ready();
    const creation = device.create(name, example);
    const pushes = await Promise.all(Array.from({ length: 5 }, () => device.push(creation)));
    const posts = await Promise.all(
      Array.from({ length: 5 }, () => ada.post(path, { ...example, id: creation['id'] })),
    );
    expect(new Set(posts.map(({ status }) => status))).toEqual(new Set([201]));
    expect(pushes.flat().filter(({ status }) => status === 'applied')).toHaveLength(1);
    expect((await latest(ada, creation['id']))?.['version']).toBe(1);
  });

  it('every group travels whole', async () => {
    const device = await new Device(ada).ready();
    const creation = device.create(name, example);
    await device.push(creation);
    for (const group of groups.filter(({ length }) => length > 1))
      for (const field of group) {
        const torn = device.update({ ...creation, version: 1 }, { [field]: example[field] });
        const [result] = await device.push(torn);
        expect([field, result?.['status'], result?.['error']?.code]).toEqual([field, 'rejected', 'required']);
      }
  });

  it('the digest follows every write', async () => {
    const before = (await ada.get(`/api/sync/digest?kinds=${name}`)).body['kinds'][0];
    const id = (await ada.post(path, example)).body['id'] as string;
    const during = (await ada.get(`/api/sync/digest?kinds=${name}`)).body['kinds'][0];
    expect(during.count).toBe(before.count + 1);
    await ada.delete(`${path}/${id}`);
    expect((await ada.get(`/api/sync/digest?kinds=${name}`)).body['kinds'][0]).toEqual(before);
  });

  it('erased with the account', async () => {
    const person = await app.api.register();
    expect((await person.post(path, example)).status).toBe(201);
    expect((await person.delete('/api/users/me')).status).toBe(204);
    const { table } = app.app.get(RecordCatalog).get(name);
    expect(await app.db.rows(`SELECT id FROM ${table.name} WHERE user_id = ?`, [person.userId])).toEqual([]);
  });
});
