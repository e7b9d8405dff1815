import { once } from 'node:events';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import type { Api } from '../../support/api.js';
import { TestApp } from '../../support/app.js';
import { MINUTE, TestClock } from '../../support/clock.js';
import { hasDatabase } from '../../support/database.js';
import { claimsOf, epoch, forge, Phone } from '../auth/support.js';
import { exchange, request } from '../hardening/support.js';
import { address, Device, HASTY, policy, PROTOCOL, statusOf, tokenOf } from './support.js';

const PAGE = 'https://app.example.org';
const SELF = 'https://hale.example.org';

describe.runIf(hasDatabase())('89: the handshake of /ws/sync', () => {
  let app: TestApp;
  let ada: Api;
  beforeAll(async () => {
    app = await TestApp.start({
      env: { CORS_ORIGINS: PAGE, PUBLIC_URL: SELF },
      override: policy({ tickMs: 10, signInMs: 200 }),
    });
    ada = await app.api.register();
  });
  afterAll(() => app.stop());

  it('89: a token as a subprotocol is accepted, and never returned', async () => {
    const device = await Device.open(ada);
    expect(device.socket.protocol).toBe(PROTOCOL);
    expect(await device.hello()).toEqual({ t: 'hello', epoch: expect.stringMatching(/./), head: '0' });
    await device.leave();
  });

  it('89: a token in the first message is accepted, with the subprotocol and without', async () => {
    for (const protocols of [[PROTOCOL], []]) {
      const device = await Device.connect(app.url, protocols);
      device.say({ t: 'auth', token: tokenOf(ada) });
      expect(await device.hello()).toMatchObject({ head: '0' });
      await device.leave();
    }
  });

  it('89: without a token it is closed with 4401 after the time limit', async () => {
    const device = await Device.connect(app.url);
    expect(await device.closed()).toBe(4401);
    expect(device.messages).toEqual([]);
  });

  it('89: an expired, forged or unsigned token is closed with 4401', async () => {
    const claims = claimsOf(tokenOf(ada));
    const bad = {
      expired: forge({ ...claims, exp: epoch() - 1 }),
      foreign: forge(claims, undefined, 'x'.repeat(32)),
      unsigned: forge(claims, { alg: 'none', typ: 'at+jwt' }),
      untyped: forge(claims, { alg: 'HS256', typ: 'JWT' }),
      issuer: forge({ ...claims, iss: 'https://evil.example' }),
      undated: forge({ ...claims, exp: undefined }),
      refresh: ada.account['refresh_token'] as string,
      garbage: 'x',
    };
    for (const [name, token] of Object.entries(bad)) {
      const offered = await Device.connect(app.url, [PROTOCOL, `bearer.${token}`]);
      expect([name, await offered.closed()]).toEqual([name, 4401]);
      const said = await Device.connect(app.url);
      said.say({ t: 'auth', token });
      expect([name, await said.closed()]).toEqual([name, 4401]);
      expect(said.messages).toEqual([
        { t: 'error', code: name === 'expired' ? 'token-expired' : 'unauthenticated' },
      ]);
    }
  });

  it('89: the token of an ended session is closed with 4403', async () => {
    const phone = await Phone.login(ada);
    await phone.logout();
    const device = await Device.connect(app.url, [PROTOCOL, `bearer.${phone.access}`]);
    expect(await device.closed()).toBe(4403);
    expect(device.messages).toEqual([{ t: 'error', code: 'session-revoked' }]);
  });

  it('89: a valid token in the URL is refused', async () => {
    for (const query of [`?token=${tokenOf(ada)}`, `?access_token=${tokenOf(ada)}`, '?a'])
      expect(await statusOf(address(app.url, `/ws/sync${query}`))).toBe(401);
    const alsoOffered = [PROTOCOL, `bearer.${tokenOf(ada)}`];
    expect(await statusOf(address(app.url, '/ws/sync?token=x'), alsoOffered)).toBe(401);
  });

  it('89: pages can connect from configured origins only, programs from anywhere', async () => {
    const status = (origin?: string) =>
      statusOf(address(app.url), undefined, origin === undefined ? {} : { origin });
    for (const origin of [undefined, PAGE, SELF])
      expect([origin, await status(origin)]).toEqual([origin, 101]);
    for (const origin of ['https://evil.example', 'null', `${PAGE}.evil.example`, 'http://app.example.org'])
      expect([origin, await status(origin)]).toEqual([origin, 403]);
  });

  it('89: a refusal is a problem, and contains nothing of the request', async () => {
    const { answers } = await exchange(
      app.url,
      request('GET', '/ws/sync?token=secret', {
        connection: 'Upgrade',
        upgrade: 'websocket',
        'sec-websocket-version': '13',
        'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
      }),
    );
    expect(answers[0]?.headers.get('content-type')).toMatch(/^application\/problem\+json/);
    expect(answers[0]?.body).toMatchObject({ type: 'about:blank', title: 'Unauthorized', status: 401 });
    expect(JSON.stringify(answers[0]?.body)).not.toContain('secret');
  });

  it('89: another subprotocol alone is refused', async () => {
    expect(await statusOf(address(app.url), ['hale.sync.v2'])).toBe(400);
    expect(await statusOf(address(app.url), [`bearer.${tokenOf(ada)}`])).toBe(400);
  });

  it('89: other paths ignore an upgrade and answer the request', async () => {
    for (const path of ['/ws', '/ws/sync/', '/ws/other', '/api/ws/sync'])
      expect([path, await statusOf(address(app.url, path))]).toEqual([path, 404]);
    expect(await statusOf(address(app.url, '/'))).toBe(200);
    expect((await ada.get('/ws/sync')).status).toBe(404);
    const wish = { connection: 'Upgrade, HTTP2-Settings', upgrade: 'h2c', 'http2-settings': 'AAMAAABk' };
    const body = JSON.stringify({ weight_value: 70, unit: 'kg', timestamp: '2026-01-06T20:30:00Z' });
    const eve = await app.api.register();
    const authorization = eve.headers['authorization']!;
    const post = request(
      'POST',
      '/api/health-metrics/weight',
      { ...wish, authorization, 'content-type': 'application/json' },
      body,
    );
    // Twelve on one connection, one after the other.
    const { answers } = await exchange(app.url, post, {
      answers: 12,
      onWritten: (socket) => {
        let left = 11;
        socket.on('data', () => left-- > 0 && socket.write(post));
      },
    });
    expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 12 }, () => 201));
  });

  it('89: an upgrade after an unanswered request closes the connection', async () => {
    const get = request('GET', '/api/users/me', { authorization: ada.headers['authorization']! });
    const upgrade = request('GET', '/ws/sync', {
      connection: 'Upgrade',
      upgrade: 'websocket',
      'sec-websocket-version': '13',
      'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
    });
    const { answers, closed } = await exchange(app.url, Buffer.concat([get, upgrade]), { untilClosed: true });
    expect(closed).toBe(true);
    expect(answers.map(({ status }) => status)).not.toContain(101);
  });

  it('89: an invalid WebSocket handshake is refused, and the connection closed', async () => {
    const bad: Record<string, string>[] = [
      { 'sec-websocket-version': '13' },
      { 'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==' },
      { 'sec-websocket-version': '13', 'sec-websocket-key': 'short' },
    ];
    for (const headers of bad) {
      const bytes = request('GET', '/ws/sync', { connection: 'Upgrade', upgrade: 'websocket', ...headers });
      const { answers, closed } = await exchange(app.url, bytes, { untilClosed: true });
      expect([closed, answers[0]?.status]).toEqual([true, 400]);
    }
  });

  it('89: every refusal is a problem, with the headers of every other answer', async () => {
    const handshake = {
      connection: 'Upgrade',
      upgrade: 'websocket',
      'sec-websocket-version': '13',
      'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
      'x-request-id': 'sent-by-the-client',
    };
    const refused = [
      ['POST', 405, {}],
      ['GET', 400, { 'sec-websocket-version': '9' }],
      ['GET', 400, { 'sec-websocket-key': 'short' }],
      ['GET', 400, { 'sec-websocket-protocol': `${PROTOCOL},${PROTOCOL}` }],
      ['GET', 400, { 'sec-websocket-protocol': 'hale.sync.v2' }],
      ['GET', 403, { origin: 'https://evil.example' }],
    ] as const;
    for (const [method, status, headers] of refused) {
      const bytes = request(method, '/ws/sync', { ...handshake, ...headers });
      const { answers } = await exchange(app.url, bytes, { untilClosed: true });
      const answer = answers[0]!;
      expect([headers, answer.status, answer.body]).toMatchObject([
        headers,
        status,
        { status, title: expect.any(String) as string, request_id: 'sent-by-the-client' },
      ]);
      const names = ['content-type', 'x-request-id', 'x-content-type-options', 'cache-control'];
      expect(names.map((name) => answer.headers.get(name))).toEqual([
        'application/problem+json; charset=utf-8',
        'sent-by-the-client',
        'nosniff',
        'no-store',
      ]);
    }
  });

  it('89: the host header may have any value', async () => {
    const { port } = new URL(app.url);
    const socket = connect({ host: '127.0.0.1', port: Number(port) });
    const device = new WebSocket(address(app.url), [PROTOCOL], {
      headers: { host: '[not a host' },
      createConnection: () => socket,
    });
    await once(device, 'open');
    device.terminate();
  });
});

