import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TestApp } from '../../support/app.js';
import { fromNow, MINUTE } from '../../support/clock.js';
import { hasDatabase } from '../../support/database.js';
import { Device, drainSync, mealFields, pullPage, weightFields, type Wire } from '../../support/sync.js';
import { everythingOf, kindNames, liveOf, seenOf, statusesOf, twoPhones } from './support.js';

describe.runIf(hasDatabase())('sync, status, events, and a push that pulls', () => {
  let app: TestApp;
  beforeAll(async () => void (app = await TestApp.start()));
  afterAll(() => app.stop());

  it('C.4 a push with a cursor returns what the phone has missed, including its own edits', async () => {
    const { person, a, b } = await twoPhones(app.api);
    const { cursor } = await drainSync(person);
    await b.push(b.create('meal', mealFields()));
    const { body } = await a.send([a.create('weight', weightFields())], { cursor });
    expect(body['changes'].map(({ kind }: Wire) => kind)).toEqual(['meal', 'weight']);
    expect([body['has_more'], body['seq']]).toEqual([false, '2']);
    expect((await drainSync(person, { cursor: body['cursor'] })).changes).toEqual([]);
  });

  it('the first push of a device needs no epoch, nor does its retry, and both return the epoch', async () => {
    const { person, a, b } = await twoPhones(app.api);
    await b.push(b.create('meal', mealFields()));
    const first = [a.create('weight', weightFields()), a.create('weight', weightFields())];
    const withoutEpoch = (mutations: Wire[]) => person.post('/api/sync/push', { client_id: a.id, mutations });
    const { status, body } = await withoutEpoch(first);
    expect([status, statusesOf(body['results']), body['epoch']]).toEqual([
      200,
      ['applied', 'applied'],
      a.epoch,
    ]);
    const retried = await withoutEpoch(first);
    expect([retried.status, statusesOf(retried.body['results'])]).toEqual([200, ['duplicate', 'duplicate']]);
    expect((await withoutEpoch([...first, a.create('weight', weightFields())])).status).toBe(422);
    expect((await drainSync(person)).changes).toHaveLength(3);
    expect((await a.send([a.create('weight', weightFields())], { epoch: 'of a backup' })).status).toBe(409);
  });

  it('F47 the page of a push contains the kinds of its cursor, and no others', async () => {
    const { person, a, b } = await twoPhones(app.api);
    await b.push(b.create('meal', mealFields()));
    const { cursor } = await drainSync(person, { kinds: 'weight' });
    const { body } = await a.send([a.create('weight', weightFields())], { cursor });
    expect(body['changes'].map(({ kind }: Wire) => kind)).toEqual(['weight']);
    const later = await drainSync(person, { cursor: body['cursor'], kinds: 'meal,weight' });
    expect(later.changes.map(({ kind }) => kind)).toEqual(['meal']);
  });

  it('F9 a push stays stored although its cursor is invalid, or of another person', async () => {
    const { person, a } = await twoPhones(app.api);
    const { cursor: foreign } = await drainSync((await twoPhones(app.api)).person);
    for (const cursor of ['AAAA', foreign]) {
      const mutation = a.create('weight', weightFields());
      const { status, body } = await a.send([mutation], { cursor });
      expect([status, statusesOf(body['results'])]).toEqual([200, ['applied']]);
      expect(body).not.toHaveProperty('changes');
      expect(await seenOf(person, mutation['id'])).toBeDefined();
    }
  });

  it('C.4 status returns the state of sync, and what the service has from each phone', async () => {
    const { person, a, b } = await twoPhones(app.api);
    await a.send([a.create('weight', weightFields())], { client_time: fromNow(-5 * MINUTE) });
    await b.push(b.create('weight', weightFields()), b.create('meal', mealFields()));
    const { body } = await person.get(`/api/sync/status?client_id=${b.id}`);
    expect(body).toMatchObject({
      epoch: a.epoch,
      seq: '3',
      conflicts: 0,
      last_client_seq: 2,
      limits: { mutations: 100, pull: 1_000, poll_seconds: 60 },
      kinds: kindNames,
    });
    const clients = new Map<string, Wire>(
      body['clients'].map((client: Wire) => [client['client_id'], client]),
    );
    expect(clients.get('a')).toMatchObject({ last_client_seq: 1, current: false });
    expect(clients.get('b')).toMatchObject({ last_client_seq: 2, current: true, clock_skew_ms: null });
    expect(Math.abs(clients.get('a')?.['clock_skew_ms'] - 5 * MINUTE)).toBeLessThan(10_000);
    expect((await person.get('/api/sync/status?client_id=never')).body['last_client_seq']).toBe(0);
  });

  it('F62 only the person may cache an answer', async () => {
    const { person, a } = await twoPhones(app.api);
    const pulled = await pullPage(person);
    expect(pulled.headers.get('etag')).toMatch(/^W\/"/);
    expect(pulled.headers.get('cache-control')).toMatch(/private.*no-cache|no-store/);
    expect(pulled.headers.get('vary')).toMatch(/authorization/i);
    const others = [
      await a.send([a.create('weight', weightFields())]),
      await person.get('/api/sync/status'),
      await person.get('/api/sync/digest'),
      await person.get('/api/sync/conflicts'),
    ];
    for (const { headers } of others) expect(headers.get('cache-control')).toMatch(/no-store|private/);
  });

  it('F62 the ETag of one person, or of another request, does not match this one', async () => {
    const { person, a } = await twoPhones(app.api);
    await a.push(a.create('weight', weightFields()));
    const tag = (await pullPage(person)).headers.get('etag') ?? '';
    const { person: other } = await twoPhones(app.api);
    expect((await pullPage(other.with({ 'if-none-match': tag }))).status).toBe(200);
    expect((await pullPage(person.with({ 'if-none-match': tag }), { kinds: 'meal' })).status).toBe(200);
    expect((await pullPage(person.with({ 'if-none-match': tag }))).status).toBe(304);
  });

  describe('events', () => {
    const event = (values: Wire = {}): Wire => ({
      event_id: randomUUID(),
      client_seq: 1,
      type: 'weight',
      id: randomUUID(),
      op: 'create',
      occurred_at: fromNow(0),
      payload: weightFields(),
      ...values,
    });
    const send = (device: Device, events: unknown) =>
      device.api.post('/api/sync/events', { client_id: device.id, events });

    it('C.8 events are mutations with other names: applied, repeated, edited and deleted alike', async () => {
      const { person, a } = await twoPhones(app.api);
      const made = event();
      const noted = event({ id: made['id'], client_seq: 2, op: 'update', payload: weightFields(80) });
      const first = await send(a, [made, noted]);
      expect(first.status).toBe(200);
      expect(first.body).toMatchObject({ last_client_seq: 2, server_time: expect.any(String) });
      expect(first.body['results']).toMatchObject([
        { event_id: made['event_id'], id: made['id'], status: 'applied', version: 1 },
        { event_id: noted['event_id'], status: 'applied', version: 2 },
      ]);
      expect(statusesOf((await send(a, [made, noted])).body['results'])).toEqual(['duplicate', 'duplicate']);
      expect((await seenOf(person, made['id']))?.['data']).toMatchObject(weightFields(80));
      await send(a, [event({ id: made['id'], client_seq: 3, op: 'delete', payload: null })]);
      expect((await liveOf(person)).size).toBe(0);
    });

    it('C.8 an error names the field of the event in at most 64 characters, none of them half', async () => {
      const { a } = await twoPhones(app.api);
      const names = ['x'.repeat(80), '\u{1F600}'.repeat(80), `x${'\u{1F600}'.repeat(80)}`];
      for (const [index, name] of names.entries()) {
        const payload = { ...weightFields(), [name]: 1 };
        const { body } = await send(a, [event({ client_seq: index + 1, payload })]);
        const { field, message } = body['results'][0].error;
        expect([field.slice(0, 8), field.length]).toEqual(['payload.', 64]);
        expect([field.isWellFormed(), message.isWellFormed()]).toEqual([true, true]);
      }
    });

    it('C.8 events and mutations of one client share one sequence', async () => {
      const { a } = await twoPhones(app.api);
      await a.push(a.create('weight', weightFields()));
      const { body } = await send(a, [event({ client_seq: 1 })]);
      expect(body['results'][0]).toMatchObject({ status: 'rejected', error: { code: 'client-seq-reused' } });
    });

    it.each([
      [{ type: 'mood' }, 'unknown-kind', 'type'],
      [{ payload: { ...weightFields(), unit: 'x' } }, 'not-allowed', 'payload.unit'],
      [{ payload: {} }, 'required', 'payload.weight_value'],
      [{ occurred_at: 'yesterday' }, expect.any(String), 'occurred_at'],
      [{ event_id: 'x' }, expect.any(String), 'event_id'],
      [{ op: 'upsert' }, 'not-allowed', 'op'],
    ])('C.8 an event that is wrong, %j, is refused in the words of events', async (values, code, field) => {
      const { person, a } = await twoPhones(app.api);
      const unchanged = await everythingOf(person);
      const { status, body } = await send(a, [event(values)]);
      expect([status, body['results'][0].status]).toEqual([200, 'rejected']);
      expect(body['results'][0].error).toMatchObject({ code, field });
      expect(await everythingOf(person)).toEqual(unchanged);
    });

    it.each([[[]], [null], ['x'], [Array.from({ length: 101 }, () => ({}))]])(
      'F55 a queue of the wrong size or shape is 422 (%#)',
      async (events) => {
        const { a } = await twoPhones(app.api);
        expect((await send(a, events)).status).toBe(422);
      },
    );
  });
});
