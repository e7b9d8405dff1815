import type { Server } from 'node:http';
import { setImmediate } from 'node:timers/promises';
import { promisify } from 'node:util';
import { Controller, Get, HttpCode, Module, Post } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import { SkipThrottle, Throttle } from '@nestjs/throttler';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { Public } from '../../../src/kernel/http/actor.js';
import { AccountPagesModule } from '../../../src/modules/identity/account-pages/account-pages.module.js';
import { Clock } from '../../../src/platform/clock.js';
import type { Answer, Api } from '../../support/api.js';
import { TestApp } from '../../support/app.js';
import { DAY } from '../../support/clock.js';
import { hasDatabase } from '../../support/database.js';
import { exchange, request, StoppedClock, WEIGHT } from '../hardening/support.js';
import { outcome, tally, times } from '../auth/support.js';

const LIMITED = '429 https://iana.org/assignments/http-problem-types#quota-exceeded';
const MIB = 1_048_576;

@Controller('test')
@ApiExcludeController()
@Public('a test asks')
class TestController {
  @Get('usual')
  usual(): object {
    return {};
  }

  @Get('tight')
  @Throttle({ default: { limit: 2, ttl: 10_000 } })
  tight(): object {
    return {};
  }

  @Post('wide')
  @HttpCode(200)
  @Throttle({ default: { limit: 50, ttl: 60_000 } })
  wide(): object {
    return {};
  }

  @Post('free')
  @HttpCode(200)
  @SkipThrottle()
  free(): object {
    return {};
  }
}

@Controller('skipped')
@ApiExcludeController()
@Public('a test asks')
@SkipThrottle()
class SkippedController {
  @Get('all')
  all(): object {
    return {};
  }

  @Get('one')
  @SkipThrottle({ default: false })
  one(): object {
    return {};
  }
}

@Module({ controllers: [TestController, SkippedController] })
class TestRoutes {}

const left = ({ headers }: Answer): string => headers.get('ratelimit') ?? 'none';
const count = (answers: readonly Answer[], status: number): number =>
  answers.filter((answer) => answer.status === status).length;

/** Node drops a refused body; a connection on which one still arrives would delay the stop. */
async function drain({ app }: TestApp): Promise<void> {
  const server = app.getHttpServer() as Server;
  const open = promisify(server.getConnections.bind(server));
  while ((await open()) > 0) {
    server.closeIdleConnections();
    await setImmediate();
  }
}

/** How many texts of more than half a megabyte were parsed as JSON since then. */
function parsedBodies(): () => number {
  const parse = vi.spyOn(JSON, 'parse');
  return () => parse.mock.calls.filter(([text]) => String(text).length > MIB / 2).length;
}

