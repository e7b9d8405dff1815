import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Api, PASSWORD } from '../../support/api.js';
import { TestApp } from '../../support/app.js';
import { hasDatabase } from '../../support/database.js';
import { Device, drainSync, mealFields, pullPage, weightFields, type Wire } from '../../support/sync.js';
import { before, everythingOf, liveOf, problemOf, seenOf, shared, statusesOf, twoPhones } from './support.js';

describe.runIf(hasDatabase())('sync, access', () => {
  let app: TestApp;
  beforeAll(async () => void (app = await TestApp.start({ env: { MIN_CLIENT_VERSION: '2.4.0' } })));
  afterAll(() => app.stop());

  const events = (device: Device, api = device.api) =>
    api.post('/api/sync/events', {
      client_id: device.id,
      events: [
        {
          event_id: randomUUID(),
          client_seq: 1,
          type: 'weight',
          id: randomUUID(),
          occurred_at: before(0),
          payload: weightFields(),
        },
      ],
    });

  it.each(['2.3.9', '2.3', '1', '0', '2.3.99999', '2', 'x'])(
    'F49 version %s can no longer send, and is told which version can; it can read',
    async (version) => {
      const { person, a } = await twoPhones(app.api);
      const unchanged = await everythingOf(person);
      const old = person.with({ 'x-client-version': version });
      const phone = new Device(old, 'a');
      phone.epoch = a.epoch;
      for (const answer of [await phone.send([a.create('weight', weightFields())]), await events(phone)]) {
        expect([answer.status, problemOf(answer)]).toEqual([426, 'upgrade-required']);
        expect(answer.body['min_version']).toBe('2.4.0');
      }
      expect((await pullPage(old)).status).toBe(200);
      expect((await old.get('/api/sync/status')).status).toBe(200);
      expect(await everythingOf(person)).toEqual(unchanged);
    },
  );

  it.each(['2.4.0', '2.4', '2.4.0.1', '2.10.0', '3', '10.0.0', '2.4.0-beta'])(
    'F49 version %s can send',
    async (version) => {
      const { person, a } = await twoPhones(app.api);
      const phone = new Device(person.with({ 'x-client-version': version }), 'a');
      phone.epoch = a.epoch;
      expect((await phone.send([phone.create('weight', weightFields())])).status).toBe(200);
    },
  );

  it('F51 after a sign-out nothing is accepted, and nothing applied', async () => {
    const { person, a } = await twoPhones(app.api);
    const other = await person.login();
    const thief = new Device(other, 'thief');
    thief.epoch = a.epoch;
    await thief.push(thief.create('weight', weightFields()));
    const unchanged = await everythingOf(person);
    const { status } = await new Api(app.url).post('/api/auth/logout', {
      refresh_token: other.account['refresh_token'],
    });
    expect(status).toBeLessThan(300);
    const refused = [
      await thief.send([thief.create('weight', weightFields())]),
      await events(thief),
      await pullPage(other),
      await other.get('/api/sync/status'),
    ];
    expect(refused.map((answer) => `${answer.status} ${problemOf(answer)}`)).toEqual(
      Array(4).fill('401 session-revoked'),
    );
    expect(await everythingOf(person)).toEqual(unchanged);
  });

  it('F51 a changed password ends the other phones, and none of their mutations is applied', async () => {
    const { person, a } = await twoPhones(app.api);
    const other = new Device(await person.login(), 'other');
    other.epoch = a.epoch;
    const { status } = await person.put('/api/users/me/password', {
      current_password: PASSWORD,
      new_password: `${PASSWORD} 2`,
    });
    expect(status).toBeLessThan(300);
    expect((await other.send([other.create('weight', weightFields())])).status).toBe(401);
    expect((await liveOf(person)).size).toBe(0);
  });

  it('F52 the outbox of one account is refused for another', async () => {
    const { person } = await twoPhones(app.api);
    const { person: other, a } = await twoPhones(app.api);
    const unchanged = await everythingOf(other);
    const wrong = other.with({ 'x-sync-user': person.userId });
    const phone = new Device(wrong, 'a');
    phone.epoch = a.epoch;
    for (const answer of [await phone.send([a.create('weight', weightFields())]), await events(phone)])
      expect([answer.status, problemOf(answer)]).toEqual([403, 'user-mismatch']);
    expect(await everythingOf(other)).toEqual(unchanged);
    const right = new Device(other.with({ 'x-sync-user': other.userId.toUpperCase() }), 'a');
    right.epoch = a.epoch;
    expect((await right.send([a.create('weight', weightFields())])).status).toBe(200);
  });

  it.each(['weight', 'meal'])('F53 another person’s %s is unknown to every operation', async (kind) => {
    const { person, a } = await twoPhones(app.api);
    const record = await shared(a, kind);
    const unchanged = await everythingOf(person);
    const fields = kind === 'weight' ? weightFields(99) : mealFields({ title: 'Taken' });
    const attack = (device: Device, id: string): Wire[] => [
      device.update({ kind, id, version: 1 }, fields),
      device.delete({ kind, id, version: 1 }),
      device.create(kind, fields, { id }),
      device.update({ kind, id, version: 1 }, fields),
      device.delete({ kind, id }),
    ];
    const [eve, mallory] = [(await twoPhones(app.api)).a, (await twoPhones(app.api)).a];
    const told = await eve.push(...attack(eve, record['id']));
    const unknown = await mallory.push(...attack(mallory, randomUUID()));
    const shape = (results: readonly Wire[]) =>
      results.map(({ status, version, seq, error }) => [status, version, seq, error?.code]);
    expect(shape(told)).toEqual(shape(unknown));
    expect(statusesOf(told)).toEqual(['gone', 'gone', 'applied', 'duplicate', 'applied']);
    expect(JSON.stringify(told)).not.toContain('Porridge');
    expect(await everythingOf(person)).toEqual(unchanged);
  });

  it('F53 two people can use one id: each has a record of their own', async () => {
    const [{ person, a }, { person: other, a: b }] = [await twoPhones(app.api), await twoPhones(app.api)];
    const id = randomUUID();
    await a.push(a.create('weight', weightFields(70), { id }));
    await b.push(b.create('weight', weightFields(80), { id }));
    await b.push(b.delete({ kind: 'weight', id, version: 1 }));
    expect((await seenOf(person, id))?.['data']).toMatchObject(weightFields(70));
    expect(await seenOf(other, id)).toBeUndefined();
  });

  it('F54 a deleted account is not readable or writable, and nothing of it remains', async () => {
    const { person, a, b } = await twoPhones(app.api);
    const record = await shared(a, 'weight');
    await a.push(
      a.update(record, weightFields(80), { modified_at: before(60_000) }),
      a.create('meal', mealFields()),
    );
    await b.push(b.update(record, weightFields(90)));
    const { cursor } = await drainSync(person);
    const { status } = await person.delete('/api/users/me');
    expect(status).toBeLessThan(300);
    const refused = [
      await a.send([a.create('weight', weightFields())]),
      await pullPage(person, { cursor }),
      await person.get('/api/sync/digest'),
      await person.get('/api/sync/conflicts'),
      await events(a),
    ];
    expect(refused.map((answer) => `${answer.status} ${problemOf(answer)}`)).toEqual(
      Array(5).fill('401 session-revoked'),
    );
    for (const { tableName, columns } of app.db.writer.entityMetadatas) {
      if (!columns.some(({ databaseName }) => databaseName === 'user_id')) continue;
      const rows = await app.db.rows(`SELECT 1 FROM ${tableName} WHERE user_id = ?`, [person.userId]);
      expect([tableName, rows]).toEqual([tableName, []]);
    }
  });

  it.each(['push', 'events', 'pull', 'status', 'digest', 'conflicts'])(
    'F53 nobody reads or writes %s without signing in',
    async (path) => {
      const send = path === 'push' || path === 'events' ? 'POST' : 'GET';
      const answer = await app.api.send(send, `/api/sync/${path}`, send === 'POST' ? {} : undefined);
      expect(answer.status).toBe(401);
    },
  );
});
