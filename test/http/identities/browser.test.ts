import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Answer } from '../../support/api.js';
import { TestApp } from '../../support/app.js';
import { MINUTE, SECOND, TestClock } from '../../support/clock.js';
import { hasDatabase } from '../../support/database.js';
import { OpenIdPeer } from '../../support/openid.js';
import { all, Log, outcome, tally, times } from '../auth/support.js';
import {
  APP_LINK,
  browserOf,
  callbackOf,
  codeFor,
  exchange,
  newAddress,
  parametersOf,
  Pkce,
  PUBLIC,
  signInWith,
  startPath,
  WEB_LINK,
} from './support.js';

const CLIENT = { clientId: 'hale-web', clientSecret: 'a-secret-of-the-client' };

describe.runIf(hasDatabase())('20: a sign-in in the browser', () => {
  const clock = new TestClock();
  const log = new Log();
  let peer: OpenIdPeer;
  let app: TestApp;
  let login: string;
  beforeAll(async () => {
    peer = await OpenIdPeer.start({ ...CLIENT, redirectUri: callbackOf('google') });
    app = await TestApp.start({
      env: {
        PUBLIC_URL: PUBLIC,
        LOG_LEVEL: 'info',
        APP_LINKS: `${APP_LINK}, ${WEB_LINK}`,
        GOOGLE_CLIENT_ID: CLIENT.clientId,
        GOOGLE_CLIENT_SECRET: CLIENT.clientSecret,
        GOOGLE_ISSUER: peer.issuer,
        FACEBOOK_CLIENT_ID: '1',
        FACEBOOK_CLIENT_SECRET: 'x',
      },
      override: all((builder) => clock.install(builder), log.install),
    });
  });
  afterAll(async () => {
    await app.stop();
    await peer.stop();
  });
  beforeEach(() => {
    login = newAddress('gmail.com');
    peer.accounts.set(login, { email: login, email_verified: true });
  });

  const start = (query: object): Promise<Response> =>
    fetch(`${app.url}/api/auth/google?${new URLSearchParams(query as Record<string, string>)}`, {
      redirect: 'manual',
    });
  const right = () => ({
    redirect_uri: APP_LINK,
    code_challenge: new Pkce().challenge,
    code_challenge_method: 'S256',
  });
  const codeOf = async (response: Response) => {
    const body = (await response.json()) as { type?: string };
    return `${response.status} ${String(body.type).split('/').at(-1)}`;
  };
  /** Goes to the provider, signs in there, and stops at the redirect back. */
  async function untilCallback() {
    const browser = browserOf(app, login);
    const first = await start(right());
    const [, cookie = ''] = /^(hale_flow=[^;]+)/.exec(first.headers.getSetCookie().join()) ?? [];
    const { url: link } = await browser.open(first.headers.get('location') ?? '');
    const { history } = browser;
    const callback = history.find((url) => url.startsWith(callbackOf('google'))) ?? '';
    return { cookie, callback: callback.replace(PUBLIC, app.url), link };
  }
  const comeBack = (callback: string, cookie = ''): Promise<Response> =>
    fetch(callback, { redirect: 'manual', headers: { cookie } });

  it('20: goes from the app to the provider and back, and signs in with the code', async () => {
    const pkce = new Pkce();
    const browser = browserOf(app, login);
    const landing = await browser.open(PUBLIC + startPath('google', pkce));
    expect(landing.url.startsWith(`${APP_LINK}?code=`)).toBe(true);
    const device = { device_id: 'phone-1', device_name: 'Ada’s phone', platform: 'ios-26' };
    const { status, body } = await exchange(app.api, parametersOf(landing)['code'] ?? '', pkce, device);
    expect([status, body['user']]).toEqual([
      200,
      expect.objectContaining({ email: login, email_verified: true }),
    ]);
    const sessions = await app.api.bearer(body['access_token']).get('/api/auth/sessions');
    expect(sessions.body['data']).toMatchObject([device]);
    expect((await signInWith(app, 'google', login)).body['user'].id).toBe(body['user'].id);
  });

  it('20: uses state, nonce and PKCE, and no token is ever in a URL', async () => {
    const pkce = new Pkce();
    const browser = browserOf(app, login);
    const landing = await browser.open(PUBLIC + startPath('google', pkce));
    const asked = new URL(browser.history.find((url) => url.startsWith(peer.issuer)) ?? '').searchParams;
    expect(Object.fromEntries(asked)).toEqual({
      client_id: CLIENT.clientId,
      response_type: 'code',
      redirect_uri: callbackOf('google'),
      scope: 'openid email',
      state: expect.stringMatching(/^[\w-]{43}$/),
      nonce: expect.stringMatching(/^[\w-]{43}$/),
      code_challenge: expect.stringMatching(/^[\w-]{43}$/),
      code_challenge_method: 'S256',
    });
    expect(asked.get('code_challenge')).not.toBe(pkce.challenge);
    expect(parametersOf(landing)).toEqual({ code: expect.stringMatching(/^[\w-]{43}$/) });
    const { body } = await exchange(app.api, parametersOf(landing)['code'] ?? '', pkce);
    const addresses = browser.history.join(' ');
    for (const name of ['access_token', 'refresh_token']) expect(addresses).not.toContain(body[name]);
    expect(addresses).not.toMatch(/eyJ|access_token|id_token/);
  });

  it('20: binds the browser by a cookie that scripts and requests of other sites cannot use', async () => {
    const response = await start(right());
    const [cookie = ''] = response.headers.getSetCookie();
    expect([response.status, cookie]).toEqual([
      302,
      expect.stringMatching(
        /^hale_flow=[\w-]{43}; Path=\/api\/auth; Max-Age=600; HttpOnly; SameSite=Lax; Secure$/,
      ),
    ]);
    expect(response.headers.get('cache-control')).toBe('no-store');
    expect(response.headers.get('referrer-policy')).toBe('no-referrer');
  });

  describe('20: the link of the app', () => {
    it.each([
      ['none', undefined],
      ['another', 'org.example.evil:/signed-in'],
      ['a suffix', `${WEB_LINK}.evil.test`],
      ['a longer path', `${WEB_LINK}/more`],
      ['a query', `${WEB_LINK}?next=https://evil.test`],
      ['a fragment', `${WEB_LINK}#x`],
      ['another host after it', `${WEB_LINK}@evil.test`],
      ['userinfo', WEB_LINK.replace('://', '://app.hale.test@evil.test/')],
      ['another host by userinfo', 'https://app.hale.test:x@evil.test/signed-in'],
      ['no scheme', '//app.hale.test/signed-in'],
      ['another scheme', WEB_LINK.replace('https', 'http')],
      ['a script', 'javascript:alert(1)'],
      ['a subdomain', WEB_LINK.replace('app.', 'evil.app.')],
      ['a wildcard', WEB_LINK.replace('app.', '*.')],
      ['a sibling', WEB_LINK.replace('app.', 'evil.')],
      ['other letters', WEB_LINK.toUpperCase()],
      ['a port', WEB_LINK.replace('.test/', '.test:8443/')],
      ['a backslash', WEB_LINK.replace('.test/', '.test\\@evil.test/')],
      ['a slash at its end', `${WEB_LINK}/`],
      ['a line break', `${WEB_LINK}\r\nSet-Cookie: a=b`],
      ['a zero', `${WEB_LINK}\u0000`],
    ])('20: with %s is 400', async (_, link) => {
      const { redirect_uri: _link, ...rest } = right();
      const response = await start({ ...rest, ...(link === undefined ? {} : { redirect_uri: link }) });
      expect(response.headers.get('location')).toBeNull();
      expect(await codeOf(response)).toBe('400 redirect-not-allowed');
    });

    it('20: a duplicate one is 400', async () => {
      const query = `${new URLSearchParams(right())}&redirect_uri=${encodeURIComponent(WEB_LINK)}`;
      const response = await fetch(`${app.url}/api/auth/google?${query}`, { redirect: 'manual' });
      expect(await codeOf(response)).toBe('400 redirect-not-allowed');
    });

    it('20: any of the configured links works', async () => {
      const landing = await browserOf(app, login).open(PUBLIC + startPath('google', new Pkce(), WEB_LINK));
      expect(landing.url.startsWith(`${WEB_LINK}?code=`)).toBe(true);
    });
  });

  it.each([
    ['without a challenge', { code_challenge: '' }],
    ['with a short challenge', { code_challenge: 'abc' }],
    ['with an invalid challenge', { code_challenge: `${'x'.repeat(42)}=` }],
    ['without a method', { code_challenge_method: '' }],
    ['with the method plain', { code_challenge_method: 'plain' }],
    ['with another method', { code_challenge_method: 's256' }],
  ])('20: %s is 400', async (_, wrong) => {
    expect(await codeOf(await start({ ...right(), ...wrong }))).toBe('400 malformed-request');
  });

  describe('20: the return from the provider', () => {
    it('20: works once, and only in the browser that began', async () => {
      const { cookie, callback, link } = await untilCallback();
      // The browser that signed in had no cookie of the flow, so it was stopped here.
      expect(link).toBe(callback.replace(app.url, PUBLIC));
      expect(await codeOf(await comeBack(callback))).toBe('400 sign-in-flow-broken');
      expect(await codeOf(await comeBack(callback, `hale_flow=${'x'.repeat(43)}`))).toBe(
        '400 sign-in-flow-broken',
      );
      const answers = await Promise.all(times(8, () => comeBack(callback, cookie)));
      const statuses = answers.map(({ status }) => status).toSorted();
      expect(statuses).toEqual([302, 400, 400, 400, 400, 400, 400, 400]);
      const done = answers.find(({ status }) => status === 302);
      expect(done?.headers.get('location')).toMatch(/^org\.example\.hale:\/signed-in\?code=/);
      expect(done?.headers.getSetCookie().join()).toContain('hale_flow=; Path=/api/auth; Max-Age=0');
    });

    it('20: without state, with another one, or with that of another browser, is 400', async () => {
      const [mine, theirs] = [await untilCallback(), await untilCallback()];
      const without = mine.callback.replace(/state=[^&]*&?/, '');
      const wrong = mine.callback.replace(/state=[^&]*/, `state=${'x'.repeat(43)}`);
      const mixed = mine.callback.replace(/state=[^&]*/, /state=[^&]*/.exec(theirs.callback)?.[0] ?? '');
      for (const callback of [without, wrong, mixed, `${mine.callback}&state=x`])
        expect(await codeOf(await comeBack(callback, mine.cookie))).toBe('400 sign-in-flow-broken');
      // Nobody else has ended it by trying.
      expect((await comeBack(mine.callback, mine.cookie)).status).toBe(302);
      expect((await comeBack(theirs.callback, theirs.cookie)).status).toBe(302);
    });

    it('20: from another provider is 400', async () => {
      const { cookie, callback } = await untilCallback();
      const elsewhere = callback.replace('/google/', '/facebook/');
      expect(await codeOf(await comeBack(elsewhere, cookie))).toBe('400 sign-in-flow-broken');
    });

    it('20: after ten minutes is 400', async () => {
      const { cookie, callback } = await untilCallback();
      clock.advance(10 * MINUTE + SECOND);
      const late = await codeOf(await comeBack(callback, cookie));
      clock.advance(-10 * MINUTE - SECOND);
      expect(late).toBe('400 sign-in-flow-broken');
    });

    it('20: with a code of another flow signs nobody in: our verifier does not match it', async () => {
      const [mine, theirs] = [await untilCallback(), await untilCallback()];
      const injected = mine.callback.replace(/code=[^&]*/, /code=[^&]*/.exec(theirs.callback)?.[0] ?? '');
      const response = await comeBack(injected, mine.cookie);
      expect(response.headers.get('location')).toBe(`${APP_LINK}?error=server_error`);
      // The operator sees an error, without any personal data.
      expect(log.lines).toContainEqual(
        expect.objectContaining({ event: 'provider_failed', component: 'google', error: 'RefusedByPeer' }),
      );
    });

    it.each([
      ['access_denied', 'access_denied'],
      ['user_cancelled_authorize', 'access_denied'],
      ['invalid_scope', 'server_error'],
      ['<script>', 'server_error'],
    ])('20: the provider error %s returns to the app with %s', async (error, told) => {
      const { cookie, callback } = await untilCallback();
      const refused = callback.replace(/code=[^&]*/, `error=${encodeURIComponent(error)}`);
      const response = await comeBack(refused, cookie);
      expect(response.headers.get('location')).toBe(`${APP_LINK}?error=${told}`);
    });

    it('16: with an expired id_token returns to the app with an error', async () => {
      const { cookie, callback } = await untilCallback();
      clock.advance(8 * MINUTE);
      const response = await comeBack(callback, cookie);
      clock.advance(-8 * MINUTE);
      expect(response.headers.get('location')).toBe(`${APP_LINK}?error=server_error`);
    });
  });

  describe('20: the code', () => {
    let pkce: Pkce;
    let code: string;
    beforeEach(async () => {
      pkce = new Pkce();
      code = await codeFor(app, 'google', login, pkce);
    });
    const isAlive = async ({ body }: Answer) =>
      (await app.api.bearer(body['access_token']).get('/api/users/me')).status === 200;

    it('20: without its verifier, or with another one, is 400, and still works afterwards', async () => {
      expect(outcome(await app.api.post('/api/auth/oauth/token', { code }))).toBe('400 invalid-grant');
      expect(outcome(await exchange(app.api, code, new Pkce()))).toBe('400 invalid-grant');
      expect(outcome(await exchange(app.api, `${code}x`, pkce))).toBe('400 invalid-grant');
      // The challenge was in a URL, visible to everybody.
      expect(
        outcome(await app.api.post('/api/auth/oauth/token', { code, code_verifier: pkce.challenge })),
      ).toBe('400 invalid-grant');
      expect(outcome(await exchange(app.api, code, pkce))).toBe('200');
    });

    it('20: used twice is 400, and ends the session of its first use', async () => {
      const first = await exchange(app.api, code, pkce);
      expect(await isAlive(first)).toBe(true);
      expect(outcome(await exchange(app.api, code, new Pkce()))).toBe('400 invalid-grant');
      expect(await isAlive(first)).toBe(true);
      expect(outcome(await exchange(app.api, code, pkce))).toBe('400 invalid-grant');
      expect(await isAlive(first)).toBe(false);
      const { refresh_token: token } = first.body;
      expect(outcome(await app.api.post('/api/auth/refresh', { refresh_token: token }))).toBe(
        '401 session-revoked',
      );
    });

    it('20: of twenty concurrent uses one opens a session, which a second use then ends', async () => {
      const answers = await Promise.all(times(20, () => exchange(app.api, code, pkce)));
      expect(tally(answers)).toEqual({ '200': 1, '400 invalid-grant': 19 });
      const [row] = await app.db.rows<{ count: unknown }>(
        'SELECT COUNT(*) AS count FROM sessions s JOIN users u ON u.id = s.user_id WHERE u.email = ?',
        [login],
      );
      expect(Number(row?.count)).toBe(1);
    });

    it('20: is valid for a minute', async () => {
      clock.advance(MINUTE + SECOND);
      const late = outcome(await exchange(app.api, code, pkce));
      clock.advance(-MINUTE - SECOND);
      expect(late).toBe('400 invalid-grant');
    });

    it('20: is stored as a hash with the encrypted identity; neither is logged', async () => {
      const rows = JSON.stringify(await app.db.rows('SELECT * FROM oauth_codes'));
      const lines = JSON.stringify(log.lines);
      for (const secret of [code, login, pkce.verifier]) {
        expect(rows).not.toContain(secret);
        expect(lines).not.toContain(secret);
      }
      await start(right());
      const [flow] = await app.db.rows<{ secrets: string }>('SELECT secrets FROM oauth_flows LIMIT 1');
      expect(flow?.secrets).toMatch(/^v1\./);
    });
  });

  it('20: expired ones are deleted during other writes', async () => {
    await start(right());
    await codeFor(app, 'google', login, new Pkce());
    clock.advance(12 * MINUTE);
    peer.idTokenSeconds = 900;
    await codeFor(app, 'google', login, new Pkce());
    peer.idTokenSeconds = 300;
    const count = async (table: string) => (await app.db.rows(`SELECT expires_at FROM ${table}`)).length;
    const left = [await count('oauth_flows'), await count('oauth_codes')];
    clock.advance(-12 * MINUTE);
    expect(left).toEqual([0, 1]);
  });
});