describe.runIf(hasDatabase())('the throttle guard', () => {
  let app: TestApp;
  const clock = new StoppedClock();
  const start = (): Promise<TestApp> =>
    TestApp.start({
      env: { RATE_LIMIT_PER_MINUTE: '20' },
      override: (builder) =>
        builder
          .overrideModule(AccountPagesModule)
          .useModule(TestRoutes)
          .overrideProvider(Clock)
          .useValue(clock),
    });
  beforeAll(async () => {
    app = await start();
  });
  // Every window ends, so each test begins with unused limits.
  beforeEach(() => clock.move(DAY));
  afterAll(() => app.stop());

  const spend = async (api: Api, path = '/test/usual'): Promise<void> => {
    while ((await api.get(path)).status !== 429);
  };

  it('73: @Throttle gives a route a limit of its own, which does not count for the general limit', async () => {
    const tight = await Promise.all(times(5, () => app.api.get('/test/tight')));
    expect([count(tight, 200), count(tight, 429)]).toEqual([2, 3]);
    for (const { headers } of tight) expect(headers.get('ratelimit-policy')).toBe('"route";q=2;w=10');
    expect(left(await app.api.get('/test/usual'))).toBe('"default";r=19;t=60');
    clock.move(10_000);
    expect(left(await app.api.get('/test/tight'))).toBe('"route";r=1;t=10');
  });

  it('73: @Throttle may allow more than the general limit, also with a body', async () => {
    await spend(app.api);
    const wide = await Promise.all(times(60, () => app.api.post('/test/wide', { some: 'body' })));
    expect([count(wide, 200), count(wide, 429)]).toEqual([50, 10]);
  });

  it('73: @SkipThrottle excludes a route, also with a body, and sends no RateLimit headers', async () => {
    await spend(app.api);
    for (const answer of await Promise.all(times(30, () => app.api.post('/test/free', { some: 'body' }))))
      expect([answer.status, left(answer)]).toEqual([200, 'none']);
    expect(outcome(await app.api.get('/test/usual'))).toBe(LIMITED);
  });

  it('73: @SkipThrottle of a class applies to each route that does not override it', async () => {
    for (const answer of await Promise.all(times(30, () => app.api.get('/skipped/all'))))
      expect(answer.status).toBe(200);
    const one = await Promise.all(times(30, () => app.api.get('/skipped/one')));
    expect([count(one, 200), count(one, 429)]).toEqual([20, 10]);
  });

  it('73: unknown routes count exactly once', async () => {
    const unknown = await Promise.all(
      times(30, (index) => (index % 2 ? app.api.get(`/api/no/${index}`) : app.api.post(`/no/${index}`, {}))),
    );
    expect([count(unknown, 404), count(unknown, 429)]).toEqual([20, 10]);
    const lefts = unknown
      .filter(({ status }) => status === 404)
      .map((answer) => /r=(\d+)/.exec(left(answer))![1]);
    expect(lefts.map(Number).toSorted((a, b) => a - b)).toEqual(times(20, (index) => index));
    expect(outcome(await app.api.get('/test/usual'))).toBe(LIMITED);
  });

  it.each(['/openapi.json', '/openapi.yaml', '/docs', '/docs/swagger-ui.css', '/problems/validation'])(
    '73: %s is counted with any token',
    async (path) => {
      const ada = await app.api.register();
      // Compressing the documents would take most of the time.
      const plain = { 'accept-encoding': 'identity' };
      const all = await Promise.all(
        times(25, (index) => (index % 2 ? ada : app.api.bearer(`a.b.${index}`)).with(plain).get(path)),
      );
      // Ada's registration was one of the 20.
      expect([count(all, 200), count(all, 429)]).toEqual([19, 6]);
      expect(all.every(({ headers }) => headers.get('ratelimit-policy') === '"default";q=20;w=60')).toBe(
        true,
      );
      expect(left(await ada.get('/api/users/me'))).toBe('"default";r=19;t=60');
    },
  );

  it('73: HEAD, slashes and case do not bypass the limit', async () => {
    await spend(app.api);
    for (const path of [
      '/test/usual',
      '/test/usual/',
      '//test/usual',
      '/TEST/usual',
      '/test/%75sual',
      '/test/usual?x',
    ])
      for (const method of ['GET', 'HEAD', 'POST', 'DELETE'])
        expect([method, path, (await app.api.send(method, path)).status]).toEqual([method, path, 429]);
  });

  it('73: what is refused for its request line counts exactly once, and is refused beyond the limit', async () => {
    const lines: [string, string, Record<string, string | undefined>?][] = [
      ['TRACE', '/test/usual'],
      ['PROPFIND', '/test/usual'],
      ['OPTIONS', '/test/usual'],
      ['OPTIONS', '/test/usual', { origin: 'https://evil.example' }],
      ['OPTIONS', '*'],
      ['GET', '*'],
      ['GET', '/%zz'],
      ['POST', '/test/%c0%af'],
      ['GET', `/test/usual?${'x'.repeat(5_000)}`],
      ['GET', 'http://host'],
    ];
    const send = async ([method, path, headers = {}]: (typeof lines)[number]): Promise<number> =>
      (await exchange(app.url, request(method, path, headers as Record<string, string>))).answers[0]!.status;
    const statuses = [];
    for (const [index, line] of lines.entries()) {
      statuses.push(await send(line));
      // One for the line, and one for the look.
      expect([line, left(await app.api.get('/no/such/route'))]).toEqual([
        line,
        expect.stringContaining(`r=${18 - 2 * index};`),
      ]);
    }
    expect(statuses).toEqual([405, 405, 204, 204, 204, 400, 400, 400, 414, 400]);
    for (const line of lines) expect([line, await send(line)]).toEqual([line, 429]);
  });

  it('102: a preflight is not counted, whatever its origin', async () => {
    const asks = { 'access-control-request-method': 'GET' };
    for (const origin of ['http://localhost:5173', 'https://evil.example', 'null'])
      for (const path of ['/test/usual', '/no/such/route', '/docs']) {
        const answer = await app.api.with({ ...asks, origin }).send('OPTIONS', path);
        expect([origin, path, answer.status, left(answer)]).toEqual([origin, path, 204, 'none']);
      }
    expect(left(await app.api.get('/test/usual'))).toBe('"default";r=19;t=60');
  });

  describe('no body is parsed for a 429', () => {
    // Each test has its own, because a connection on which a refused body still arrives delays what follows on it.
    let own: TestApp;
    beforeEach(async () => {
      own = await start();
    });
    afterEach(async () => {
      vi.restoreAllMocks();
      await drain(own);
      await own.stop();
    });
    const big = JSON.stringify({ refresh_token: 'x'.repeat(MIB - 1_000) });
    const sendTwenty = async (send: () => Promise<Answer>): Promise<void> => {
      const parsed = parsedBodies();
      expect(tally(await Promise.all(times(20, send)))).toEqual({ [LIMITED]: 20 });
      expect(parsed()).toBe(0);
    };

    it('of a network address', async () => {
      await spend(own.api);
      await sendTwenty(() => own.api.post('/api/auth/refresh', big));
      await sendTwenty(() => own.api.post('/api/nothing', big));
    });

    it('of a person', async () => {
      const ada = await own.api.register();
      await spend(ada, '/api/users/me');
      await sendTwenty(() => ada.post(WEIGHT, big));
    });

    it('of a caller who guesses tokens', async () => {
      await spend(own.api);
      await sendTwenty(() => own.api.bearer('guess.of.token').post(WEIGHT, big));
      await sendTwenty(() => own.api.bearer(`hale_${'0'.repeat(32)}_${'x'.repeat(43)}`).post(WEIGHT, big));
    });

    it('of an API key', async () => {
      const ada = await own.api.register();
      const { body } = await ada.post('/api/api-keys', { name: 'scale', scopes: ['metrics:write'] });
      const scale = own.api.bearer(body['key'] as string);
      await spend(scale, WEIGHT);
      await sendTwenty(() => scale.post(WEIGHT, big));
    });

    it('also in one burst that passes the limit, and for bodies that cannot be read', async () => {
      const parsed = parsedBodies();
      const fresh = await Promise.all(times(40, () => own.api.post('/api/auth/refresh', big)));
      expect(tally(fresh)).toEqual({ [LIMITED]: 20, '422 validation': 20 });
      expect(parsed()).toBe(20);
      clock.move(DAY);
      const broken = await Promise.all(times(40, () => own.api.post('/api/auth/refresh', big.slice(1))));
      expect(tally(broken)).toEqual({ [LIMITED]: 20, '400 malformed-request': 20 });
      clock.move(DAY);
      const ada = await own.api.register();
      clock.move(DAY);
      const hers = await Promise.all(times(40, () => ada.post(WEIGHT, big.slice(1))));
      expect(tally(hers)).toEqual({ [LIMITED]: 20, '400 malformed-request': 20 });
    });

    it('with a token of an ended session, which uses the limit of the address', async () => {
      const ada = await own.api.register();
      const phone = await ada.login();
      expect(
        (await phone.post('/api/auth/logout', { refresh_token: phone.account['refresh_token'] })).status,
      ).toBe(204);
      expect(outcome(await phone.post(WEIGHT, { unit: 'kg' }))).toBe('401 session-revoked');
      expect(left(await ada.get('/api/users/me'))).toBe('"default";r=19;t=60');
    });

    it('while a person within the limit is served from a network address beyond it', async () => {
      const ada = await own.api.register();
      await spend(own.api);
      const parsed = parsedBodies();
      expect(outcome(await ada.post(WEIGHT, big))).toBe('422 validation');
      expect(parsed()).toBe(1);
    });
  });
});
