import passport from 'passport';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { WebSocket } from 'ws';
import { Controller, Get, Module, Post, type Type } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import { SkipThrottle, Throttle } from '@nestjs/throttler';
import { AdminOnly, Fresh, Public, Shareable } from '../../../src/kernel/http/actor.js';
import { Idempotent } from '../../../src/kernel/idempotency/idempotency.interceptor.js';
import { AccountPagesModule } from '../../../src/modules/identity/account-pages/account-pages.module.js';
import { SessionGate } from '../../../src/modules/identity/sessions/session-gate.js';
import { VerifiedTokens } from '../../../src/modules/identity/sessions/verified-tokens.js';
import { Clock } from '../../../src/platform/clock.js';
import { type Answer, Api } from '../../support/api.js';
import { SECRET, TestApp } from '../../support/app.js';
import { createDatabase, hasDatabase, type TestDatabase } from '../../support/database.js';
import { claimsOf, forge, HEADER, LOGOUT, ME, outcome, REFRESH_KEY, times } from '../auth/support.js';
import { StoppedClock } from '../hardening/support.js';

const OTHER_SECRET = 'another-for-tests-Qw8nB3vX6zL1kJ4hG7fD0sA';

/** The answer to a socket with this token: `hello`, or the code of the error. */
function answerOnSocket(url: string, token: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(`${url.replace('http', 'ws')}/ws/sync`, ['hale.sync.v1', `bearer.${token}`]);
    socket.on('message', (data) => {
      const message = JSON.parse(String(data)) as { t: string; code?: string };
      resolve(message.code ?? message.t);
      socket.close();
    });
    socket.on('error', reject);
    socket.on('close', () => reject(new Error('closed without a word')));
  });
}

