import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Api } from '../../support/api.js';
import { TestApp } from '../../support/app.js';
import { DAY, fromNow, HOUR, MINUTE, SECOND, TestClock } from '../../support/clock.js';
import { hasDatabase } from '../../support/database.js';
import { drain, entry, live, pull, push, SYNC, WEIGHT } from '../../support/weights.js';

describe.runIf(hasDatabase())('weight, pull (FR-026)', () => {
  const clock = new TestClock();
  let app: TestApp;
  let phone: Api;
  beforeAll(async () => {
    // Longer than the hours that pass in these tests.
    app = await TestApp.start({ override: clock.install, env: { ACCESS_TOKEN_TTL: '1d' } });
  });
  afterAll(() => app.stop());
  const newPhone = async (): Promise<Api> => (phone = (await app.api.register()).device('phone'));
  const many = (count: number, prefix = 'n') =>
    Array.from({ length: count }, (_, i) => entry(`${prefix}-${i}`, { weight_value: 60 + i / 10 }));

  it('answers with the envelope of the contract', async () => {
    await newPhone();
    await push(phone, entry('one'));
    const { status, body } = await pull(phone);
    expect(status).toBe(200);
    expect(body).toEqual({
      entries: [
        {
          server_id: expect.any(String),
          local_id: 'one',
          weight_value: 75.5,
          unit: 'kg',
          timestamp: '2026-01-06T20:30:00.000Z',
          created_at: expect.any(String),
          updated_at: expect.any(String),
          modified_at: '2026-01-06T20:30:00.000Z',
          version: 1,
        },
      ],
      next_since: body['entries'][0].updated_at,
      has_more: false,
      server_time: expect.any(String),
    });
    const other = await pull(phone.device('other'));
    expect(other.body['entries'][0]).not.toHaveProperty('local_id');
  });

  it('F3 100 entries with one stamp are neither split nor repeated', async () => {
    await newPhone();
    await push(phone, ...many(100));
    const first = await pull(phone, undefined, 7);
    expect([first.body['entries'].length, first.body['has_more']]).toEqual([100, false]);
    await push(phone, ...many(30, 'later'));
    const { entries, pages } = await drain(phone, undefined, 7);
    expect([entries.length, new Set(entries.map((change) => change['server_id'])).size, pages]).toEqual([
      130, 130, 2,
    ]);
  });

  it('F3 pages of single changes are exact', async () => {
    await newPhone();
    for (const item of many(23)) await push(phone, item);
    const { entries, pages } = await drain(phone, undefined, 5);
    expect([entries.length, pages]).toEqual([23, 5]);
  });

  it('F4 an up-to-date phone gets nothing, however often it asks, and 304 with its ETag', async () => {
    await newPhone();
    for (const item of many(5)) await push(phone, item);
    const { next } = await drain(phone);
    for (let i = 0; i < 20; i++) {
      const { body } = await pull(phone, next);
      expect([body['entries'], body['has_more'], body['next_since']]).toEqual([[], false, next]);
    }
    const path = `${SYNC}?since=${next}`;
    const tag = (await phone.get(path)).headers.get('etag') ?? '';
    const same = await phone.with({ 'if-none-match': tag }).get(path);
    expect([same.status, same.body]).toEqual([304, '']);
    await push(phone, entry('new'));
    expect((await phone.with({ 'if-none-match': tag }).get(path)).status).toBe(200);
    expect((await drain(phone, next)).entries.map((change) => change['local_id'])).toEqual(['new']);
  });

  it('F4 an account without entries is up to date at once', async () => {
    await newPhone();
    const { body } = await pull(phone);
    expect(await pull(phone, body['next_since'])).toMatchObject({
      body: { entries: [], has_more: false, next_since: body['next_since'] },
    });
    await push(phone, entry('first'));
    expect((await drain(phone, body['next_since'])).entries).toHaveLength(1);
  });

  it('F16 a since from a clock five minutes fast loses nothing', async () => {
    await newPhone();
    await push(phone, entry('before'));
    const deviceNow = () => new Date(clock.now() + 5 * MINUTE).toISOString();
    const asked = deviceNow();
    await pull(phone, asked);
    await push(phone, entry('after'));
    const { body } = await pull(phone, asked);
    expect(body['entries'].map((change: any) => change.local_id)).toContain('after');
  });

  it('F16 a clock that is known to be hours wrong gets a margin of hours', async () => {
    await newPhone();
    await phone.post(SYNC, {
      entries: [entry('before')],
      client_time: new Date(clock.now() + 3 * HOUR).toISOString(),
    });
    await push(phone, entry('missed'));
    clock.advance(2 * HOUR);
    const { body } = await pull(phone, new Date(clock.now()).toISOString());
    expect(body['entries'].map((change: any) => change.local_id)).toEqual(['before', 'missed']);
  });

  it('F17 the server’s clock may go back; stamps still rise and nothing is lost', async () => {
    await newPhone();
    await push(phone, entry('one'));
    const { next } = await drain(phone);
    clock.advance(-10 * SECOND);
    await push(phone, entry('two'));
    await push(phone, entry('three'));
    const { entries } = await drain(phone, next, 1);
    expect(entries.map((change) => change['local_id'])).toEqual(['two', 'three']);
    const stamps = entries.map((change) => change['updated_at']);
    expect([next, ...stamps]).toEqual([next, ...stamps].toSorted());
    expect(new Set([next, ...stamps]).size).toBe(3);
    clock.advance(10 * SECOND);
  });

  it('F18 an entry’s own updated_at is exact: the entry is not returned again, the next one is', async () => {
    await newPhone();
    for (const item of many(4)) await push(phone, item);
    const { entries } = await drain(phone);
    for (const [index, change] of entries.entries()) {
      const later = (await drain(phone, change['updated_at'])).entries;
      expect(later.map(({ server_id }) => server_id)).toEqual(
        entries.slice(index + 1).map(({ server_id }) => server_id),
      );
      const millis = (await drain(phone, String(Date.parse(change['updated_at'])))).entries;
      expect(millis).toEqual(later);
    }
  });

  it('F18 a stored next_since is exact although its entry has changed', async () => {
    await newPhone();
    for (const item of many(3)) await push(phone, item);
    const first = await pull(phone, undefined, 2);
    const moved = first.body['entries'][1];
    await push(phone, { ...moved, weight_value: 99, modified_at: new Date(clock.now()).toISOString() });
    const rest = await drain(phone, first.body['next_since'], 2);
    expect(rest.entries.map((change) => change['local_id'])).toEqual(['n-2', 'n-1']);
  });

  it('F6 F7 entries that change or are deleted during a long pull arrive in their newest version', async () => {
    await newPhone();
    for (const item of many(12)) await push(phone, item);
    const first = await pull(phone, undefined, 5);
    const [kept, gone] = first.body['entries'];
    await phone.put(`${WEIGHT}/${kept.server_id}`, { weight_value: 99, unit: 'kg' });
    await phone.delete(`${WEIGHT}/${gone.server_id}`);
    const rest = await drain(phone, first.body['next_since'], 5);
    const shown = live([...first.body['entries'], ...rest.entries]);
    expect(shown.size).toBe(11);
    expect(shown.get(kept.server_id)?.['weight_value']).toBe(99);
    expect(shown.has(gone.server_id)).toBe(false);
  });

  it.each(['2026-01-06T20:30:00', 'yesterday', '-1', '1e9', '9'.repeat(30), ''])(
    'refuses `since`: %s',
    async (since) => {
      const { status, body } = await pull(phone, since);
      expect([status, body['errors'][0].field]).toEqual([422, 'since']);
    },
  );

  it('returns nothing of another person, not even in the ETag', async () => {
    const [ada, eve] = [await newPhone(), await newPhone()];
    const before = await eve.get(SYNC);
    await push(ada, ...many(3));
    const after = await eve.get(SYNC);
    expect(after.body).toEqual({ ...before.body, server_time: expect.any(String) });
    expect(after.headers.get('etag')).toBe(before.headers.get('etag'));
  });

  it('the order is that of the changes, also for old measurements', async () => {
    await newPhone();
    for (const days of [1, 3, 2]) await push(phone, entry(`d${days}`, { timestamp: fromNow(-days * DAY) }));
    expect((await drain(phone)).entries.map((change) => change['local_id'])).toEqual(['d1', 'd3', 'd2']);
  });
});
