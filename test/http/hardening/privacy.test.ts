import { randomBytes, randomUUID } from 'node:crypto';
import { QueryFailedError } from 'typeorm';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { Config } from '../../../src/config/config.js';
import { UsersRepository } from '../../../src/modules/identity/users/users.repository.js';
import { RecordCatalog } from '../../../src/records/define/record-catalog.js';
import { Database } from '../../../src/platform/database/database.js';
import { Logger } from '../../../src/platform/logger.js';
import type { Api } from '../../support/api.js';
import { SECRET, TestApp } from '../../support/app.js';
import { hasDatabase } from '../../support/database.js';
import { everyAnswer, exchange, recordAnswers, request, SYNC, WEIGHT } from './support.js';

const METRICS_TOKEN = 'metrics-token-of-the-tests';

/** A unique text. */
const canary = (name: string): string => `canary${name}${randomBytes(6).toString('hex')}`;

describe.runIf(hasDatabase())('100: what is logged', () => {
  let app: TestApp;
  const lines: string[] = [];
  const answers = recordAnswers();
  beforeAll(async () => {
    const destination = { write: (line: string) => void lines.push(line) };
    app = await TestApp.start({
      env: { LOG_LEVEL: 'trace', METRICS_TOKEN },
      override: (builder) =>
        builder
          .overrideProvider(Logger)
          .useFactory({ factory: (config: Config) => new Logger(config, destination), inject: [Config] }),
    });
  });
  afterAll(() => app.stop());

  const canaries = {
    email: `${canary('mail')}@example.org`,
    otherEmail: `${canary('other')}@example.org`,
    password: canary('password'),
    wrongPassword: canary('wrong'),
    newPassword: canary('new'),
    displayName: canary('display'),
    deviceId: canary('device'),
    deviceName: canary('phone'),
    localId: canary('local'),
    key: canary('key'),
    value: 123.4567,
    otherValue: 87.6543,
    // Personal data in a field name, path, query, header or method also reaches the service.
    field: canary('field'),
    path: canary('path'),
    query: canary('query'),
    header: canary('header'),
    body: canary('body'),
    message: canary('message'),
  };
  const timestamp = '2019-03-07T11:22:33.456Z';
  const entry = { weight_value: canaries.value, unit: 'kg', timestamp };
  const secrets: string[] = [];

  /** All actions of a person, valid and invalid, and the attempts of a stranger. */
  async function live(): Promise<void> {
    const { email, password, wrongPassword, deviceId, deviceName, displayName } = canaries;
    const signUp = {
      email,
      password,
      device_id: deviceId,
      device_name: deviceName,
      display_name: displayName,
    };
    const { body: account } = await app.api.post('/api/auth/register', signUp);
    const ada: Api = app.api
      .bearer(account['access_token'])
      .with({ 'x-device-id': deviceId, 'idempotency-key': canaries.key });
    remember(account);
    await app.api.post('/api/auth/register', signUp);
    await app.api.post('/api/auth/register', { ...signUp, email: canaries.otherEmail, password: 'password' });
    await app.api.post('/api/auth/register', {
      ...signUp,
      email: `${canaries.otherEmail} x`,
      [canaries.field]: canaries.body,
    });
    await app.api.post('/api/auth/login', { email, password: wrongPassword });
    await app.api.post('/api/auth/login', { email: canaries.otherEmail, password });
    remember((await app.api.post('/api/auth/login', { email, password, device_name: deviceName })).body);
    const { body: refreshed } = await app.api.post('/api/auth/refresh', {
      refresh_token: account['refresh_token'],
    });
    remember(refreshed);
    await app.api.post('/api/auth/refresh', { refresh_token: `${account['refresh_token']}x` });
    await ada.get('/api/auth/sessions');
    await ada.put('/api/users/me/password', {
      current_password: wrongPassword,
      new_password: canaries.newPassword,
    });
    await ada.put('/api/users/me/password', {
      current_password: password,
      new_password: canaries.newPassword,
    });
    await ada.patch('/api/users/me', { display_name: displayName });
    const { body: made } = await ada.post(WEIGHT, entry);
    await ada.post(WEIGHT, { ...entry, weight_value: canaries.otherValue });
    await ada.put(`${WEIGHT}/${made['id']}`, { weight_value: canaries.otherValue, unit: 'kg' });
    await ada.post(SYNC, {
      entries: [
        { local_id: canaries.localId, ...entry },
        { local_id: canaries.localId, ...entry, [canaries.field]: 1 },
      ],
      client_time: timestamp,
    });
    await ada.get(`${SYNC}?since=${encodeURIComponent(timestamp)}`);
    await ada.get(`${WEIGHT}?since=${encodeURIComponent(timestamp)}&x=${canaries.query}`);
    await ada.delete(`${WEIGHT}/${made['id']}`);
    for (const path of [
      `/${canaries.path}`,
      `${WEIGHT}/${canaries.path}`,
      `/api/${email}?q=${canaries.query}`,
      `/%zz${canaries.path}`,
    ])
      await ada.get(path);
    await ada.post(WEIGHT, `{"${canaries.body}`);
    await ada.with({ 'content-type': `text/${canaries.header}` }).post(WEIGHT, entry);
    await ada
      .with({
        'x-request-id': `${canaries.header} ${email}`,
        'user-agent': canaries.header,
        referer: `https://${canaries.header}.test`,
        cookie: `a=${canaries.header}`,
      })
      .get('/api/users/me');
    await app.api.bearer(`${account['access_token']}x`).get('/api/users/me');
    await exchange(app.url, `GARBAGE ${canaries.header}\r\n\r\n`);
    await exchange(app.url, request('GET', `/${canaries.path}`, { x: canaries.header.repeat(1_000) }));
    await app.api.with({ authorization: `Bearer ${METRICS_TOKEN}x` }).get('/metrics');
  }

  /** The tokens of an answer, and their parts: a signature alone reveals a token too. */
  function remember(body: Record<string, unknown>): void {
    for (const name of ['access_token', 'refresh_token'])
      if (typeof body[name] === 'string')
        secrets.push(
          body[name],
          ...body[name].split('.').filter((part) => part.length > 20 && !/^[0-9a-f-]{36}$/.test(part)),
        );
  }

  /** Errors that quote their input, as drivers do. */
  async function fail(): Promise<void> {
    const ada = await app.api.register();
    const quoting = `${canaries.message} ${canaries.email} ${canaries.value}\n    at ${canaries.message} (${canaries.email}:1:1)`;
    const driverError = Object.assign(new Error(quoting), {
      code: 'ER_DATA_TOO_LONG',
      sql: quoting,
      sqlMessage: quoting,
      errno: 1406,
    });
    const THROWN = [
      new Error(quoting),
      new QueryFailedError(`INSERT INTO weight_entries VALUES (${quoting})`, [quoting], driverError),
      Object.assign(new TypeError(quoting), { cause: driverError, parameters: [quoting] }),
      new Error('outer', { cause: new Error(quoting) }),
      Object.assign(new Error(quoting), { name: canaries.message }),
      quoting,
      { message: quoting, [quoting]: quoting },
    ];
    for (const thrown of THROWN) {
      vi.spyOn(app.app.get(UsersRepository), 'find').mockRejectedValue(thrown);
      expect((await ada.get('/api/users/me')).status).toBe(500);
    }
    vi.restoreAllMocks();
    vi.spyOn(app.app.get(RecordCatalog), 'get').mockImplementation(() => {
      throw new RangeError(quoting);
    });
    expect((await ada.get(WEIGHT)).status).toBe(500);
    expect((await ada.post(SYNC, { entries: [{ local_id: canaries.localId, ...entry }] })).status).toBe(500);
    vi.restoreAllMocks();
  }

  /** A real error of the real driver: a row that violates a constraint. */
  async function failInTheDatabase(): Promise<void> {
    const ada = await app.api.register();
    vi.spyOn(app.app.get(UsersRepository), 'find').mockImplementation(async () => {
      await app.app
        .get(Database)
        .writer.query(
          `INSERT INTO weight_entries (id, unit) VALUES ('${canaries.email}', '${canaries.message}')`,
        );
      return null;
    });
    expect((await ada.get('/api/users/me')).status).toBe(500);
    vi.restoreAllMocks();
  }

  it('100: contains no address, password, token, phone id or health value, even at level trace and in errors', async () => {
    await live();
    await fail();
    await failInTheDatabase();
    const written = lines.join('');
    expect(lines.length).toBeGreaterThan(50);
    const all = [
      ...Object.values(canaries).map(String),
      ...secrets,
      SECRET,
      METRICS_TOKEN,
      timestamp,
      timestamp.replace('T', ' ').slice(0, -1),
      '127.0.0.1',
    ];
    const told = all.filter(
      (secret) =>
        written.includes(secret) ||
        written.includes(Buffer.from(secret).toString('base64')) ||
        written.includes(encodeURIComponent(secret)),
    );
    expect(told).toEqual([]);
  });

  it('100: is one JSON object per line, with only these fields of a request', () => {
    const requests = lines
      .map((line) => JSON.parse(line) as Record<string, unknown>)
      .filter(({ msg }) => msg === 'request');
    expect(requests.length).toBeGreaterThan(30);
    for (const line of requests) {
      const allowed = new Set([
        'level',
        'time',
        'msg',
        'request_id',
        'method',
        'route',
        'status',
        'duration_ms',
        'user_id',
      ]);
      expect(Object.keys(line).filter((name) => !allowed.has(name))).toEqual([]);
      expect(line['route']).toMatch(/^(none|\*|\/[\w/:.*-]*)$/);
    }
    expect(requests.some(({ route }) => route === `${WEIGHT}/:id`)).toBe(true);
  });

  it('100: identifies a failure by its class, code and place', () => {
    const failures = lines
      .map((line) => JSON.parse(line) as Record<string, any>)
      .filter(({ level }) => level >= 50);
    expect(failures.length).toBeGreaterThanOrEqual(9);
    expect(failures.some(({ code }) => code === 'ER_DATA_TOO_LONG')).toBe(true);
    for (const { request_id, error } of failures)
      expect([typeof request_id, typeof error]).toEqual(['string', 'string']);
    const thrown = failures.find(({ error }) => error === 'RangeError');
    expect(thrown!['frames'].join('\n')).toMatch(/weight/);
  });

  it('100: contains only listed fields, whoever passes others', () => {
    const before = lines.length;
    const logger = app.app.get(Logger);
    const passed = {
      event: 'test',
      email: canaries.email,
      password: canaries.password,
      weight_value: canaries.value,
      err: new Error(canaries.message),
      headers: { authorization: SECRET },
    };
    logger.info(passed, 'one');
    logger.warn(passed, 'two');
    logger.error(passed, 'three');
    logger.fatal(passed);
    logger.warn(canaries.message);
    logger.error(canaries.message);
    const written = lines.slice(before).map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(written.map(({ msg, event }) => [msg, event])).toEqual([
      ['one', 'test'],
      ['two', 'test'],
      ['three', 'test'],
      ['fatal', 'test'],
      ['warning', undefined],
      ['error', undefined],
    ]);
    for (const line of written)
      expect(Object.keys(line).filter((name) => !['level', 'time', 'msg', 'event'].includes(name))).toEqual(
        [],
      );
  });

  it('100: metrics contain routes and numbers, never people', async () => {
    const id = randomUUID();
    const ada = await app.api.register();
    await ada.get(`${WEIGHT}/${id}`);
    await ada.get(`/${canaries.path}`);
    const { status, body } = await app.api.with({ authorization: `Bearer ${METRICS_TOKEN}` }).get('/metrics');
    expect(status).toBe(200);
    const text = String(body);
    expect(text).toContain('http_request_duration_seconds_bucket');
    expect(text).toContain(`route="${WEIGHT}/:id"`);
    const all = [
      ...Object.values(canaries).map(String),
      ...secrets,
      SECRET,
      METRICS_TOKEN,
      id,
      ada.userId,
      '127.0.0.1',
    ];
    expect(all.filter((secret) => text.includes(secret))).toEqual([]);
  });

  it('100: a log line cannot be forged', async () => {
    const before = lines.length;
    const forged = '{"level":30,"msg":"request"}';
    for (const header of ['x-request-id', 'user-agent'])
      await exchange(app.url, request('GET', '/api/users/me', { [header]: `aaaaaaaa\\n${forged}` }));
    await app.api.get(`/api/users/me?x=%0a${encodeURIComponent(forged)}`);
    expect(lines.length).toBe(before + 3);
    for (const line of lines.slice(before)) expect(line).toMatch(/^\{.*\}\n$/);
  });

  everyAnswer(answers);
});
