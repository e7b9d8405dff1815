import { randomInt, randomUUID } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { decodeJwt, decodeProtectedHeader } from 'jose';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ownDomains } from '../../../src/modules/identity/providers/email-authority.js';
import { PASSWORD } from '../../support/api.js';
import { TestApp } from '../../support/app.js';
import { hasDatabase } from '../../support/database.js';
import { OpenIdPeer, Signer } from '../../support/openid.js';
import { change } from '../../support/people.js';
import { FacebookPeer, GitHubPeer } from '../../support/social.js';
import { outcome } from '../auth/support.js';
import {
  APP_LINK,
  browserOf,
  callbackOf,
  exchange,
  newAddress,
  newAppleKey,
  parametersOf,
  Pkce,
  PUBLIC,
  signInWith,
  startPath,
} from './support.js';

const APPLE = { clientId: 'org.example.hale.web', clientSecret: 'what-apple-never-shows' };
const FACEBOOK = { id: '1234567890', secret: 'a-secret-of-the-facebook-app' };
const GITHUB = { id: 'Iv1.8a61f9b3a7aba766', secret: 'a-secret-of-the-github-app' };
const newId = (): number => randomInt(1, 2 ** 40);

describe.runIf(hasDatabase())('sign-in with', () => {
  const appleKey = newAppleKey();
  let apple: OpenIdPeer;
  let facebook: FacebookPeer;
  let github: GitHubPeer;
  let app: TestApp;
  beforeAll(async () => {
    [apple, facebook, github] = await Promise.all([
      OpenIdPeer.start({ ...APPLE, redirectUri: callbackOf('apple'), clientKey: appleKey.publicKey }),
      FacebookPeer.start({ ...FACEBOOK, redirectUri: callbackOf('facebook') }),
      GitHubPeer.start({ ...GITHUB, redirectUri: callbackOf('github') }),
    ]);
    app = await TestApp.start({
      env: {
        PUBLIC_URL: PUBLIC,
        APP_LINKS: APP_LINK,
        GOOGLE_CLIENT_ID: '',
        GOOGLE_CLIENT_SECRET: '',
        APPLE_CLIENT_ID: APPLE.clientId,
        APPLE_TEAM_ID: 'HALETEAM01',
        APPLE_KEY_ID: 'HALEKEY001',
        APPLE_PRIVATE_KEY: appleKey.privateKey.replaceAll('\n', '\\n'),
        APPLE_ISSUER: apple.issuer,
        FACEBOOK_CLIENT_ID: FACEBOOK.id,
        FACEBOOK_CLIENT_SECRET: FACEBOOK.secret,
        FACEBOOK_URL: facebook.url,
        FACEBOOK_LIMITED_URL: facebook.url,
        FACEBOOK_GRAPH_URL: facebook.url,
        GITHUB_CLIENT_ID: GITHUB.id,
        GITHUB_CLIENT_SECRET: GITHUB.secret,
        GITHUB_URL: github.url,
      },
    });
  });
  afterAll(async () => {
    await app.stop();
    await Promise.all([apple.stop(), facebook.stop(), github.stop()]);
  });

  it('the providers that are set up, and no other: their routes are not there', async () => {
    const { status, body } = await app.api.get('/api/auth/providers');
    expect([status, body]).toEqual([
      200,
      {
        data: [
          { provider: 'apple', title: 'Apple', takes_id_token: true },
          { provider: 'facebook', title: 'Facebook', takes_id_token: true },
          { provider: 'github', title: 'GitHub', takes_id_token: false },
        ],
      },
    ]);
    for (const name of ['google', 'myspace', '__proto__', '%00']) {
      const answers = await Promise.all([
        app.api.get(startPath(name, new Pkce())),
        app.api.get(`/api/auth/${name}/callback?state=x&code=y`),
        app.api.post(`/api/auth/${name}/callback`, {}),
        app.api.post(`/api/auth/${name}`, { id_token: 'x' }),
        app.api.post(`/api/auth/${name}`, {}),
      ]);
      expect([name, answers.map(outcome)]).toEqual([name, answers.map(() => '404 not-found')]);
    }
    expect(outcome(await app.api.post('/api/auth/github', { id_token: 'x' }))).toBe('404 not-found');
  });

  describe('Apple', () => {
    let login: string;
    beforeEach(() => {
      login = newAddress('privaterelay.appleid.com');
      apple.accounts.set(login, { email: login, email_verified: 'true' });
    });

    it('20: comes back with a form from its own site, and signs in', async () => {
      const browser = browserOf(app, login);
      const pkce = new Pkce();
      const landing = await browser.open(PUBLIC + startPath('apple', pkce));
      const asked = new URL(browser.history.find((url) => url.startsWith(apple.issuer)) ?? '').searchParams;
      expect(asked.get('response_mode')).toBe('form_post');
      expect(browser.history).toContain(callbackOf('apple'));
      const { status, body } = await exchange(app.api, parametersOf(landing)['code'] ?? '', pkce);
      expect([status, body['user']]).toEqual([
        200,
        expect.objectContaining({ email: login, email_verified: true }),
      ]);
      expect((await signInWith(app, 'apple', login)).body['user'].id).toBe(body['user'].id);
    });

    it('20: the cookie comes along with that form, by https only', async () => {
      const response = await fetch(app.url + startPath('apple', new Pkce()), { redirect: 'manual' });
      expect(response.headers.getSetCookie().join()).toMatch(
        /^hale_flow=[\w-]{43}; Path=\/api\/auth; Max-Age=600; HttpOnly; SameSite=None; Secure$/,
      );
    });

    it('is shown a secret that our key has signed, and that soon ends', async () => {
      await signInWith(app, 'apple', login);
      expect(decodeProtectedHeader(apple.clientProof)).toEqual({ alg: 'ES256', kid: 'HALEKEY001' });
      const { iss, sub, aud, iat = 0, exp = 0 } = decodeJwt(apple.clientProof);
      expect([iss, sub, aud, exp - iat]).toEqual(['HALETEAM01', APPLE.clientId, apple.issuer, 300]);
    });

    it('18: gives its addresses out: a verified account with one is linked', async () => {
      const owner = await app.api.post('/api/auth/register', { email: login, password: PASSWORD });
      await change(app, 'UPDATE users SET email_verified_at = created_at WHERE email = ?', [login]);
      const answer = await signInWith(app, 'apple', login);
      expect(answer.body['user'].id).toBe(owner.body['user'].id);
    });

    it('18: does not own an address of another mail service, so that nobody gets in by one', async () => {
      for (const domain of [
        'corp.example',
        'icloud.com.evil.test',
        'noticloud.com',
        'privaterelay.appleid.com.test',
      ]) {
        const email = newAddress(domain);
        const owner = await app.api.post('/api/auth/register', { email, password: PASSWORD });
        await change(app, 'UPDATE users SET email_verified_at = created_at WHERE email = ?', [email]);
        apple.accounts.set(email, { email, email_verified: 'true' });
        expect([domain, outcome(await signInWith(app, 'apple', email))]).toEqual([
          domain,
          '409 link-required',
        ]);
        const identities = await app.api.bearer(owner.body['access_token']).get('/api/auth/identities');
        expect(identities.body['data']).toEqual([]);
      }
    });

    it.each(ownDomains.apple)('18: owns addresses of %s', async (domain) => {
      const email = newAddress(domain);
      const owner = await app.api.post('/api/auth/register', { email, password: PASSWORD });
      await change(app, 'UPDATE users SET email_verified_at = created_at WHERE email = ?', [email]);
      apple.accounts.set(email, { email, email_verified: 'true' });
      expect((await signInWith(app, 'apple', email)).body['user'].id).toBe(owner.body['user'].id);
    });

    it('44: a form is taken on the way back, and nowhere else', async () => {
      const form = { method: 'POST', redirect: 'manual', body: new URLSearchParams({ state: 'x' }) } as const;
      const statusOf = async (path: string) => (await fetch(app.url + path, form)).status;
      expect(await statusOf('/api/auth/apple/callback')).toBe(400);
      for (const path of ['apple', 'login', 'register', 'refresh', 'oauth/token', 'identities'])
        expect([path, await statusOf(`/api/auth/${path}`)]).toEqual([path, 415]);
    });
  });

  describe('Facebook', () => {
    it('18: makes an account whose address we verify ourselves, and knows it by its id', async () => {
      const person = { id: `${newId()}`, name: 'Ada', email: newAddress() };
      facebook.person = person;
      const first = await signInWith(app, 'facebook', '');
      expect(first.body['user']).toMatchObject({ email: person.email, email_verified: false });
      facebook.person = { ...person, email: newAddress() };
      const again = await signInWith(app, 'facebook', '');
      expect(again.body['user'].id).toBe(first.body['user'].id);
    });

    it('18: gets nobody in by an address that somebody has', async () => {
      const email = newAddress();
      await app.api.post('/api/auth/register', { email, password: PASSWORD });
      facebook.person = { id: `${newId()}`, email };
      expect(outcome(await signInWith(app, 'facebook', ''))).toBe('409 link-required');
    });

    it('18: without an address makes no account', async () => {
      facebook.person = { id: `${newId()}` };
      expect(outcome(await signInWith(app, 'facebook', ''))).toBe('409 email-required');
    });

    it('20: by somebody who says no leads back to the app', async () => {
      facebook.person = undefined;
      const landing = await browserOf(app, '').open(PUBLIC + startPath('facebook', new Pkce()));
      expect(landing.url).toBe(`${APP_LINK}?error=access_denied`);
    });

    it('17: an access token is no proof, whichever app has got it', async () => {
      const token = facebook.accessToken({ id: `${newId()}`, email: newAddress() });
      const before = facebook.asked.length;
      expect(outcome(await app.api.post('/api/auth/facebook', { id_token: token }))).toBe(
        '401 invalid-id-token',
      );
      expect((await app.api.post('/api/auth/facebook', { access_token: token })).status).toBe(422);
      expect(facebook.asked.slice(before).filter((path) => path.endsWith('/me'))).toEqual([]);
    });

    it('16: Limited Login signs in to the same account, and to no other app’s', async () => {
      const signer = await Signer.make('limited-1');
      facebook.keys = [signer.publicJwk];
      const person = { id: `${newId()}`, email: newAddress() };
      facebook.person = person;
      const browser = await signInWith(app, 'facebook', '');
      const now = Math.floor(Date.now() / 1_000);
      const claims = {
        iss: facebook.url,
        aud: FACEBOOK.id,
        sub: person.id,
        iat: now,
        exp: now + 300,
        nonce: 'n',
      };
      const send = async (changes: object, nonce = 'n') =>
        app.api.post('/api/auth/facebook', {
          id_token: await signer.sign({ ...claims, jti: randomUUID(), ...changes }),
          nonce,
        });
      const limited = await send({ email: person.email, email_verified: true });
      expect([limited.status, limited.body['user'].id]).toEqual([200, browser.body['user'].id]);
      for (const wrong of [{ aud: '99' }, { iss: 'https://evil.test' }, { sub: 'x' }, { exp: now - 100 }])
        expect(outcome(await send(wrong))).toBe('401 invalid-id-token');
      expect(outcome(await send({}, 'm'))).toBe('401 invalid-id-token');
      // It does not say that it has verified the address, whatever is in the token.
      const other = await send({ sub: `${newId()}`, email: newAddress(), email_verified: true });
      expect(other.body['user'].email_verified).toBe(false);
    });
  });

  describe('GitHub', () => {
    const address = (email: string, primary: boolean, verified = true) => ({ email, primary, verified });

    it('18: takes the primary address, if it is verified', async () => {
      const [primary, other] = [newAddress(), newAddress()];
      github.person = { id: newId(), email: other, emails: [address(other, false), address(primary, true)] };
      const { status, body } = await signInWith(app, 'github', '');
      expect([status, body['user']]).toEqual([
        200,
        expect.objectContaining({ email: primary, email_verified: true }),
      ]);
      github.person = { ...github.person, login: 'renamed', emails: [] };
      expect((await signInWith(app, 'github', '')).body['user'].id).toBe(body['user'].id);
    });

    it('18: does not take an address that is not verified for one that is', async () => {
      const email = newAddress();
      github.person = { id: newId(), emails: [address(email, true, false), address(newAddress(), false)] };
      expect((await signInWith(app, 'github', '')).body['user']).toMatchObject({
        email,
        email_verified: false,
      });
    });

    it('18: gives no addresses out: a verified account is linked by its owner only', async () => {
      const email = newAddress();
      const owner = await app.api.post('/api/auth/register', { email, password: PASSWORD });
      await change(app, 'UPDATE users SET email_verified_at = created_at WHERE email = ?', [email]);
      github.person = { id: newId(), emails: [address(email, true)] };
      expect(outcome(await signInWith(app, 'github', ''))).toBe('409 link-required');
      const person = app.api.bearer(owner.body['access_token']);
      const pkce = new Pkce();
      const { body } = await person.post('/api/auth/identities/start', {
        provider: 'github',
        redirect_uri: APP_LINK,
        code_challenge: pkce.challenge,
      });
      const { code } = parametersOf(await browserOf(app, '').open(body['url']));
      const link = (provider: string) =>
        person.post('/api/auth/identities', { provider, code, code_verifier: pkce.verifier });
      expect(outcome(await link('facebook'))).toBe('400 invalid-grant');
      expect((await link('github')).status).toBe(201);
      expect((await signInWith(app, 'github', '')).body['user'].email).toBe(email);
    });

    it('18: by its number, not by its name', async () => {
      github.person = { id: newId(), login: 'ada', emails: [address(newAddress(), true)] };
      const first = await signInWith(app, 'github', '');
      github.person = { id: newId(), login: 'ada', emails: [address(newAddress(), true)] };
      expect((await signInWith(app, 'github', '')).body['user'].id).not.toBe(first.body['user'].id);
    });
  });

  describe('R17: a provider that is away', () => {
    it('R17: leads back to the app, and works again when it is there', async () => {
      github.person = { id: newId(), emails: [{ email: newAddress(), primary: true, verified: true }] };
      const browser = browserOf(app, '');
      const first = await fetch(app.url + startPath('github', new Pkce()), { redirect: 'manual' });
      const [, cookie = ''] = /^(hale_flow=[^;]+)/.exec(first.headers.getSetCookie().join()) ?? [];
      await browser.open(first.headers.get('location') ?? '');
      const callback = browser.history.at(-1)?.replace(PUBLIC, app.url) ?? '';
      github.isDown = true;
      const response = await fetch(callback, { redirect: 'manual', headers: { cookie } });
      github.isDown = false;
      expect(response.headers.get('location')).toBe(`${APP_LINK}?error=temporarily_unavailable`);
      expect((await signInWith(app, 'github', '')).status).toBe(200);
    });

    it('R17: answers 503 where it must be asked first; nothing else is broken, and it is not remembered', async () => {
      const { port, server } = await freePort();
      await new Promise((done) => server.close(done));
      const broken = await TestApp.start({
        env: {
          PUBLIC_URL: PUBLIC,
          APP_LINKS: APP_LINK,
          GOOGLE_CLIENT_ID: 'hale-web',
          GOOGLE_CLIENT_SECRET: 'secret',
          GOOGLE_ISSUER: `http://127.0.0.1:${port}`,
        },
      });
      const answers = [
        await broken.api.get(startPath('google', new Pkce())),
        await broken.api.post('/api/auth/google', { id_token: await apple.mint({ sub: 'x' }) }),
      ];
      expect(answers.map(outcome)).toEqual(['503 provider-unavailable', '503 provider-unavailable']);
      expect(answers.map(({ headers }) => Number(headers.get('retry-after')) > 0)).toEqual([true, true]);
      expect((await broken.api.get('/api/auth/providers')).status).toBe(200);
      expect((await (await broken.api.register()).get('/api/users/me')).status).toBe(200);
      // Another issuer at its address is not it.
      const impostor = createServer((_, response) => {
        response.writeHead(200, { 'content-type': 'application/json' });
        response.end(
          JSON.stringify({
            issuer: apple.issuer,
            authorization_endpoint: `${apple.issuer}/auth`,
            token_endpoint: `${apple.issuer}/token`,
            jwks_uri: `${apple.issuer}/jwks`,
          }),
        );
      });
      impostor.listen(port, '127.0.0.1');
      await once(impostor, 'listening');
      expect(outcome(await broken.api.get(startPath('google', new Pkce())))).toBe('503 provider-unavailable');
      impostor.closeAllConnections();
      await new Promise((done) => impostor.close(done));
      await broken.stop();
    });
  });
});

async function freePort(): Promise<{ port: number; server: Server }> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { port: (server.address() as AddressInfo).port, server };
}
