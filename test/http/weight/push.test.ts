import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Api } from '../../support/api.js';
import { TestApp } from '../../support/app.js';
import { fromNow, MINUTE, DAY, YEAR } from '../../support/clock.js';
import { hasDatabase } from '../../support/database.js';
import { drain, entry, live, push, SYNC, WEIGHT } from '../../support/weights.js';

describe.runIf(hasDatabase())('weight, push (FR-026)', () => {
  let app: TestApp;
  let eve: Api;
  /** Two phones of one person. */
  let phoneA: Api;
  let phoneB: Api;
  beforeAll(async () => {
    app = await TestApp.start();
    eve = await app.api.register();
    phoneA = (await app.api.register()).device('phone-a');
    phoneB = phoneA.device('phone-b');
  });
  afterAll(() => app.stop());

  const valueOf = async (id: string): Promise<unknown> =>
    live((await drain(phoneA)).entries).get(id)?.['weight_value'];
  const rowsOf = async (api: Api): Promise<number> =>
    (await api.get(`${WEIGHT}?limit=1`)).body['pagination'].total as number;
  /** An entry that both phones have. */
  const shared = async (values: object = {}): Promise<{ id: string; version: number }> => {
    const { body } = await push(phoneA, entry(randomUUID(), { modified_at: fromNow(-2 * DAY), ...values }));
    return { id: body['synced'][0].server_id, version: body['synced'][0].version };
  };

  it('answers with the envelope of the contract', async () => {
    const person = await app.api.register();
    const { status, body } = await push(person.device('p'), entry('local-123'));
    expect(status).toBe(200);
    expect(body).toEqual({
      synced: [{ local_id: 'local-123', server_id: expect.any(String), status: 'created', version: 1 }],
      conflicts: [],
      rejected: [],
      server_time: expect.stringMatching(/Z$/),
    });
  });

  it('F21 a retry after a lost response stores nothing again', async () => {
    const person = (await app.api.register()).device('p');
    const batch = Array.from({ length: 100 }, (_, i) => entry(`local-${i}`, { weight_value: 70 + i / 10 }));
    const first = await push(person, ...batch);
    const before = await drain(person);
    const again = await push(person, ...batch);
    expect(again.body['synced'].map((item: any) => item.status)).toEqual(Array(100).fill('duplicate'));
    expect(again.body['synced'].map((item: any) => item.server_id)).toEqual(
      first.body['synced'].map((item: any) => item.server_id),
    );
    expect(await rowsOf(person)).toBe(100);
    expect((await drain(person, before.next)).entries).toEqual([]);
  });

  it('F23 ten identical concurrent requests create one set of rows and agree', async () => {
    const person = (await app.api.register()).device('p');
    const batch = Array.from({ length: 20 }, (_, i) => entry(`local-${i}`));
    const answers = await Promise.all(Array.from({ length: 10 }, () => push(person, ...batch)));
    expect(answers.map(({ status }) => status)).toEqual(Array(10).fill(200));
    const ids = answers.map(({ body }) => body['synced'].map((item: any) => item.server_id).join());
    expect(new Set(ids).size).toBe(1);
    expect(answers.filter(({ body }) => body['synced'][0].status === 'created')).toHaveLength(1);
    expect(await rowsOf(person)).toBe(20);
  });

  it('F25 the same local_id twice in a batch is an edit of the first, each with its own result', async () => {
    const { body } = await push(
      phoneA,
      entry('twice', { modified_at: fromNow(-MINUTE) }),
      entry('twice', { modified_at: fromNow(-MINUTE) }),
      entry('twice', { weight_value: 76, modified_at: fromNow(0) }),
    );
    expect(body['synced'].map((item: any) => item.status)).toEqual(['created', 'duplicate', 'updated']);
    expect(new Set(body['synced'].map((item: any) => item.server_id)).size).toBe(1);
  });

  it('F26 the same local_id on two devices is two entries', async () => {
    const [a, b] = [await push(phoneA, entry('1')), await push(phoneB, entry('1', { weight_value: 80 }))];
    expect(a.body['synced'][0].server_id).not.toBe(b.body['synced'][0].server_id);
    expect(b.body['synced'][0].status).toBe('created');
  });

  it('takes the device from the header, then the sign-in, then the body', async () => {
    const person = await app.api.register({ device_id: 'from-sign-in' });
    const send = (api: Api, deviceId?: string) =>
      api.post(SYNC, { entries: [entry('x')], ...(deviceId ? { device_id: deviceId } : {}) });
    const signIn = await send(person);
    expect((await send(person, 'from-body')).body['synced'][0]).toEqual({
      ...signIn.body['synced'][0],
      status: 'duplicate',
    });
    expect((await send(person.device('from-header'))).body['synced'][0].status).toBe('created');
    const nameless = await app.api.register();
    await send(nameless, 'from-body');
    expect((await send(nameless, 'other-body')).body['synced'][0].status).toBe('created');
    const bad = await send(person.device('no spaces!'));
    expect([bad.status, bad.body['errors'][0].field]).toEqual([422, 'X-Device-Id']);
  });

  it('without a device a UUID is the key, otherwise the measurement', async () => {
    const person = await app.api.register();
    const id = randomUUID();
    const statuses = async (...entries: unknown[]) =>
      (await push(person, ...entries)).body['synced'].map((item: any) => item.status);
    expect(await statuses(entry(id))).toEqual(['created']);
    expect(await statuses(entry(id, { weight_value: 76, modified_at: fromNow(0) }))).toEqual(['updated']);
    expect(await statuses(entry('7', { timestamp: '2026-03-01T08:00:00Z' }))).toEqual(['created']);
    expect(await statuses(entry('8', { timestamp: '2026-03-01T09:00:00+01:00' }))).toEqual(['duplicate']);
    expect(await rowsOf(person)).toBe(2);
  });

  describe('a client that sends no device id', () => {
    const summer = '2026-07-01T08:00:00Z';
    const timed = (value: number, updated: string, extra: object = {}) =>
      entry('local-1', { weight_value: value, timestamp: summer, updated_at: updated, ...extra });
    const valuesOf = async (api: Api): Promise<unknown[]> =>
      [...live((await drain(api)).entries).values()].map((each) => each['weight_value']);

    it('F26 edits its entry by its local_id; an older edit loses, and a retry doubles nothing', async () => {
      const person = await app.api.register();
      const first = timed(80, fromNow(-3 * MINUTE));
      const newer = timed(82, fromNow(-MINUTE));
      expect((await push(person, first)).body['synced']).toMatchObject([{ status: 'created' }]);
      expect((await push(person, newer)).body['synced']).toMatchObject([{ status: 'updated' }]);
      const older = timed(81, fromNow(-2 * MINUTE));
      expect((await push(person, older)).body).toMatchObject({
        synced: [],
        conflicts: [{ local_id: 'local-1', server: { weight_value: 82 }, client: { weight_value: 81 } }],
      });
      expect((await push(person, newer)).body['synced']).toMatchObject([{ status: 'duplicate' }]);
      expect(await valuesOf(person)).toEqual([82]);
      expect((await drain(person)).entries).toMatchObject([{ local_id: 'local-1' }]);
    });

    it('F26 keeps its ids when its tokens are renewed, and shares them with no other session', async () => {
      const person = await app.api.register();
      const { server_id } = (await push(person, timed(80, fromNow(-3 * MINUTE)))).body['synced'][0];
      const { body } = await app.api.post('/api/auth/refresh', {
        refresh_token: person.account['refresh_token'],
      });
      const renewed = person.bearer(body['access_token'] as string);
      expect((await push(renewed, timed(81, fromNow(-MINUTE)))).body['synced']).toMatchObject([
        { server_id, status: 'updated' },
      ]);
      const other = await person.login();
      const [theirs] = (await push(other, timed(60, fromNow(-2 * MINUTE)))).body['synced'];
      expect(theirs).toMatchObject({ status: 'created' });
      await push(other, timed(60, fromNow(0), { deleted: true }));
      expect(await valuesOf(person)).toEqual([81]);
    });

    it('F26 deletes its own entry, also with deleted_at alone', async () => {
      const person = await app.api.register();
      const same = { timestamp: summer, updated_at: fromNow(-3 * MINUTE) };
      await push(
        person,
        entry('local-1', { ...same, weight_value: 80 }),
        entry('local-2', { ...same, weight_value: 90 }),
      );
      await push(person, entry('local-1', { ...same, weight_value: 80, deleted_at: fromNow(-MINUTE) }));
      expect(await valuesOf(person)).toEqual([90]);
      await push(person, { local_id: 'local-2', deleted: true, modified_at: fromNow(0) });
      expect(await valuesOf(person)).toEqual([]);
    });
  });

  it('F14 a clock a year fast does not win for ever', async () => {
    const { id } = await shared();
    const fast = await push(
      phoneA,
      entry('f14', { server_id: id, weight_value: 81, modified_at: fromNow(YEAR) }),
    );
    expect(fast.body['synced'][0].status).toBe('updated');
    const stored = live((await drain(phoneA)).entries).get(id);
    expect(Date.parse(stored?.['modified_at'])).toBeLessThanOrEqual(Date.parse(fast.body['server_time']));
    // The next edit by a correct clock is made after the answer.
    const edit = entry('f14', {
      server_id: id,
      weight_value: 82,
      modified_at: new Date(Date.parse(fast.body['server_time']) + 1).toISOString(),
    });
    await push(phoneB, edit);
    expect(await valueOf(id)).toBe(82);
  });

  it('F15 a clock a day slow wins with an edit of the current version', async () => {
    const { id, version } = await shared({ modified_at: fromNow(0) });
    const { body } = await push(
      phoneB,
      entry('f15', { server_id: id, weight_value: 83, modified_at: fromNow(-DAY), version }),
    );
    expect(body['synced'][0]).toMatchObject({ status: 'updated', version: version + 1 });
    expect(await valueOf(id)).toBe(83);
  });

  it('F15 a wrong clock is corrected if the request contains its time', async () => {
    const { id } = await shared({ modified_at: fromNow(-MINUTE) });
    const slow = entry('f15b', { server_id: id, weight_value: 84, modified_at: fromNow(-DAY) });
    const { body } = await phoneB.post(SYNC, { entries: [slow], client_time: fromNow(-DAY) });
    expect(body['synced'][0].status).toBe('updated');
  });

  it('F20 the time of measurement is not the time of the edit', async () => {
    const { id } = await shared({ timestamp: fromNow(-7 * DAY), modified_at: fromNow(-7 * DAY) });
    const { body } = await push(
      phoneB,
      entry('f20', {
        server_id: id,
        timestamp: fromNow(-7 * DAY),
        weight_value: 70,
        updated_at: fromNow(-DAY),
      }),
    );
    expect(body['synced'][0].status).toBe('updated');
    expect(await valueOf(id)).toBe(70);
  });

  it.each(['older first', 'newer first'])(
    'F31 the newest edit wins, %s, and the loser is notified',
    async (order) => {
      const { id } = await shared();
      const older = {
        api: phoneA,
        item: entry(`f31-${id}`, { server_id: id, weight_value: 71, modified_at: fromNow(-2 * MINUTE) }),
      };
      const newer = {
        api: phoneB,
        item: entry(`f31-${id}`, { server_id: id, weight_value: 72, modified_at: fromNow(-MINUTE) }),
      };
      const edits = order === 'older first' ? [older, newer] : [newer, older];
      const answers = [];
      for (const { api, item } of edits) answers.push(await push(api, item));
      expect(await valueOf(id)).toBe(72);
      if (order === 'newer first')
        expect(answers[1]?.body['conflicts']).toEqual([
          {
            local_id: `f31-${id}`,
            server_id: id,
            reason: 'server_newer',
            resolution: 'server_wins',
            server: expect.objectContaining({ server_id: id, weight_value: 72, unit: 'kg' }),
            client: older.item,
            conflict_id: expect.any(String),
          },
        ]);
    },
  );

  it('F32 equal times have the same winner in both orders', async () => {
    const at = fromNow(-MINUTE);
    const winners = new Set();
    for (const reversed of [false, true]) {
      const { id } = await shared();
      const edits: [Api, number][] = [
        [phoneA, 73],
        [phoneB, 74],
      ];
      for (const [api, value] of reversed ? edits.toReversed() : edits)
        await push(api, entry(`tie-${id}`, { server_id: id, weight_value: value, modified_at: at }));
      winners.add(await valueOf(id));
    }
    expect(winners.size).toBe(1);
  });

  it.each([
    ['an older deletion loses', -2, -1, true],
    ['a newer deletion wins', -1, -2, false],
    ['at a tie the deletion wins', -1, -1, false],
  ])('F35 %s, in both orders', async (_, deletedAt, editedAt, lives) => {
    for (const reversed of [false, true]) {
      const { id } = await shared();
      const now = Date.now();
      const at = (minutes: number) => new Date(now + minutes * MINUTE).toISOString();
      const steps = [
        () => push(phoneA, { local_id: `d-${id}`, server_id: id, deleted: true, modified_at: at(deletedAt) }),
        () => push(phoneB, entry(`e-${id}`, { server_id: id, weight_value: 79, modified_at: at(editedAt) })),
      ];
      for (const step of reversed ? steps.toReversed() : steps) await step();
      expect(await valueOf(id)).toBe(lives ? 79 : undefined);
    }
  });

  it('deletes by local_id; deleting an unknown entry is answered as deleted', async () => {
    const { body: made } = await push(phoneA, entry('gone', { modified_at: fromNow(-MINUTE) }));
    const deletion = { local_id: 'gone', deleted: true, modified_at: fromNow(0) };
    const { body } = await push(phoneA, deletion, { local_id: 'never-sent', deleted: true });
    expect(body['synced']).toEqual([
      { local_id: 'gone', server_id: made['synced'][0].server_id, status: 'deleted', version: 2 },
      { local_id: 'never-sent', server_id: null, status: 'deleted' },
    ]);
    expect((await push(phoneA, deletion)).body['synced'][0].status).toBe('duplicate');
  });

  it('accepts an entry of a pull unchanged', async () => {
    const { id } = await shared();
    const pulled = (await drain(phoneB)).entries.find((change) => change['server_id'] === id);
    const { body } = await push(phoneB, { local_id: `echo-${id}`, ...pulled });
    expect(body['synced'][0]).toMatchObject({ server_id: id, status: 'duplicate', version: 1 });
  });

  it('F29 F30 one invalid entry is refused by its local_id, the other 99 are stored, each in exactly one list', async () => {
    const person = (await app.api.register()).device('p');
    const batch = Array.from({ length: 100 }, (_, i) =>
      entry(`local-${i}`, i === 50 ? { weight_value: 7_000 } : {}),
    );
    const { status, body } = await push(person, ...batch);
    expect(status).toBe(200);
    expect(body['synced']).toHaveLength(99);
    expect(body['rejected']).toEqual([
      {
        local_id: 'local-50',
        code: 'out-of-range',
        field: 'weight_value',
        message: expect.stringContaining('between 1 and 700 kg'),
      },
    ]);
    const seen = [...body['synced'], ...body['conflicts'], ...body['rejected']].map(
      (item: any) => item.local_id,
    );
    expect(seen.toSorted()).toEqual(batch.map((item) => item['local_id']).toSorted());
    expect(await rowsOf(person)).toBe(99);
  });

  it.each([
    ['no local_id', { local_id: undefined }, 'local_id'],
    ['a long local_id', { local_id: 'x'.repeat(10_000) }, 'local_id'],
    ['NUL', { local_id: 'a\u0000b' }, 'local_id'],
    ['a space after its local_id', { local_id: '1 ' }, 'local_id'],
    ['a space before its local_id', { local_id: '\u00a01' }, 'local_id'],
    ['nothing but a space', { local_id: ' ' }, 'local_id'],
    ['a lone surrogate', { local_id: '\ud800' }, 'local_id'],
    ['a value without unit', { unit: null }, 'unit'],
    ['a time without offset', { timestamp: '2026-01-06T20:30:00' }, 'timestamp'],
    ['a negative version', { version: -1 }, 'version'],
    ['text for deleted', { deleted: 'yes' }, 'deleted'],
    ['an unknown field', { user_id: 'x' }, 'user_id'],
    ['an unknown server_id', { server_id: randomUUID() }, 'server_id'],
  ])('F55 refuses an entry with %s and names the field', async (_, change, field) => {
    const { status, body } = await push(
      phoneA,
      entry(randomUUID(), change),
      entry(randomUUID(), { local_id: `ok-${randomUUID()} 😀` }),
    );
    expect([status, body['rejected'].length, body['rejected'][0].field]).toEqual([200, 1, field]);
    expect(body['synced'][0].status).toBe('created');
  });

  it.each([
    [[], 'entries'],
    [Array.from({ length: 101 }, (_, i) => entry(`n-${i}`)), 'entries'],
    ['text', 'entries'],
    [undefined, 'entries'],
  ])('F55 refuses %# anything but 1 to 100 entries', async (entries, field) => {
    const before = await rowsOf(phoneA);
    const { status, body } = await phoneA.post(SYNC, { entries });
    expect([status, body['errors'][0].field]).toEqual([422, field]);
    expect(await rowsOf(phoneA)).toBe(before);
  });

  it.each(['[1]', '{"entries":[null,1,"x",[],{}]}'])('F55 survives the body %s', async (text) => {
    const { status, body } = await phoneA.post(SYNC, text);
    expect([200, 422]).toContain(status);
    if (status === 200) expect(body['rejected']).toHaveLength(5);
  });

  it('refuses a local_id that already belongs to another entry', async () => {
    const [one, other] = [await shared(), await shared()];
    await push(phoneA, entry('stands', { server_id: one.id }));
    const { body } = await push(
      phoneA,
      entry('stands', { server_id: other.id, weight_value: 90, modified_at: fromNow(0) }),
    );
    expect(body['rejected']).toEqual([
      { local_id: 'stands', code: 'not-allowed', field: 'local_id', message: expect.any(String) },
    ]);
    expect(await valueOf(other.id)).toBe(75.5);
  });

  it('F53 an entry of another person is answered like an unknown one', async () => {
    const { id } = await shared();
    const before = live((await drain(phoneA)).entries).get(id);
    const attack = [
      entry('mine', { server_id: id, weight_value: 99, modified_at: fromNow(0) }),
      { local_id: 'mine2', server_id: id, deleted: true, modified_at: fromNow(0) },
    ];
    const { body } = await push(eve.device('phone-a'), ...attack);
    const unknown = await push(eve, ...attack.map((item) => ({ ...item, server_id: randomUUID() })));
    expect(body['rejected']).toEqual(unknown.body['rejected']);
    expect(live((await drain(phoneA)).entries).get(id)).toEqual(before);
  });
});
