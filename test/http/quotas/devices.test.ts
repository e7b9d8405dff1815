import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Api } from '../../support/api.js';
import { TestApp } from '../../support/app.js';
import { hasDatabase } from '../../support/database.js';
import { Device, weightFields, type Wire } from '../../support/sync.js';
import { drain, entry, pull, SYNC } from '../../support/weights.js';
import { liveOf, problemOf, statusesOf } from '../sync/support.js';

/*
 * The invariants of the quota of devices. Each has tests that try to break it.
 * D1 No burst of requests makes more devices than the quota.
 * D2 A known device is never refused, and never forgotten by itself: its `last_client_seq` tells retries from new edits.
 * D3 Nobody is refused a read.
 * D4 A device that was removed and comes back is a new one, and loses nothing.
 * D5 Sessions without a device name leave no devices behind.
 */
const LIMIT = 4;

describe.runIf(hasDatabase())('the quota of devices', () => {
  let app: TestApp;
  beforeAll(async () => {
    app = await TestApp.start({ env: { QUOTA_DEVICES: String(LIMIT) } });
  });
  afterAll(() => app.stop());

  const countOf = async (person: Api): Promise<number> => {
    const [row] = await app.db.rows('SELECT COUNT(*) AS n FROM sync_clients WHERE user_id = ?', [
      person.userId,
    ]);
    return Number(row?.['n']);
  };
  const usageOf = async (person: Api): Promise<Wire> => {
    const { body } = await person.get('/api/users/me/usage');
    return (body['quotas'] as Wire[]).find(({ name }) => name === 'devices') ?? {};
  };
  const far = () => new Date(Date.now() - 3_600_000).toISOString();
  const report = (person: Api, client_id: string) =>
    person.post('/api/sync/events', {
      client_id,
      events: [
        {
          event_id: randomUUID(),
          client_seq: 1,
          type: 'weight',
          id: randomUUID(),
          occurred_at: new Date().toISOString(),
          payload: weightFields(),
        },
      ],
    });
  const syncWeights = (person: Api, device: string) =>
    person.device(device).post(SYNC, { client_time: far(), entries: [entry(randomUUID())] });
  async function filled(): Promise<{ person: Api; phones: Device[] }> {
    const person = await app.api.register();
    const phones: Device[] = [];
    for (let count = 0; count < LIMIT; count++) {
      const phone = await new Device(person, `phone-${count}`).ready();
      await phone.push(phone.create('weight', weightFields()));
      phones.push(phone);
    }
    return { person, phones };
  }

  it('D1 a burst of new devices, on every way to make one, makes as many as the quota', async () => {
    const person = await app.api.register();
    const phones = await Promise.all(Array.from({ length: 10 }, () => new Device(person).ready()));
    const answers = await Promise.all([
      ...phones.map((phone) => phone.send([phone.create('weight', weightFields())])),
      ...phones.map(({ id }) => syncWeights(person, `watch-${id}`)),
      ...phones.map(({ id }) => report(person, `scale-${id}`)),
      ...phones.map(({ id }) => pull(person.device(`reader-${id}`))),
    ]);
    expect(answers.filter(({ status }) => ![200, 403].includes(status))).toEqual([]);
    expect(await countOf(person)).toBe(LIMIT);
    expect(await usageOf(person)).toEqual({ name: 'devices', limit: LIMIT, used: LIMIT });
    const refused = answers.find(({ status }) => status === 403);
    expect(refused && problemOf(refused)).toBe('quota-exceeded');
    expect(refused?.body).toMatchObject({ quota: 'devices', limit: LIMIT, used: LIMIT });
  });

  it('D1 a refused device has stored nothing', async () => {
    const { person } = await filled();
    const before = await liveOf(person);
    const phone = await new Device(person).ready();
    expect((await phone.send([phone.create('weight', weightFields())])).status).toBe(403);
    expect((await report(person, 'new-scale')).status).toBe(403);
    expect((await syncWeights(person, 'new-watch')).status).toBe(403);
    expect(await liveOf(person)).toEqual(before);
    expect(await countOf(person)).toBe(LIMIT);
  });

  it('D2 a known device is never refused, and its retries are recognised', async () => {
    const { person, phones } = await filled();
    await Promise.all(
      Array.from({ length: 10 }, () =>
        syncWeights(person, 'unknown').then(({ status }) => expect(status).toBe(403)),
      ),
    );
    for (const phone of phones) {
      const edit = phone.create('weight', weightFields());
      expect(statusesOf(await phone.push(edit))).toEqual(['applied']);
      expect(statusesOf(await phone.push(edit))).toEqual(['duplicate']);
      const { body } = await person.get(`/api/sync/status?client_id=${phone.id}`);
      expect(body['last_client_seq']).toBe(2);
    }
  });

  it('D2 parallel first requests of one device make one device', async () => {
    const { person } = await filled();
    expect((await person.delete('/api/sync/clients/phone-0')).status).toBe(204);
    const answers = await Promise.all(Array.from({ length: 10 }, () => syncWeights(person, 'the-last-one')));
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200));
    expect(await countOf(person)).toBe(LIMIT);
  });

  it('D3 a device for which there is no room still reads everything', async () => {
    const { person } = await filled();
    const reader = person.device('reader');
    const { entries, next } = await drain(reader, undefined, 2);
    expect(new Set(entries.map(({ server_id }) => server_id)).size).toBe(LIMIT);
    await person.post('/api/health-metrics/weight', weightFields());
    const more = await pull(reader, next);
    expect([more.status, more.body['entries'].length >= 1]).toEqual([200, true]);
    expect((await person.get('/api/sync/pull')).status).toBe(200);
    expect(await countOf(person)).toBe(LIMIT);
  });

  it('D4 a removed device makes room, and loses nothing when it comes back', async () => {
    const { person, phones } = await filled();
    const [phone] = phones as [Device];
    const lost = phone.create('weight', weightFields(81));
    await phone.push(lost);
    const before = await liveOf(person);
    expect((await person.delete(`/api/sync/clients/${phone.id}`)).status).toBe(204);
    expect((await person.delete(`/api/sync/clients/${phone.id}`)).status).toBe(404);
    // It repeats what it has no answer for, and goes on.
    expect(statusesOf(await phone.push(lost))).toEqual(['duplicate']);
    expect(await liveOf(person)).toEqual(before);
    expect(statusesOf(await phone.push(phone.create('weight', weightFields(82))))).toEqual(['applied']);
    expect(statusesOf(await phone.push(lost))).toEqual(['duplicate']);
    expect((await liveOf(person)).size).toBe(before.size + 1);
    expect(await countOf(person)).toBe(LIMIT);
  });

  it('D4 removing a device while it pushes answers every request', async () => {
    const { person, phones } = await filled();
    const [phone] = phones as [Device];
    const edits = Array.from({ length: 10 }, () => phone.create('weight', weightFields()));
    const answers = await Promise.all([
      ...edits.map((edit) => phone.send([edit])),
      person.delete(`/api/sync/clients/${phone.id}`),
    ]);
    expect(answers.filter(({ status }) => ![200, 204].includes(status))).toEqual([]);
    expect((await phone.send(edits)).status).toBe(200);
  });

  it('D4 nobody removes the device of another person', async () => {
    const [{ person }, other] = [await filled(), await app.api.register()];
    for (const id of ['phone-0', '%00', 'x'.repeat(200), "' OR 1=1"])
      expect((await other.delete(`/api/sync/clients/${encodeURIComponent(id)}`)).status).toBe(404);
    expect(await countOf(person)).toBe(LIMIT);
  });

  it('D5 a session that makes room for another leaves no device', async () => {
    const person = await app.api.register();
    await person.post(SYNC, { client_time: far(), entries: [entry(randomUUID())] });
    expect(await countOf(person)).toBe(1);
    for (let count = 0; count < 50; count++) await person.login();
    expect(await countOf(person)).toBe(0);
  });
});
