import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { OutboxWorker } from '../../../src/kernel/events/outbox-worker.js';
import { ApiKeysRepository } from '../../../src/modules/identity/api-keys/api-keys.repository.js';
import { Credentials } from '../../../src/modules/identity/users/credentials.js';
import { PersonLock } from '../../../src/kernel/person-lock.js';
import { UnitOfWork } from '../../../src/platform/database/unit-of-work.js';
import { Api, PASSWORD } from '../../support/api.js';
import type { TestApp } from '../../support/app.js';
import { DAY, fromNow, HOUR, MINUTE, SECOND, TestClock } from '../../support/clock.js';
import { hasDatabase } from '../../support/database.js';
import { SmtpSink } from '../../support/smtp.js';
import { all, Log, ME, outcome, startTwo, tally, times } from '../auth/support.js';
import { contents } from '../hardening/support.js';
import { Device } from '../realtime/support.js';
import { type Key, KEYS, makeKey, makeSignedKey, send, sign, WEIGHT, weight } from './support.js';

const NOBODY = '401 unauthenticated';
const FORBIDDEN = '403 insufficient-scope';
const READ = ['metrics:read'];
const MAX_KEYS = 50;

describe.runIf(hasDatabase())('30: API keys', () => {
  let app: TestApp;
  let second: TestApp;
  let smtp: SmtpSink;
  const clock = new TestClock();
  const log = new Log();
  let person: Api;
  beforeAll(async () => {
    smtp = await SmtpSink.start();
    [app, second] = await startTwo({
      env: { SMTP_URL: smtp.url, AUTH_REQUIRE_VERIFIED_EMAIL: 'false', LOG_LEVEL: 'trace' },
      override: all(clock.install, log.install),
    });
  });
  afterAll(async () => {
    await second.stop();
    await app.stop();
    await smtp.stop();
  });
  beforeEach(async () => {
    person = await app.api.register();
  });

  const use = async (key: Key, url = app.url): Promise<string> =>
    outcome(await new Api(url, key.api.headers).get(WEIGHT));
  const listed = async (who = person): Promise<Record<string, any>[]> => (await who.get(KEYS)).body['data'];
  const change = (sql: string, values: string[]) =>
    app.app.get(UnitOfWork).run(() => app.db.execute(sql, values));
  const seconds = (): number => Math.floor(clock.now() / SECOND);
  const rowsOf = (who: Api) => app.db.rows('SELECT id FROM api_keys WHERE user_id = ?', [who.userId]);

  describe('30: creating a key', () => {
    it('30: shows the key once and never again', async () => {
      const { status, body } = await person.post(KEYS, { name: 'Spreadsheet', scopes: READ });
      const prefix = `hale_${body['id'].replaceAll('-', '')}`;
      const at = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
      const shown = {
        id: expect.stringMatching(/^[\da-f-]{36}$/),
        name: 'Spreadsheet',
        prefix,
        scopes: READ,
        requires_signature: false,
        created_at: at,
        expires_at: at,
        last_used_at: null,
      };
      expect(status).toBe(201);
      expect(body).toEqual({
        ...shown,
        key: expect.stringMatching(new RegExp(`^${prefix}_[\\w-]{43}$`)),
        signing_secret: null,
      });
      expect(await listed()).toEqual([shown]);
      expect(outcome(await app.api.bearer(body['key']).get(WEIGHT))).toBe('200');
    });

    it('30: also returns a signing secret if signatures are required', async () => {
      const [plain, signed] = [await makeKey(person), await makeSignedKey(person)];
      expect([plain.secret, signed.secret]).toEqual([null, expect.stringMatching(/^[\w-]{43}$/)]);
      expect(signed.key).not.toContain(signed.secret);
      expect((await listed()).map(({ requires_signature }) => requires_signature)).toEqual([true, false]);
      expect(JSON.stringify(await listed())).not.toContain(signed.secret);
    });

    it('30: notifies the owner by mail and in the access log', async () => {
      const named = await person.post(KEYS, { name: 'Tom’s <b>scale</b>', scopes: READ });
      await person.delete(`${KEYS}/${named.body['id']}`);
      const { body } = await person.get('/api/users/me/access-log');
      expect(body['data'].slice(0, 2)).toMatchObject(
        ['key.revoked', 'key.created'].map((action) => ({ action, by: 'me', target: named.body['id'] })),
      );
      await app.app.get(OutboxWorker).drain();
      const mail = smtp.to(person.account['email']).at(-1)!;
      expect(mail.parsed.subject).toBe('A new API key for your account');
      expect(mail.parsed.text).toContain('Tom’s <b>scale</b>');
      expect(mail.parsed.html).not.toContain('<b>scale');
      expect(mail.raw).not.toContain(named.body['key']);
    });

    it('30: is valid until the requested time, or for a year', async () => {
      const [none, soon] = [
        await person.post(KEYS, { name: 'a', scopes: READ }),
        await person.post(KEYS, { name: 'b', scopes: READ, expires_at: '2999-01-01T00:00:00Z' }),
      ];
      const span = Date.parse(none.body['expires_at']) - Date.parse(none.body['created_at']);
      expect(span).toBe(366 * DAY);
      expect(outcome(soon)).toBe('422 validation');
      const asked = new Date(clock.now() + HOUR).toISOString();
      const { body } = await person.post(KEYS, { name: 'c', scopes: READ, expires_at: asked });
      expect(body['expires_at']).toBe(asked);
    });

    const WRONG: Record<string, [object, string, string]> = {
      'no name': [{ name: undefined }, 'name', 'required'],
      'an empty name': [{ name: '' }, 'name', 'out-of-range'],
      'a long name': [{ name: 'x'.repeat(101) }, 'name', 'out-of-range'],
      'a name that is none': [{ name: { $gt: '' } }, 'name', 'wrong-type'],
      'no scopes': [{ scopes: undefined }, 'scopes', 'required'],
      'an empty list of scopes': [{ scopes: [] }, 'scopes', 'out-of-range'],
      'a scope there is not': [{ scopes: ['admin:write'] }, 'scopes', 'not-allowed'],
      'a scope for all': [{ scopes: ['*'] }, 'scopes', 'not-allowed'],
      'a scope twice': [{ scopes: ['meals:read', 'meals:read'] }, 'scopes', 'invalid'],
      'scopes as text': [{ scopes: 'meals:read' }, 'scopes', 'wrong-type'],
      'an end that has passed': [{ expires_at: fromNow(-SECOND) }, 'expires_at', 'out-of-range'],
      'an end too far away': [{ expires_at: fromNow(400 * DAY) }, 'expires_at', 'out-of-range'],
      'an end without offset': [{ expires_at: '2026-12-31T00:00:00' }, 'expires_at', 'invalid'],
      'a text for yes': [{ requires_signature: 'yes' }, 'requires_signature', 'wrong-type'],
      // CVE-2025-61928: a client must not choose the owner, the rights or the rate limit of a key.
      userId: [{ userId: randomUUID() }, 'userId', 'unknown-field'],
      user_id: [{ user_id: randomUUID() }, 'user_id', 'unknown-field'],
      permissions: [{ permissions: { admin: ['*'] } }, 'permissions', 'unknown-field'],
      rateLimit: [{ rateLimit: 1_000_000 }, 'rateLimit', 'unknown-field'],
      'a key of one’s own': [{ key: 'hale_x' }, 'key', 'unknown-field'],
      'a secret of one’s own': [{ signing_secret: 'x' }, 'signing_secret', 'unknown-field'],
    };

    it.each(Object.entries(WRONG))('30: is refused with %s', async (_, [fields, field, code]) => {
      const answer = await person.post(KEYS, { name: 'A program', scopes: READ, ...fields });
      expect(outcome(answer)).toBe('422 validation');
      expect(answer.body['errors']).toEqual([{ field, code, message: expect.any(String) }]);
      expect(await listed()).toEqual([]);
    });

    it('30: needs a fresh proof', async () => {
      clock.advance(10 * MINUTE + SECOND);
      const body = { name: 'A program', scopes: READ };
      expect(outcome(await person.post(KEYS, body))).toBe('403 step-up-required');
      const proof = await person.post('/api/auth/reauth', { password: PASSWORD });
      expect(outcome(await person.bearer(proof.body['access_token']).post(KEYS, body))).toBe('201');
    });

    it('30: of 60 concurrent creations on two instances 50 succeed; revoking one allows another', async () => {
      const answers = await Promise.all(
        times(60, (i) =>
          new Api([app, second][i % 2]!.url, person.headers).post(KEYS, { name: `${i}`, scopes: READ }),
        ),
      );
      expect(tally(answers)).toEqual({ 201: MAX_KEYS, '409 too-many-keys': 60 - MAX_KEYS });
      const keys = await listed();
      expect(new Set(keys.map(({ id }) => id)).size).toBe(MAX_KEYS);
      await person.delete(`${KEYS}/${keys[7]!['id']}`);
      await makeKey(person);
      expect(outcome(await person.post(KEYS, { name: 'one more', scopes: READ }))).toBe('409 too-many-keys');
      expect(outcome(await (await app.api.register()).post(KEYS, { name: 'a', scopes: READ }))).toBe('201');
    });
  });

  describe('30: access with a key', () => {
    it('30: works only with the whole key in the right header', async () => {
      const { key, id } = await makeKey(person);
      const [, , secret = ''] = /^(hale_[\da-f]{32})_(.{43})$/.exec(key) ?? [];
      const other = await makeKey(await app.api.register());
      const last = secret.at(-1) === 'A' ? 'B' : 'A';
      const wrong = [
        'hale_',
        `hale_${id}`,
        key.slice(0, -1),
        `${key}x`,
        `${key.slice(0, -1)}${last}`,
        key.toUpperCase(),
        key.replace(/^hale_/, 'hale_x'),
        key.replace(secret, '_'.repeat(43)),
        key.replace(secret, other.key.slice(-43)),
        `hale_${randomUUID().replaceAll('-', '')}_${secret}`,
        `hale_${'%'.repeat(32)}_${secret}`,
        `hale_${id}_${secret}`,
        `hale_${'0'.repeat(10_000)}`,
        `hale_' OR 1=1 --`,
        secret,
      ];
      for (const text of wrong)
        expect([text, outcome(await app.api.bearer(text).get(WEIGHT))]).toEqual([text, NOBODY]);
      const places = [
        app.api.get(`${WEIGHT}?api_key=${key}`),
        app.api.get(`${WEIGHT}?access_token=${key}`),
        app.api.with({ 'x-api-key': key }).get(WEIGHT),
        app.api.with({ 'api-key': key }).get(WEIGHT),
        app.api.with({ cookie: `api_key=${key}` }).get(WEIGHT),
        app.api.with({ authorization: key }).get(WEIGHT),
        app.api.with({ authorization: `ApiKey ${key}` }).get(WEIGHT),
        app.api.with({ authorization: `Basic ${Buffer.from(`${key}:`).toString('base64')}` }).get(WEIGHT),
        app.api.post('/api/auth/refresh', { refresh_token: key }),
      ];
      const answers = await Promise.all(places);
      expect(tally(answers)).toEqual({ [NOBODY]: 8, '401 invalid-refresh-token': 1 });
    });

    it('30: is refused after a revocation, at once, on every instance', async () => {
      const [key, other] = [await makeKey(person), await makeKey(person)];
      for (const url of [app.url, second.url]) expect(await use(key, url)).toBe('200');
      const answer = await person.delete(`${KEYS}/${key.id}`);
      expect([answer.status, answer.body]).toEqual([204, '']);
      for (const url of [app.url, second.url]) expect(await use(key, url)).toBe(NOBODY);
      expect(outcome(await person.delete(`${KEYS}/${key.id}`))).toBe('404 not-found');
      expect(await use(other)).toBe('200');
    });

    it('30: is refused after the expiry, to the second; the key can still be listed and revoked', async () => {
      const key = await makeKey(person, READ, { expires_at: new Date(clock.now() + MINUTE).toISOString() });
      clock.advance(59 * SECOND);
      expect(await use(key)).toBe('200');
      clock.advance(SECOND);
      for (const url of [app.url, second.url]) expect(await use(key, url)).toBe(NOBODY);
      expect((await listed()).map(({ id }) => id)).toEqual([key.id]);
      expect(outcome(await person.delete(`${KEYS}/${key.id}`))).toBe('204');
    });

    it('30: is refused while the account is disabled, and works again afterwards', async () => {
      const key = await makeKey(person);
      await change("UPDATE users SET disabled_at = '2026-01-01 00:00:00.000' WHERE id = ?", [person.userId]);
      for (const url of [app.url, second.url]) expect(await use(key, url)).toBe(NOBODY);
      await change('UPDATE users SET disabled_at = NULL WHERE id = ?', [person.userId]);
      expect(await use(key)).toBe('200');
    });

    it('30: is refused after the account is deleted, and no row remains', async () => {
      const [key, signed] = [await makeKey(person), await makeSignedKey(person)];
      await send(app.url, await sign(signed, ['GET', WEIGHT], { values: { created: seconds() } }));
      expect(outcome(await person.delete(ME, { password: PASSWORD }))).toBe('204');
      expect(await use(key)).toBe(NOBODY);
      expect(await rowsOf(person)).toEqual([]);
      expect(await app.db.rows('SELECT * FROM api_key_nonces WHERE key_id = ?', [signed.id])).toEqual([]);
    });

    it('30: is refused after all credentials of the account were deleted', async () => {
      const key = await makeKey(person);
      await app.app
        .get(PersonLock)
        .hold(person.userId, () => app.app.get(Credentials).deleteAll(person.userId, clock.date()));
      expect(await use(key)).toBe(NOBODY);
    });

    it('30: another person gets 404 for the key, and it still works', async () => {
      const [key, stranger] = [await makeKey(person), await app.api.register()];
      expect(outcome(await stranger.delete(`${KEYS}/${key.id}`))).toBe('404 not-found');
      expect(outcome(await stranger.delete(`${KEYS}/${randomUUID()}`))).toBe('404 not-found');
      expect(await listed(stranger)).toEqual([]);
      expect(await use(key)).toBe('200');
      await stranger.post(WEIGHT, weight);
      expect((await key.api.get(WEIGHT)).body['data']).toEqual([]);
      expect((await key.api.get(ME)).body['id']).toBe(person.userId);
    });
  });

  describe('30: the last use', () => {
    it('30: is recorded to the minute', async () => {
      const key = await makeKey(person);
      const lastUsed = async (): Promise<number> => Date.parse((await listed())[0]!['last_used_at']);
      await use(key);
      const first = await lastUsed();
      expect(Math.abs(first - clock.now())).toBeLessThan(MINUTE);
      clock.advance(50 * SECOND);
      await use(key);
      expect(await lastUsed()).toBe(first);
      clock.advance(10 * SECOND);
      await use(key, second.url);
      expect(await lastUsed()).toBeGreaterThanOrEqual(first + MINUTE);
    });

    it('30: is recorded once for a burst of requests, and all are answered', async () => {
      const key = await makeKey(person);
      const written = vi.spyOn(app.app.get(ApiKeysRepository), 'noteUse');
      const answers = await Promise.all(times(30, () => key.api.get(WEIGHT)));
      expect(tally(answers)).toEqual({ 200: 30 });
      const results = await Promise.all(written.mock.results.map(({ value }) => value as Promise<boolean>));
      expect(results.filter(Boolean)).toHaveLength(1);
      written.mockRestore();
    });

    it('30: does not fail the request if it cannot be recorded', async () => {
      const key = await makeKey(person);
      vi.spyOn(app.app.get(ApiKeysRepository), 'noteUse').mockRejectedValue(new Error('disk full'));
      expect(await use(key)).toBe('200');
      vi.restoreAllMocks();
      expect((await listed())[0]!['last_used_at']).toBeNull();
    });

    it('30: is not recorded for a wrong secret', async () => {
      const key = await makeKey(person);
      await app.api.bearer(`${key.key.slice(0, -4)}AAAA`).get(WEIGHT);
      expect((await listed())[0]!['last_used_at']).toBeNull();
    });
  });

  it('30: neither a key nor its secret is in the database or the log', async () => {
    const keys = [await makeKey(person), await makeSignedKey(person)] as const;
    await use(keys[0]);
    await use(keys[1]);
    await send(
      app.url,
      await sign(keys[1], ['POST', WEIGHT, JSON.stringify(weight)], { values: { created: seconds() } }),
    );
    await app.api.bearer(`${keys[0].key}x`).get(WEIGHT);
    await app.api.get(`${WEIGHT}?api_key=${keys[0].key}`);
    const rows = await contents(app.db);
    expect(rows['api_keys']).not.toEqual([]);
    const dump = JSON.stringify(rows, (_, value) => (typeof value === 'bigint' ? `${value}` : value));
    const written = JSON.stringify(log.lines);
    expect(log.lines.some(({ route }) => route === KEYS)).toBe(true);
    for (const secret of [keys[0].key.slice(-43), keys[1].key.slice(-43), keys[1].secret])
      for (const text of [secret, Buffer.from(secret).toString('base64').slice(0, 56)])
        expect([dump.includes(text), written.includes(text)]).toEqual([false, false]);
    for (const { key } of keys) expect(written.includes(key.slice(0, 37))).toBe(false);
  });

  it('30: cannot open a socket', async () => {
    const { key } = await makeKey(person);
    const offered = await Device.open(app.api.bearer(key));
    expect(await offered.closed()).toBe(4401);
    const said = await Device.connect(app.url);
    said.say({ t: 'auth', token: key });
    expect(await said.closed()).toBe(4401);
  });

  it('30: a read key can read but not write', async () => {
    const [reading, writing] = [await makeKey(person, READ), await makeKey(person, ['metrics:write'])];
    expect(outcome(await reading.api.post(WEIGHT, weight))).toBe(FORBIDDEN);
    const made = await writing.api.post(WEIGHT, weight);
    expect(outcome(made)).toBe('201');
    expect(outcome(await writing.api.get(WEIGHT))).toBe(FORBIDDEN);
    expect((await reading.api.get(WEIGHT)).body['data']).toHaveLength(1);
    expect(outcome(await reading.api.send('HEAD', WEIGHT))).toBe('200');
    for (const method of ['PUT', 'DELETE'])
      expect(outcome(await reading.api.send(method, `${WEIGHT}/${made.body['id']}`))).toBe(FORBIDDEN);
    expect(
      (await reading.api.with({ 'x-http-method-override': 'DELETE' }).get(`${WEIGHT}/${made.body['id']}`))
        .status,
    ).toBe(200);
  });
});