describe.runIf(hasDatabase())('authentication', () => {
  let database: TestDatabase;
  let app: TestApp;
  let clock: StoppedClock;
  beforeAll(async () => {
    database = await createDatabase();
    clock = new StoppedClock();
    app = await TestApp.start({
      database,
      override: (builder) => builder.overrideProvider(Clock).useValue(clock),
    });
  });
  afterEach(() => vi.restoreAllMocks());
  afterAll(async () => {
    await app?.stop();
    await database?.drop();
  });

  describe('two applications in one process', () => {
    it("15: do not verify each other's tokens, whichever started last", async () => {
      const other = await TestApp.start({ env: { JWT_SECRET: OTHER_SECRET } });
      try {
        const [ada, eve] = [await app.api.register(), await other.api.register()];
        expect([outcome(await ada.get(ME)), outcome(await eve.get(ME))]).toEqual(['200', '200']);
        const crossed = [new Api(other.url, ada.headers), new Api(app.url, eve.headers)];
        for (const person of crossed) expect(outcome(await person.get(ME))).toBe('401 unauthenticated');
        const { body } = await ada.post('/api/api-keys', { name: 'k', scopes: ['profile:read'] });
        expect(outcome(await app.api.bearer(body['key']).get(ME))).toBe('200');
        expect(outcome(await other.api.bearer(body['key']).get(ME))).toBe('401 unauthenticated');
      } finally {
        await other.stop();
      }
      expect(outcome(await (await app.api.register()).get(ME))).toBe('200');
    });

    it('15: do not change the passport of the process', () => {
      const register = vi.spyOn(passport, 'use');
      expect(() => passport.authenticate('jwt', { session: false })({ headers: {} }, {}, fail)).not.toThrow();
      expect(register).not.toHaveBeenCalled();

      function fail(error: unknown): void {
        expect(String(error)).toContain('Unknown authentication strategy "jwt"');
      }
    });
  });

  describe('a secret that was replaced', () => {
    it('15: is accepted while it is configured, and not after, also for tokens that were verified before', async () => {
      const ada = await app.api.register();
      for (let time = 0; time < 3; time++) expect(outcome(await ada.get(ME))).toBe('200');
      const during = await TestApp.start({
        database,
        env: { JWT_SECRET: OTHER_SECRET, JWT_ACCEPTED_SECRETS: SECRET },
      });
      expect(outcome(await new Api(during.url, ada.headers).get(ME))).toBe('200');
      const fresh = await during.api.register();
      expect(outcome(await fresh.get(ME))).toBe('200');
      const garbled = `${ada.account['access_token'].slice(0, -5)}AAAAA`;
      expect(outcome(await during.api.bearer(garbled).get(ME))).toBe('401 unauthenticated');
      await during.stop();
      const after = await TestApp.start({ database, env: { JWT_SECRET: OTHER_SECRET } });
      expect(outcome(await new Api(after.url, ada.headers).get(ME))).toBe('401 unauthenticated');
      expect(outcome(await new Api(after.url, fresh.headers).get(ME))).toBe('200');
      await after.stop();
    });
  });

  describe('a token that was verified before', () => {
    it('39: is refused as soon as its session ends', async () => {
      const ada = await app.api.register();
      await Promise.all(times(10, () => ada.get(ME)));
      await app.api.post(LOGOUT, { refresh_token: ada.account['refresh_token'] });
      for (const answer of await Promise.all(times(10, () => ada.get(ME))))
        expect(outcome(answer)).toBe('401 session-revoked');
    });

    it('13: expires on time', async () => {
      const ada = await app.api.register();
      expect(outcome(await ada.get(ME))).toBe('200');
      clock.move((claimsOf(ada.account['access_token'])['exp'] as number) * 1_000 - clock.now() - 1);
      expect(outcome(await ada.get(ME))).toBe('200');
      clock.move(1);
      expect(outcome(await ada.get(ME))).toBe('401 token-expired');
    });

    it('13: a similar token is not accepted', async () => {
      const ada = await app.api.register();
      const token = ada.account['access_token'] as string;
      expect(outcome(await ada.get(ME))).toBe('200');
      const [header = '', payload = '', signature = ''] = token.split('.');
      const near = [
        token.slice(0, -1),
        `${token}.`,
        `${token}=`,
        `${header}.${payload}`,
        `${header}.${payload}.`,
      ];
      near.push(`${header}.${payload}.${signature.toLowerCase()}`, token.toUpperCase());
      for (const one of near) expect([one, (await app.api.bearer(one).get(ME)).status]).toEqual([one, 401]);
    });
  });

  describe('an error inside a strategy', () => {
    const everyAnswer = async (ask: () => Promise<Answer>): Promise<string[]> =>
      (await Promise.all(times(5, ask))).map(outcome);

    it('is a 500 and gives no access', async () => {
      const ada = await app.api.register();
      vi.spyOn(app.app.get(SessionGate, { strict: false }), 'isOpen').mockRejectedValue(new Error('broken'));
      expect(await everyAnswer(() => ada.get(ME))).toEqual(times(5, () => '500 internal'));
      vi.restoreAllMocks();
      vi.spyOn(app.app.get(VerifiedTokens, { strict: false }), 'find').mockImplementation(() => {
        throw new Error('broken');
      });
      expect(await everyAnswer(() => ada.get(ME))).toEqual(times(5, () => '500 internal'));
    });

    it('gives no access even if nothing is thrown', async () => {
      const ada = await app.api.register();
      vi.spyOn(app.app.get(SessionGate, { strict: false }), 'isOpen').mockRejectedValue(undefined);
      for (const answer of await everyAnswer(() => ada.get(ME))) expect(answer).not.toBe('200');
    });

    it('does not affect public routes', async () => {
      const ada = await app.api.register();
      vi.spyOn(app.app.get(SessionGate, { strict: false }), 'isOpen').mockRejectedValue(new Error('broken'));
      expect(outcome(await ada.post('/api/auth/refresh', {}))).toBe('422 validation');
    });
  });

  it('89: sockets refuse the same tokens as requests, for the same reason', async () => {
    const ada = await app.api.register();
    const gone = await app.api.register();
    await app.api.post(LOGOUT, { refresh_token: gone.account['refresh_token'] });
    const claims = claimsOf(ada.account['access_token']);
    const { body } = await ada.post('/api/api-keys', { name: 'k', scopes: ['profile:read'] });
    const tokens = {
      good: ada.account['access_token'] as string,
      'good, made here': forge(claims),
      'of an ended session': gone.account['access_token'] as string,
      expired: forge({ ...claims, exp: 1 }),
      'of the future': forge({ ...claims, iat: claims['iat'] + 3_600 }),
      'not yet valid': forge({ ...claims, nbf: claims['exp'] }),
      'of another issuer': forge({ ...claims, iss: 'https://evil.example' }),
      'for another audience': forge({ ...claims, aud: 'other' }),
      'signed with another key': forge(claims, HEADER, REFRESH_KEY),
      'of another type': forge(claims, { ...HEADER, typ: 'JWT' }),
      'with an extension': forge(claims, { ...HEADER, crit: ['exp'] }),
      'of another algorithm': forge(claims, { ...HEADER, alg: 'HS512' }),
      'a refresh token': ada.account['refresh_token'] as string,
    };
    for (const [what, token] of Object.entries(tokens)) {
      const request = outcome(await app.api.bearer(token).get(ME)).replace(/^401 /, '');
      expect([what, await answerOnSocket(app.url, token)]).toEqual([
        what,
        request === '200' ? 'hello' : request,
      ]);
    }
    expect(await answerOnSocket(app.url, body['key'] as string)).toBe('unauthenticated');
  });

  it.each([
    '/api/users/me/',
    '//api/users/me',
    '/api//users/me',
    '/API/users/me',
    '/api/users/%6de',
    '/api/users/me;x',
    '/api/./users/me',
    '/api/users/me%2f',
  ])('50: %s is closed without a token, for every method', async (path) => {
    for (const method of ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']) {
      const { status, body } = await app.api
        .with({ 'x-http-method-override': 'GET', 'x-original-url': ME })
        .send(method, path);
      expect([method, path, [204, 401, 404].includes(status)]).toEqual([method, path, true]);
      expect(JSON.stringify(body)).not.toContain('email');
    }
  });

  describe('a declaration that would have no effect stops the start', () => {
    const start = (...controllers: Type[]): Promise<unknown> => {
      @Module({ controllers })
      class TestRoutes {}
      return TestApp.start({
        database,
        override: (builder) => builder.overrideModule(AccountPagesModule).useModule(TestRoutes),
      });
    };

    it('of access: an undeclared resource, and what is public and for somebody', async () => {
      @Controller('test')
      @ApiExcludeController()
      @Public('a test asks')
      class OpenController {
        @Get('admins')
        @AdminOnly()
        admins(): object {
          return {};
        }

        @Get('fresh')
        @Fresh()
        fresh(): object {
          return {};
        }

        @Post('once')
        @Idempotent()
        once(): object {
          return {};
        }

        @Get('open')
        open(): object {
          return {};
        }
      }
      @Controller('shared')
      @ApiExcludeController()
      @Shareable({ name: 'undeclared' })
      class SharedController {
        @Get()
        @Public('a test asks')
        read(): object {
          return {};
        }
      }
      await expect(start(OpenController, SharedController)).rejects.toThrow(
        [
          'Access:',
          'OpenController.admins is @Public, so @AdminOnly would have no effect',
          'OpenController.fresh is @Public, so @Fresh would have no effect',
          'OpenController.once is @Public, so @Idempotent would have no effect',
          'SharedController shares "undeclared", which no module declares: see defineResource',
          'SharedController.read is @Public, so @Shareable would have no effect',
        ].join('\n'),
      );
    });

    it.each([
      ['@Throttle', Throttle({ short: { limit: 1, ttl: 1_000 } })],
      ['@SkipThrottle', SkipThrottle({ short: true })],
    ])('of limits: %s of one that does not exist', async (_, decorator) => {
      @Controller('test')
      @ApiExcludeController()
      @decorator
      class LimitedController {
        @Get()
        read(): object {
          return {};
        }
      }
      await expect(start(LimitedController)).rejects.toThrow(
        'LimitedController.read: there is no limit "short"; use "default"',
      );
    });
  });
});
