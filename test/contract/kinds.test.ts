import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { RecordCatalog } from '../../src/records/define/record-catalog.js';
import { type Api } from '../support/api.js';
import { TestApp } from '../support/app.js';
import { hasDatabase } from '../support/database.js';
import { Device, drainSync, shown, type Wire } from '../support/sync.js';
import { kinds, storeReferences } from './kinds.support.js';

/** The rules for every kind in the catalog. A new kind is tested without any change here. */
/** The routes of weights are fixed: of one that a person entered they show only these. */
function shownByRest(kind: string, data: Wire): Wire {
  const { weight_value, unit, timestamp } = data;
  return kind === 'weight' ? { weight_value, unit, timestamp } : data;
}

describe.runIf(hasDatabase()).each(kinds)(
  'kind $name',
  ({ name, path, example, groups, methods, isNamed }) => {
    let app: TestApp;
    let ada: Api;
    let eve: Api;
    /** What a creation by push has beside the fields: the id, if it follows from them. */
    let named: { id?: string } = {};
    beforeAll(async () => {
      app = await TestApp.start();
      [ada, eve] = [await app.api.register(), await app.api.register()];
      await storeReferences(ada, example);
      if (!isNamed) return;
      const scout = await app.api.register();
      await storeReferences(scout, example);
      named = { id: (await scout.post(path, example)).body['id'] as string };
    });
    beforeEach(async () => {
      if (!isNamed) return;
      ada = await app.api.register();
      await storeReferences(ada, example);
    });
    afterAll(() => app.stop());

    const latest = async (api: Api, id: string): Promise<Wire | undefined> =>
      shown((await drainSync(api)).changes).get(id);

    /** Reads a record by its route, or by a pull when the kind has no such route. */
    const read = async (api: Api, id: string): Promise<Wire> => {
      if (!methods.includes('GET')) return (await latest(api, id))?.['data'] as Wire;
      const { status, body } = await api.get(`${path}/${id}`);
      expect(status).toBe(200);
      return body;
    };

    /** Deletes a record by its route, or by a push when the kind has no such route. */
    const remove = async (api: Api, id: string): Promise<void> => {
      if (methods.includes('DELETE')) {
        expect((await api.delete(`${path}/${id}`)).status).toBe(204);
        return;
      }
      const device = await new Device(api).ready();
      const [result] = await device.push(device.delete({ kind: name, id, version: 1 }));
      expect(result?.['status']).toBe('applied');
    };

    /** The values of the names that both objects have. */
    const common = (a: Wire, b: Wire): Wire =>
      Object.fromEntries(Object.entries(a).filter(([name]) => name in b));

    it('created by REST is the same in a pull', async () => {
      const { status, body } = await ada.post(path, example);
      expect([status, body]).toEqual([201, body]);
      const change = await latest(ada, body['id']);
      const { data: synced, ...frame } = change as Wire;
      const data = shownByRest(name, synced);
      expect(common(body, data)).toEqual(data);
      expect(common(frame, body)).toEqual(common(body, frame));
    });

    it('created by push is the same by REST', async () => {
      const device = await new Device(ada).ready();
      const [result] = await device.push(device.create(name, example, named));
      expect(result?.['status']).toBe('applied');
      const id = result?.['id'] as string;
      const data = shownByRest(name, (await latest(ada, id))?.['data'] as Wire);
      expect(common(await read(ada, id), data)).toEqual(data);
      const listed = ((await ada.get(path)).body['data'] as Wire[]).find((record) => record['id'] === id);
      expect(common(listed as Wire, data)).toEqual(data);
    });

    it('belongs to one person and is not visible to others', async () => {
      const id = (await ada.post(path, example)).body['id'] as string;
      for (const method of methods) {
        const body = method === 'PUT' || method === 'PATCH' ? example : undefined;
        expect([method, (await eve.send(method, `${path}/${id}`, body)).status]).toEqual([method, 404]);
      }
      expect((await eve.get(path)).body['pagination'].total).toBe(0);
      const device = await new Device(eve).ready();
      const target = { kind: name, id, version: 1 };
      const results = await device.push(device.update(target, example), device.delete(target));
      expect(results.map(({ status }) => status)).toEqual(['gone', 'gone']);
      expect(JSON.stringify((await drainSync(eve)).changes.filter(({ kind }) => kind === name))).toBe('[]');
      expect(await read(ada, id)).toBeDefined();
    });

    it('a deleted record is a tombstone without data, and a new device does not receive it', async () => {
      const id = (await ada.post(path, example)).body['id'] as string;
      const { cursor } = await drainSync(ada);
      await remove(ada, id);
      const { changes } = await drainSync(ada, { cursor });
      const tombstone = changes.find((change) => change['id'] === id);
      expect(tombstone).toMatchObject({ deleted: true, version: 2 });
      expect(tombstone).not.toHaveProperty('data');
      expect((await drainSync(ada)).changes.some((change) => change['id'] === id)).toBe(false);
      if (methods.includes('GET')) expect((await ada.get(`${path}/${id}`)).status).toBe(404);
      expect(JSON.stringify((await ada.get(path)).body)).not.toContain(id);
    });

    it('refuses by push what REST refuses, with the same field and code', async () => {
      const device = await new Device(ada).ready();
      for (const field of Object.keys(example))
        for (const bad of [{ $ne: null }, [[]], 'x'.repeat(20_000)]) {
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

    it('a repeated creation with the same id makes one record, by REST and by push', async () => {
      const device = await new Device(ada).ready();
      const creation = device.create(name, example, named);
      const pushes = await Promise.all(Array.from({ length: 5 }, () => device.push(creation)));
      const posts = await Promise.all(
        Array.from({ length: 5 }, () => ada.post(path, { ...example, id: creation['id'] })),
      );
      expect(new Set(posts.map(({ status }) => status))).toEqual(new Set([201]));
      expect(pushes.flat().filter(({ status }) => status === 'applied')).toHaveLength(1);
      expect((await latest(ada, creation['id']))?.['version']).toBe(1);
    });

    it('accepts a group only completely', async () => {
      const device = await new Device(ada).ready();
      const creation = device.create(name, example, named);
      await device.push(creation);
      for (const group of groups.filter(({ length }) => length > 1))
        for (const field of group) {
          const torn = device.update({ ...creation, version: 1 }, { [field]: example[field] });
          const [result] = await device.push(torn);
          expect([field, result?.['status'], result?.['error']?.code]).toEqual([
            field,
            'rejected',
            'required',
          ]);
        }
    });

    it('the digest changes with every write', async () => {
      const before = (await ada.get(`/api/sync/digest?kinds=${name}`)).body['kinds'][0];
      const id = (await ada.post(path, example)).body['id'] as string;
      const during = (await ada.get(`/api/sync/digest?kinds=${name}`)).body['kinds'][0];
      expect(during.count).toBe(before.count + 1);
      await remove(ada, id);
      expect((await ada.get(`/api/sync/digest?kinds=${name}`)).body['kinds'][0]).toEqual(before);
    });

    it('is deleted with the account', async () => {
      const person = await app.api.register();
      await storeReferences(person, example);
      expect((await person.post(path, example)).status).toBe(201);
      expect((await person.delete('/api/users/me')).status).toBe(204);
      const { table } = app.app.get(RecordCatalog).get(name);
      expect(await app.db.rows(`SELECT id FROM ${table.name} WHERE user_id = ?`, [person.userId])).toEqual(
        [],
      );
    });
  },
);
