import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { UsersRepository } from '../../../src/modules/identity/users/users.repository.js';
import type { Answer, Api } from '../../support/api.js';
import { TestApp } from '../../support/app.js';
import { hasDatabase } from '../../support/database.js';
import { codeOf, everyAnswer, exchange, recordAnswers, request, SYNC, WEIGHT, weight } from './support.js';

const METRICS_TOKEN = 'metrics-token-of-the-tests';
const CRLF = '\r\n';

describe.runIf(hasDatabase())('what can be seen from outside', () => {
  const answers = recordAnswers();
  afterEach(() => void vi.restoreAllMocks());

  describe('101: security headers', () => {
    let app: TestApp;
    let ada: Api;
    let limited: Answer;
    beforeAll(async () => {
      const small = await TestApp.start({ env: { RATE_LIMIT_PER_MINUTE: '1' } });
      for (let time = 0; time < 2; time++)
        limited = await small.api.post('/api/auth/refresh', { refresh_token: 'x' });
      await small.stop();
      app = await TestApp.start();
      ada = await app.api.register();
    });
    afterAll(() => app.stop());

    const NAMES = [
      'strict-transport-security',
      'content-security-policy',
      'x-content-type-options',
      'referrer-policy',
      'x-frame-options',
      'cross-origin-resource-policy',
      'cross-origin-opener-policy',
    ];

    const securityOf = ({ headers }: Answer): Record<string, string | null> =>
      Object.fromEntries(NAMES.map((name) => [name, headers.get(name)]));
    const rawly = async (bytes: string | Buffer): Promise<Answer> =>
      (await exchange(app.url, bytes)).answers[0]!;

    /** One answer of every status, from each part of the server. */
    const oneOfEach = async (): Promise<Record<string, Answer>> => {
      const { body: made } = await ada.post(WEIGHT, weight);
      const { headers } = await ada.get(SYNC);
      const unchanged = await ada.with({ 'if-none-match': headers.get('etag')! }).get(SYNC);
      vi.spyOn(app.app.get(UsersRepository), 'find').mockRejectedValueOnce(new Error('no'));
      const r500 = await ada.get('/api/users/me');
      return {
        '200': await ada.get('/api/users/me'),
        '200 of a probe': await app.api.get('/health/live'),
        '200 of a catalogue': await app.api.get('/problems/internal'),
        '200 of the document': await app.api.get('/openapi.json'),
        '201': await ada.post(WEIGHT, weight),
        '204': await ada.delete(`${WEIGHT}/${made['id']}`),
        '204 of a preflight': await app.api.send('OPTIONS', '/api/users/me'),
        '304': unchanged,
        '400': await ada.post(WEIGHT, '{'),
        '400 of the router': await rawly(request('GET', '/%zz')),
        '400 of the parser': await rawly(`GARBAGE${CRLF}${CRLF}`),
        '400 without host': await rawly(`GET / HTTP/1.1${CRLF}${CRLF}`),
        '401': await app.api.get('/api/users/me'),
        '404': await ada.get('/nothing'),
        '404 of a row': await ada.get(`${WEIGHT}/${made['id']}`),
        '405': await rawly(request('TRACE', '/')),
        '405 of CONNECT': await rawly(request('CONNECT', 'db:1')),
        '413': await ada.post(WEIGHT, ' '.repeat(1_048_577)),
        '414': await ada.get(`/${'a'.repeat(5_000)}`),
        '415': await ada.with({ 'content-type': 'text/plain' }).post(WEIGHT, 'x'),
        '422': await ada.post(WEIGHT, {}),
        '429': limited,
        '431': await rawly(request('GET', '/', { x: 'a'.repeat(20_000) })),
        '500': r500,
      };
    };

    it('101: are the same on every answer, whatever its status and origin', async () => {
      const all = await oneOfEach();
      const { '200': plain } = all;
      expect(securityOf(plain!)).toEqual({
        'strict-transport-security': expect.stringMatching(/^max-age=(\d{8,})\b/),
        'content-security-policy': expect.stringMatching(/^default-src 'none';/),
        'x-content-type-options': 'nosniff',
        'referrer-policy': 'no-referrer',
        'x-frame-options': 'DENY',
        'cross-origin-resource-policy': 'same-origin',
        'cross-origin-opener-policy': 'same-origin',
      });
      for (const directive of ["frame-ancestors 'none'", "object-src 'none'", "base-uri 'none'"])
        expect(plain!.headers.get('content-security-policy')).toContain(directive);
      for (const [name, answer] of Object.entries(all)) {
        expect([name, answer.status]).toEqual([name, Number(name.slice(0, 3))]);
        // Any page may ask whether the service can be reached, to tell this from a refusal of its origin.
        const isProbe = name === '200 of a probe';
        expect([name, securityOf(answer)]).toEqual([
          name,
          { ...securityOf(plain!), ...(isProbe && { 'cross-origin-resource-policy': 'cross-origin' }) },
        ]);
        expect([name, answer.headers.get('x-request-id')]).toEqual([
          name,
          expect.stringMatching(/^[\w-]{8,64}$/),
        ]);
        for (const told of ['x-powered-by', 'server', 'x-aspnet-version', 'x-runtime'])
          expect([name, told, answer.headers.get(told)]).toEqual([name, told, null]);
        if (answer.status >= 200 && ![204, 304].includes(answer.status))
          expect([name, answer.headers.get('content-type')]).toEqual([
            name,
            expect.stringMatching(/^application\/(problem\+)?json; charset=utf-8$/),
          ]);
      }
    });

    it('101: a path that only begins like the page does not get the policy of the page', async () => {
      for (const path of ['/docsx', '/docs-json', '/docs.html'])
        expect((await app.api.get(path)).headers.get('content-security-policy')).not.toContain('script-src');
    });

    it('101: the page runs only its own scripts, and cannot be framed', async () => {
      for (const path of ['/docs', '/docs/']) {
        const { status, headers } = await app.api.get(path);
        expect([path, status, headers.get('cross-origin-opener-policy')]).toEqual([path, 200, 'same-origin']);
        const policy = headers.get('content-security-policy') ?? '';
        expect(policy).toMatch(/default-src 'none'/);
        expect(policy).toMatch(/script-src 'self'(;|$)/);
        expect(policy).toMatch(/frame-ancestors 'none'/);
        expect(headers.get('x-content-type-options')).toBe('nosniff');
      }
    });
  });

  describe('102: CORS', () => {
    const GOOD = 'https://good.com';
    const LOCAL = 'http://localhost:5173';
    let app: TestApp;
    beforeAll(async () => {
      app = await TestApp.start({ env: { CORS_ORIGINS: `${GOOD}, ${LOCAL}`, RATE_LIMIT_PER_MINUTE: '7' } });
    });
    afterAll(() => app.stop());

    const ask = async (
      to: TestApp,
      method: string,
      path: string,
      headers: Record<string, string>,
    ): Promise<Answer> => (await exchange(to.url, request(method, path, headers))).answers[0]!;
    const preflight = (to: TestApp, origin: string): Promise<Answer> =>
      ask(to, 'OPTIONS', WEIGHT, {
        origin,
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'authorization, content-type, idempotency-key, x-device-id',
      });

    it('102: a listed origin is returned, alone, with Vary', async () => {
      for (const origin of [GOOD, LOCAL])
        for (const path of ['/health/live', '/api/users/me', '/nothing']) {
          const { headers } = await ask(app, 'GET', path, { origin });
          expect([path, headers.get('access-control-allow-origin')]).toEqual([path, origin]);
          expect(headers.get('vary')).toMatch(/\bOrigin\b/);
          expect(headers.get('access-control-allow-credentials')).toBeNull();
        }
    });

    it('102: a browser may read the headers it needs', async () => {
      const { headers } = await ask(app, 'GET', '/health/live', { origin: GOOD });
      const exposed = (headers.get('access-control-expose-headers') ?? '').split(/, */);
      expect(exposed).toEqual(
        expect.arrayContaining([
          'RateLimit',
          'RateLimit-Policy',
          'Retry-After',
          'ETag',
          'X-Request-Id',
          'Idempotency-Replayed',
        ]),
      );
    });

    it('102: no other origin is returned, and never more than one', async () => {
      const OTHERS = [
        'null',
        'https://good.com.evil.com',
        'http://good.com',
        'https://GOOD.com',
        'HTTPS://good.com',
        'https://good.com:443',
        'https://good.com:8443',
        'https://good.com/',
        'https://www.good.com',
        'https://evilgood.com',
        'https://goodxcom',
        'https://good.com, https://evil.com',
        'https://good.com@evil.com',
        'https://evil.com#https://good.com',
        'file://',
        'good.com',
        '*',
        '',
        'http://localhost',
        'http://localhost:5174',
        'http://127.0.0.1:5173',
        'chrome-extension://good.com',
      ];
      for (const origin of OTHERS)
        for (const answer of [
          await ask(app, 'GET', '/health/live', { origin }),
          await preflight(app, origin),
        ]) {
          expect([origin, answer.headers.get('access-control-allow-origin')]).toEqual([origin, null]);
          expect([origin, answer.headers.get('access-control-allow-credentials')]).toEqual([origin, null]);
          expect(answer.headers.get('vary')).toMatch(/\bOrigin\b/);
        }
    });

    it('102: a preflight allows what the API takes, needs no token, and is not counted', async () => {
      for (let time = 0; time < 20; time++) {
        const { status, headers } = await preflight(app, GOOD);
        expect([status, headers.get('access-control-allow-origin')]).toEqual([204, GOOD]);
        expect(headers.get('access-control-allow-methods')).toMatch(/POST/);
        for (const name of ['authorization', 'content-type', 'idempotency-key', 'x-device-id'])
          expect(headers.get('access-control-allow-headers')).toContain(name);
        expect(headers.get('ratelimit')).toBeNull();
      }
      const { headers } = await app.api.post('/api/auth/refresh', { refresh_token: 'x' });
      expect(headers.get('ratelimit')).toMatch(/^"default";r=[1-4];/);
    });

    it('102: a page of a listed origin can read a refusal', async () => {
      const ada = await app.api.register();
      const headers = { origin: GOOD, authorization: ada.headers['authorization']! };
      const all: Answer[] = [];
      for (let time = 0; time < 8; time++) all.push(await ask(app, 'GET', '/api/users/me', headers));
      expect(all.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200, 200, 200, 429]);
      for (const answer of all) expect(answer.headers.get('access-control-allow-origin')).toBe(GOOD);
    });

    it('102: in development a page on another port of this machine is allowed, and nobody else', async () => {
      const open = await TestApp.start({ env: { NODE_ENV: 'development' } });
      const page = 'http://localhost:5173';
      for (const answer of [
        await ask(open, 'GET', '/health/live', { origin: page }),
        await preflight(open, page),
      ])
        expect(answer.headers.get('access-control-allow-origin')).toBe(page);
      const { headers } = await preflight(open, 'https://evil.example');
      expect(headers.get('access-control-allow-origin')).toBeNull();
      await open.stop();
    });

    it('102: without a list no origin is returned', async () => {
      const closed = await TestApp.start();
      for (const origin of [GOOD, LOCAL, 'null', closed.url])
        for (const answer of [
          await ask(closed, 'GET', '/health/live', { origin }),
          await preflight(closed, origin),
        ])
          expect([origin, answer.headers.get('access-control-allow-origin')]).toEqual([origin, null]);
      await closed.stop();
    });
  });

  describe('103: surface', () => {
    const PRODUCTION = { NODE_ENV: 'production', PUBLIC_URL: 'https://hale.example.org', TRUST_PROXY: '1' };
    const DOCS = [
      '/docs',
      '/docs/',
      '/docs/swagger-ui.css',
      '/docs/swagger-ui-init.js',
      '/docs/swagger-ui-bundle.js',
      '/docs/guide',
      '/docs/guide/sync',
      '/docs/guide/style.css',
      '/openapi.json',
      '/openapi.yaml',
    ];
    const NEVER = [
      '/docs-json',
      '/swagger',
      '/api-docs',
      '/.git/config',
      '/.git/HEAD',
      '/.env',
      '/.npmrc',
      '/debug',
      '/debug/pprof',
      '/admin',
      '/api/admin',
      '/__selftest',
      '/test',
      '/main.js.map',
      '/dist/src/main.js',
      '/dist/src/main.js.map',
      '/src/main.ts',
      '/package.json',
      '/node_modules/fastify/package.json',
      '/data/hale.sqlite',
      '/data/jwt-secret',
      '/jwt-secret',
      '/server-status',
      '/graphql',
      '/actuator/env',
      '/health',
      '/api',
      '/robots.txt',
      '/index.html',
    ];
    const inProduction = async (
      env: Record<string, string>,
      look: (app: TestApp) => Promise<void>,
    ): Promise<void> => {
      const app = await TestApp.start({ env: { ...PRODUCTION, ...env } });
      try {
        await look(app);
      } finally {
        await app.stop();
      }
    };
    const statusesOf = async (app: TestApp, paths: readonly string[]): Promise<Record<string, number>> =>
      Object.fromEntries(
        await Promise.all(paths.map(async (path) => [path, (await app.api.get(path)).status] as const)),
      );
    const all = (paths: readonly string[], status: number): Record<string, number> =>
      Object.fromEntries(paths.map((path) => [path, status]));

    it('103: production serves only the API', () =>
      inProduction({}, async (app) => {
        const paths = [...DOCS, ...NEVER, '/metrics'];
        expect(await statusesOf(app, paths)).toEqual(all(paths, 404));
        const ada = await app.api.register();
        expect((await ada.get('/api/users/me')).status).toBe(200);
        expect((await app.api.get('/health/live')).status).toBe(200);
      }));

    it('103: production serves documentation only if it is enabled', () =>
      inProduction({ API_DOCS: 'true' }, async (app) => {
        expect(await statusesOf(app, DOCS)).toEqual(all(DOCS, 200));
        expect(await statusesOf(app, NEVER)).toEqual(all(NEVER, 404));
      }));

    it('103: outside production it is served, and can be disabled', async () => {
      const open = await TestApp.start();
      expect(await statusesOf(open, DOCS)).toEqual(all(DOCS, 200));
      await open.stop();
      const closed = await TestApp.start({ env: { API_DOCS: 'false' } });
      expect(await statusesOf(closed, DOCS)).toEqual(all(DOCS, 404));
      await closed.stop();
    });

    it('103: no path leaves the served directories', () =>
      inProduction({ API_DOCS: 'true' }, async (app) => {
        const UP = [
          '/docs/../../package.json',
          '/docs/../package.json',
          '/docs/..%2f..%2fpackage.json',
          '/docs/%2e%2e/%2e%2e/package.json',
          '/docs/..\\..\\package.json',
          '/docs//etc/passwd',
          '/docs/%00',
          '/../package.json',
          '//package.json',
          '/docs/swagger-ui.css%00.txt',
          '/docs/....//package.json',
        ];
        for (const path of UP) {
          const { answers: got } = await exchange(app.url, request('GET', path));
          expect([path, got[0]?.status === 404 || got[0]?.status === 400]).toEqual([path, true]);
          expect(JSON.stringify(got[0]?.body)).not.toContain('"name":"hale"');
        }
      }));

    it('72, 103: metrics need the token', () =>
      inProduction({ METRICS_TOKEN }, async (app) => {
        const status = async (authorization?: string) =>
          (await app.api.with(authorization === undefined ? {} : { authorization }).get('/metrics')).status;
        expect(await status(`Bearer ${METRICS_TOKEN}`)).toBe(200);
        const ada = await app.api.register();
        const WRONG = [
          undefined,
          '',
          'Bearer',
          'Bearer ',
          `Bearer ${METRICS_TOKEN}x`,
          `Bearer ${METRICS_TOKEN.slice(0, -1)}`,
          `Bearer ${METRICS_TOKEN.toUpperCase()}`,
          METRICS_TOKEN,
          `Basic ${METRICS_TOKEN}`,
          ada.headers['authorization'],
        ];
        for (const authorization of WRONG)
          expect([authorization, await status(authorization)]).toEqual([authorization, 401]);
        expect((await app.api.get(`/metrics?token=${METRICS_TOKEN}`)).status).toBe(401);
        expect((await app.api.post('/metrics', {})).status).toBe(404);
        // 72: with a problem.
        const refused = await app.api.get('/metrics');
        expect([refused.status, refused.headers.get('content-type')]).toEqual([
          401,
          'application/problem+json; charset=utf-8',
        ]);
        expect([codeOf(refused), refused.body['status']]).toEqual(['unauthenticated', 401]);
      }));
  });

  everyAnswer(answers);
});