describe.runIf(hasDatabase())('89: connections before sign-in', () => {
  const start = (changes = {}, env = {}) =>
    TestApp.start({ env, override: policy({ ...HASTY, ...changes }) });

  it('89: are limited per address; signed-in ones do not count', async () => {
    const app = await start({ strangersPerAddress: 3 });
    const ada = await app.api.register();
    const strangers = await Promise.all([1, 2, 3].map(() => Device.connect(app.url)));
    expect(await statusOf(address(app.url))).toBe(429);
    expect(await statusOf(address(app.url), [PROTOCOL, 'bearer.x'])).toBe(429);
    const known = await Device.join(ada);
    strangers[0]!.say({ t: 'auth', token: tokenOf(ada) });
    await strangers[0]!.hello();
    expect(await statusOf(address(app.url))).toBe(101);
    await strangers[1]!.leave();
    expect(await statusOf(address(app.url))).toBe(101);
    await known.leave();
    await app.stop();
  });

  it('89: are limited over all addresses; a proxy is trusted as configured', async () => {
    const app = await start({ strangersPerAddress: 2, strangers: 3 }, { TRUST_PROXY: '1' });
    const from = (forwarded: string) => ({ headers: { 'x-forwarded-for': forwarded } });
    const first = [
      await Device.connect(app.url, [PROTOCOL], from('203.0.113.1')),
      // An address that the client itself claims does not count.
      await Device.connect(app.url, [PROTOCOL], from('198.51.100.7, 203.0.113.1')),
    ];
    expect(await statusOf(address(app.url), [PROTOCOL], from('198.51.100.8, 203.0.113.1'))).toBe(429);
    first.push(await Device.connect(app.url, [PROTOCOL], from('203.0.113.2')));
    expect(await statusOf(address(app.url), [PROTOCOL], from('203.0.113.3'))).toBe(429);
    await Promise.all(first.map((device) => device.leave()));
    await app.stop();
  });

  it('92: the total number of connections is limited and leaves room for HTTP', async () => {
    const app = await start({ sockets: 2 });
    const ada = await app.api.register();
    const devices = [await Device.join(ada), await Device.connect(app.url)];
    expect(await statusOf(address(app.url), [PROTOCOL, `bearer.${tokenOf(ada)}`])).toBe(503);
    expect((await ada.get('/api/users/me')).status).toBe(200);
    await Promise.all(devices.map((device) => device.leave()));
    await (await Device.join(ada)).leave();
    await app.stop();
  });

  it('89: the token is checked with the clock of the service', async () => {
    const clock = new TestClock();
    const app = await TestApp.start({
      override: (builder) => clock.install(policy(HASTY)(builder)),
    });
    const ada = await app.api.register();
    clock.advance(16 * MINUTE);
    const device = await Device.open(ada);
    expect(await device.closed()).toBe(4401);
    await app.stop();
  });
});
