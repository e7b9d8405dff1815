import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { OutboxWorker } from '../../../src/kernel/events/outbox-worker.js';
import { type Answer, type Api, PASSWORD } from '../../support/api.js';
import { TestApp } from '../../support/app.js';
import { addPasskey, Authenticator } from '../../support/authenticator.js';
import { MINUTE, TestClock } from '../../support/clock.js';
import { hasDatabase } from '../../support/database.js';
import { OpenIdPeer } from '../../support/openid.js';
import { change } from '../../support/people.js';
import { linkIn, SmtpSink } from '../../support/smtp.js';
import { Secured } from '../../support/totp.js';
import { outcome, tally, times } from '../auth/support.js';
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
  subjectsTo,
} from './support.js';

const CLIENT = { clientId: 'hale-web', clientSecret: 'a-secret-of-the-client' };

describe.runIf(hasDatabase())('accounts and provider identities', () => {
  const clock = new TestClock();
  let sink: SmtpSink;
  let peer: OpenIdPeer;
  let app: TestApp;
  beforeAll(async () => {
    [sink, peer] = await Promise.all([
      SmtpSink.start(),
      OpenIdPeer.start({ ...CLIENT, redirectUri: callbackOf('google') }),
    ]);
    app = await TestApp.start({
      env: {
        PUBLIC_URL: PUBLIC,
        SMTP_URL: sink.url,
        AUTH_REQUIRE_VERIFIED_EMAIL: 'false',
        APP_LINKS: APP_LINK,
        GOOGLE_CLIENT_ID: CLIENT.clientId,
        GOOGLE_CLIENT_SECRET: CLIENT.clientSecret,
        GOOGLE_ISSUER: peer.issuer,
      },
      override: (builder) => clock.install(builder),
    });
  });
  afterAll(async () => {
    await app.stop();
    await Promise.all([peer.stop(), sink.stop()]);
  });

  const google = async (claims: object): Promise<Answer> =>
    app.api.post('/api/auth/google', { id_token: await peer.mint({ sub: randomUUID(), ...claims }) });
  const apiOf = ({ body }: Answer): Api => app.api.bearer(body['access_token']);
  const subjects = (email: string) => subjectsTo(sink, app.app.get(OutboxWorker), email);
  const register = (email: string): Promise<Answer> =>
    app.api.post('/api/auth/register', { email, password: PASSWORD });
  const login = (email: string) => app.api.post('/api/auth/login', { email, password: PASSWORD });
  /** An account with a verified address. */
  async function verified(email: string): Promise<Answer> {
    const answer = await register(email);
    await subjects(email);
    const token = new URL(linkIn(sink.to(email).at(-1)!)).hash.replace('#token=', '');
    expect((await app.api.post('/api/auth/verify-email', { token, password: PASSWORD })).status).toBe(204);
    return answer;
  }
  const actionsOf = async (person: Api): Promise<string[]> => {
    const { body } = await person.get('/api/users/me/access-log');
    return (body['data'] as { action: string }[]).map(({ action }) => action);
  };

  const idToken = (claims: object = {}) =>
    peer.mint({ sub: randomUUID(), email: newAddress(), email_verified: true, ...claims });
  const link = async (person: Api, claims: object = {}): Promise<Answer> =>
    person.post('/api/auth/identities', { provider: 'google', id_token: await idToken(claims) });

  describe('18: an address that the provider has verified', () => {
    it('18: of no account creates a verified account without a password', async () => {
      const email = newAddress();
      const { status, body } = await google({ email, email_verified: true });
      expect([status, body['user'].email_verified]).toEqual([200, true]);
      expect(outcome(await login(email))).toBe('401 invalid-credentials');
      expect(outcome(await app.api.post('/api/auth/login', { email, password: '' }))).toBe('422 validation');
      expect(await subjects(email)).toEqual([]);
    });

    it.each([
      ['of gmail.com', () => newAddress('gmail.com'), {}],
      ['of googlemail.com', () => newAddress('googlemail.com'), {}],
      ['of a Workspace', () => newAddress('hale.test'), { hd: 'hale.test' }],
    ])(
      '18: an address %s, which Google issues, is linked to the account with it',
      async (_, make, claims) => {
        const email = make();
        const owner = await verified(email);
        const answer = await google({ email, email_verified: true, ...claims });
        expect([answer.status, answer.body['user'].id]).toEqual([200, owner.body['user'].id]);
        expect((await login(email)).status).toBe(200);
        expect((await apiOf(owner).get('/api/users/me')).status).toBe(200);
        expect((await subjects(email)).at(-1)).toBe('Google was linked to your account');
        expect(await actionsOf(apiOf(answer))).toContain('identity.linked');
      },
    );

    it('18: that Google does not issue is not linked: the owner is notified, and nobody is signed in', async () => {
      const email = newAddress();
      const owner = await verified(email);
      const answer = await google({ email, email_verified: true });
      expect(outcome(answer)).toBe('409 link-required');
      expect(JSON.stringify(answer.body)).not.toContain(email);
      expect(answer.headers.getSetCookie()).toEqual([]);
      expect((await subjects(email)).at(-1)).toBe('Sign-in with Google was refused');
      expect(await actionsOf(apiOf(owner))).toContain('identity.refused');
      expect((await apiOf(owner).get('/api/auth/identities')).body['data']).toEqual([]);
    });

    it('18: an address similar to gmail.com is not authoritative', async () => {
      for (const domain of [
        'gmail.com.evil.test',
        'evilgmail.com',
        'gmail.com@evil.test',
        'mail.gmail.com',
      ]) {
        const email = `${randomUUID()}@${domain}`;
        if (domain.includes('@')) {
          expect(outcome(await google({ email, email_verified: true }))).toBe('409 email-required');
          continue;
        }
        await verified(email);
        expect(outcome(await google({ email, email_verified: true }))).toBe('409 link-required');
      }
    });

    it('18: finds the account by its normalised form', async () => {
      const email = newAddress('gmail.com');
      const owner = await verified(email);
      const { body } = await google({ email: ` ${email.toUpperCase()} `, email_verified: true });
      expect(body['user'].id).toBe(owner.body['user'].id);
    });

    it('18: of an account that a stranger created gives it to the owner: all credentials of the stranger are removed', async () => {
      const email = newAddress();
      const squatter = await register(email);
      const stranger = apiOf(squatter);
      await stranger.post('/api/health-metrics/weight', {
        weight_value: 80,
        unit: 'kg',
        timestamp: '2026-01-06T20:30:00Z',
      });
      await app.api.post('/api/auth/forgot-password', { email });
      await subjects(email);
      const links = sink.to(email).map((mail) => new URL(linkIn(mail)).hash.replace('#token=', ''));
      const key = await stranger.post('/api/api-keys', { name: 'theirs', scopes: ['profile:read'] });
      const answer = await google({ email, email_verified: true });
      expect([answer.status, answer.body['user']]).toEqual([
        200,
        expect.objectContaining({ id: squatter.body['user'].id, email, email_verified: true }),
      ]);
      expect(outcome(await login(email))).toBe('401 invalid-credentials');
      expect((await stranger.get('/api/users/me')).status).toBe(401);
      const { refresh_token: token } = squatter.body;
      expect(outcome(await app.api.post('/api/auth/refresh', { refresh_token: token }))).toBe(
        '401 session-revoked',
      );
      expect(key.status).toBe(201);
      expect((await app.api.bearer(key.body['key']).get('/api/users/me')).status).toBe(401);
      for (const link of links)
        for (const [path, body] of [
          ['verify-email', { token: link }],
          ['reset-password', { token: link, new_password: PASSWORD }],
        ] as const)
          expect((await app.api.post(`/api/auth/${path}`, body)).status).toBe(410);
      const owner = apiOf(answer);
      expect((await owner.get('/api/auth/sessions')).body['data']).toHaveLength(1);
      // Acknowledged data is not lost: the owner may delete it.
      expect((await owner.get('/api/health-metrics/weight')).body['pagination'].total).toBe(1);
      expect((await subjects(email)).at(-1)).toBe('Your account now belongs only to you');
      expect(await actionsOf(owner)).toEqual(
        expect.arrayContaining(['account.taken', 'email.verified', 'identity.linked']),
      );
    });

    it('18: of the account of an admin gives it only to the provider that issues the address', async () => {
      for (const [email, expected] of [
        [newAddress(), '409 link-required'],
        [newAddress('gmail.com'), '200'],
      ] as const) {
        const { body } = await register(email);
        await change(app, 'UPDATE users SET role = ? WHERE id = ?', ['admin', body['user'].id]);
        expect(outcome(await google({ email, email_verified: true }))).toBe(expected);
      }
    });

    it('18: an identity that a stranger linked before cannot sign in either', async () => {
      const email = newAddress();
      const stranger = { sub: randomUUID(), email: newAddress(), email_verified: true };
      const squatter = apiOf(await register(email));
      const linked = await squatter.post('/api/auth/identities', {
        provider: 'google',
        id_token: await peer.mint(stranger),
      });
      expect(linked.status).toBe(201);
      const owner = await google({ email, email_verified: true });
      const { body } = await apiOf(owner).get('/api/auth/identities');
      expect(body['data']).toMatchObject([{ email }]);
      const again = await google(stranger);
      expect(again.body['user'].id).not.toBe(owner.body['user'].id);
    });

    it("18: of two concurrent sign-ins with one identity both get the owner's account", async () => {
      const email = newAddress();
      const squatter = await register(email);
      const claims = { sub: randomUUID(), email, email_verified: true };
      const answers = await Promise.all(times(6, () => google(claims)));
      expect(tally(answers)).toEqual({ '200': 6 });
      for (const answer of answers) {
        expect(answer.body['user'].id).toBe(squatter.body['user'].id);
        expect((await apiOf(answer).get('/api/users/me')).status).toBe(200);
      }
    });
  });

  describe('18: an address that the provider has not verified', () => {
    it('18: of no account creates an account, and the service verifies the address itself', async () => {
      const email = newAddress('gmail.com');
      const { status, body } = await google({ email, email_verified: false });
      expect([status, body['user'].email_verified]).toEqual([200, false]);
      expect(await subjects(email)).toEqual(['Confirm your e-mail address']);
    });

    it.each([
      ['verified', verified],
      ['unverified', register],
    ])('18: an address that is %s here signs nobody in, and its owner is notified', async (_, make) => {
      const email = newAddress('gmail.com');
      const owner = await make(email);
      const { sub } = { sub: randomUUID() };
      expect(outcome(await google({ sub, email, email_verified: false }))).toBe('409 link-required');
      expect((await subjects(email)).at(-1)).toBe('Sign-in with Google was refused');
      expect((await login(email)).status).toBe(200);
      expect((await apiOf(owner).get('/api/users/me')).status).toBe(200);
      // Also not later, as a known identity.
      expect(outcome(await google({ sub, email, email_verified: false }))).toBe('409 link-required');
    });

    it('18: does not flood a mailbox', async () => {
      const email = newAddress();
      await register(email);
      for (let time = 0; time < 5; time += 1) await google({ email, email_verified: false });
      expect(await subjects(email)).toHaveLength(4);
    });
  });

  describe('21: a signed-in person', () => {
    it('21: links a provider, signs in with it, and unlinks it; the owner is notified of both', async () => {
      const email = newAddress();
      const person = apiOf(await register(email));
      const claims = { sub: randomUUID(), email: newAddress() };
      const linked = await link(person, claims);
      expect([linked.status, linked.body]).toEqual([
        201,
        expect.objectContaining({ provider: 'google', email: claims.email }),
      ]);
      expect((await google(claims)).body['user'].email).toBe(email);
      const again = await link(person, claims);
      expect([again.status, again.body['id']]).toEqual([201, linked.body['id']]);
      const { body } = await person.get('/api/auth/identities');
      expect(body['data']).toMatchObject([{ id: linked.body['id'], email: claims.email }]);
      const opened = apiOf(await google(claims));
      expect((await person.delete(`/api/auth/identities/${linked.body['id']}`)).status).toBe(204);
      // The sessions that it opened have ended.
      expect(outcome(await opened.get('/api/users/me'))).toBe('401 session-revoked');
      expect((await person.get('/api/auth/identities')).body['data']).toEqual([]);
      expect(outcome(await person.delete(`/api/auth/identities/${linked.body['id']}`))).toBe('404 not-found');
      expect((await google(claims)).body['user'].email).toBe(claims.email);
      expect(await subjects(email)).toEqual([
        'Confirm your e-mail address',
        'Google was linked to your account',
        'Google was unlinked from your account',
      ]);
      const actions = await actionsOf(person);
      expect(actions).toEqual(expect.arrayContaining(['identity.linked', 'identity.unlinked']));
    });

    it('28: can link only shortly after a proof', async () => {
      const person = apiOf(await register(newAddress()));
      const { body } = await link(person);
      clock.advance(11 * MINUTE);
      const start = { provider: 'google', redirect_uri: APP_LINK, code_challenge: new Pkce().challenge };
      const answers = [
        await link(person),
        await person.post('/api/auth/identities/start', start),
        await person.delete(`/api/auth/identities/${body['id']}`),
      ];
      clock.advance(-11 * MINUTE);
      expect(answers.map(outcome)).toEqual(times(3, () => '403 step-up-required'));
      expect((await person.get('/api/auth/identities')).body['data']).toHaveLength(1);
    });

    it('21: cannot link an identity of another account, also in a race', async () => {
      const [one, other] = [apiOf(await register(newAddress())), apiOf(await register(newAddress()))];
      const claims = { sub: randomUUID() };
      const answers = await Promise.all([one, other, one, other].map((person) => link(person, claims)));
      expect(tally(answers)).toEqual({ '201': 2, '409 identity-taken': 2 });
      const counts = await Promise.all(
        [one, other].map(async (person) => (await person.get('/api/auth/identities')).body['data'].length),
      );
      expect(counts.toSorted()).toEqual([0, 1]);
    });

    it('21: cannot remove the last way to sign in, also when two are removed at the same time', async () => {
      const email = newAddress();
      const claims = { sub: randomUUID(), email, email_verified: true };
      const person = apiOf(await google(claims));
      const [first] = (await person.get('/api/auth/identities')).body['data'];
      const remove = (id: string) => person.delete(`/api/auth/identities/${id}`);
      expect(outcome(await remove(first.id))).toBe('409 last-credential');
      const second = (await link(person)).body;
      const answers = await Promise.all([remove(first.id), remove(second['id'])]);
      expect(tally(answers)).toEqual({ '204': 1, '409 last-credential': 1 });
      expect((await person.get('/api/auth/identities')).body['data']).toHaveLength(1);
    });

    it('21: with a passkey can remove the last provider, and then not the passkey', async () => {
      const person = apiOf(await google({ email: newAddress(), email_verified: true }));
      const passkey = await addPasskey(person, new Authenticator(PUBLIC));
      expect(passkey.status).toBe(201);
      const [identity] = (await person.get('/api/auth/identities')).body['data'];
      expect((await person.delete(`/api/auth/identities/${identity.id}`)).status).toBe(204);
      expect(outcome(await person.delete(`/api/auth/passkeys/${passkey.body['id']}`))).toBe(
        '409 last-credential',
      );
    });

    it('21: with a password can remove the last provider', async () => {
      const email = newAddress();
      const person = apiOf(await google({ email, email_verified: true }));
      await app.api.post('/api/auth/forgot-password', { email });
      await subjects(email);
      const token = new URL(linkIn(sink.to(email).at(-1)!)).hash.replace('#token=', '');
      await app.api.post('/api/auth/reset-password', { token, new_password: PASSWORD });
      expect((await person.get('/api/users/me')).status).toBe(401);
      const again = apiOf(await login(email));
      const [identity] = (await again.get('/api/auth/identities')).body['data'];
      expect((await again.delete(`/api/auth/identities/${identity.id}`)).status).toBe(204);
    });

    it('45: neither sees nor removes identities of another person', async () => {
      const [ada, eve] = [apiOf(await register(newAddress())), apiOf(await register(newAddress()))];
      const { body } = await link(ada);
      expect(outcome(await eve.delete(`/api/auth/identities/${body['id']}`))).toBe('404 not-found');
      expect((await eve.get('/api/auth/identities')).body['data']).toEqual([]);
      expect((await ada.get('/api/auth/identities')).body['data']).toHaveLength(1);
    });

    it('21: must send either an id_token or a code', async () => {
      const person = apiOf(await register(newAddress()));
      const body = { provider: 'google' };
      expect(outcome(await person.post('/api/auth/identities', body))).toBe('422 validation');
      const both = { ...body, id_token: await idToken(), code: 'x', code_verifier: 'y' };
      expect(outcome(await person.post('/api/auth/identities', both))).toBe('422 validation');
      expect(outcome(await person.post('/api/auth/identities', { ...body, id_token: 'x' }))).toBe(
        '401 invalid-id-token',
      );
      const used = await idToken();
      await person.post('/api/auth/identities', { ...body, id_token: used });
      expect(outcome(await app.api.post('/api/auth/google', { id_token: used }))).toBe(
        '401 invalid-id-token',
      );
    });

    describe('21: in the browser', () => {
      const startLink = (person: Api, pkce: Pkce, extra: object = {}): Promise<Answer> =>
        person.post('/api/auth/identities/start', {
          provider: 'google',
          redirect_uri: APP_LINK,
          code_challenge: pkce.challenge,
          ...extra,
        });
      const finish = (person: Api, code: string, { verifier }: Pkce): Promise<Answer> =>
        person.post('/api/auth/identities', { provider: 'google', code, code_verifier: verifier });
      async function linkCode(person: Api, pkce: Pkce, login: string): Promise<string> {
        peer.accounts.set(login, { email: login, email_verified: true });
        const { status, body } = await startLink(person, pkce);
        expect(status).toBe(200);
        return parametersOf(await browserOf(app, login).open(body['url']))['code'] ?? '';
      }

      it('21: links the identity of the browser flow, once', async () => {
        const email = newAddress();
        const person = apiOf(await register(email));
        const [pkce, login] = [new Pkce(), newAddress()];
        const code = await linkCode(person, pkce, login);
        const { status, body } = await finish(person, code, pkce);
        expect([status, body]).toEqual([201, expect.objectContaining({ email: login })]);
        expect(outcome(await finish(person, code, pkce))).toBe('400 invalid-grant');
        const second = new Pkce();
        const signedIn = await exchange(app.api, await codeFor(app, 'google', login, second), second);
        expect(signedIn.body['user'].email).toBe(email);
      });

      it('21: a flow of one person cannot be finished by another; codes for linking and sign-in are not interchangeable', async () => {
        const [ada, eve] = [apiOf(await register(newAddress())), apiOf(await register(newAddress()))];
        const [pkce, login] = [new Pkce(), newAddress()];
        const code = await linkCode(ada, pkce, login);
        expect(outcome(await finish(eve, code, pkce))).toBe('400 invalid-grant');
        expect(outcome(await exchange(app.api, code, pkce))).toBe('400 invalid-grant');
        const signIn = await codeFor(app, 'google', login, pkce);
        expect(outcome(await finish(ada, signIn, pkce))).toBe('400 invalid-grant');
        expect(outcome(await finish(ada, code, new Pkce()))).toBe('400 invalid-grant');
        expect((await finish(ada, code, pkce)).status).toBe(201);
        expect((await eve.get('/api/auth/identities')).body['data']).toEqual([]);
      });

      it('21: the start URL is valid for a minute, and cannot be changed', async () => {
        const person = apiOf(await register(newAddress()));
        const { body } = await startLink(person, new Pkce());
        const open = async (url: string) => {
          const response = await fetch(url.replace(PUBLIC, app.url), { redirect: 'manual' });
          return response.status === 302 ? 302 : ((await response.json()) as { type: string }).type;
        };
        const broken = '/problems/sign-in-flow-broken';
        const url = new URL(body['url'] as string);
        expect(await open(url.href)).toBe(302);
        const other = new URL(url);
        other.searchParams.set('code_challenge', new Pkce().challenge);
        expect(await open(other.href)).toBe(broken);
        const forged = new URL(url);
        forged.searchParams.set('ticket', `${url.searchParams.get('ticket')}x`);
        expect(await open(forged.href)).toBe(broken);
        const leaver = apiOf(await register(newAddress()));
        const { body: left } = await startLink(leaver, new Pkce());
        expect((await leaver.delete('/api/users/me')).status).toBe(204);
        expect(await open(left['url'])).toBe(broken);
        clock.advance(2 * MINUTE);
        const late = await open(url.href);
        clock.advance(-2 * MINUTE);
        expect(late).toBe(broken);
      });

      it('20: ends at a link of the app, or does not begin', async () => {
        const person = apiOf(await register(newAddress()));
        const redirect_uri = `${APP_LINK}.evil.test`;
        expect(outcome(await startLink(person, new Pkce(), { redirect_uri }))).toBe(
          '400 redirect-not-allowed',
        );
        expect(outcome(await startLink(person, new Pkce(), { code_challenge: 'short' }))).toBe(
          '422 validation',
        );
        expect(outcome(await startLink(person, new Pkce(), { provider: 'github' }))).toBe('404 not-found');
      });
    });
  });

  describe('27: a second factor', () => {
    const me = { email: newAddress('gmail.com'), email_verified: true };
    const signedIn = async (answer: Answer) => {
      const { body } = answer;
      return Object.assign(apiOf(answer), { account: body }) as Api;
    };
    const expectChallenge = ({ status, body, headers }: Answer): void => {
      expect([status, Object.keys(body).toSorted()]).toEqual([202, ['challenge', 'expires_in', 'methods']]);
      expect(headers.getSetCookie()).toEqual([]);
    };

    it('27: is required for every way of provider sign-in', async () => {
      const claims = { ...me, sub: randomUUID() };
      const secured = await Secured.of(await signedIn(await google(claims)), clock);
      const challenged = await google(claims);
      expectChallenge(challenged);
      const { challenge } = challenged.body;
      const code = secured.nextCode();
      expect((await app.api.post('/api/auth/challenge', { challenge, code })).status).toBe(200);
      const [pkce, login] = [new Pkce(), newAddress()];
      await link(secured.person, { sub: login });
      peer.accounts.set(login, { email: login, email_verified: true });
      const brought = await codeFor(app, 'google', login, pkce);
      expectChallenge(await exchange(app.api, brought, pkce));
    });

    it('20: a code that is used twice ends the session it opened, also after a second factor', async () => {
      const claims = { email: newAddress('gmail.com'), email_verified: true, sub: randomUUID() };
      const secured = await Secured.of(await signedIn(await google(claims)), clock);
      const login = newAddress();
      await link(secured.person, { sub: login });
      peer.accounts.set(login, { email: login, email_verified: true });
      const begin = async () => {
        const pkce = new Pkce();
        const code = await codeFor(app, 'google', login, pkce);
        const { body } = await exchange(app.api, code, pkce);
        return { replay: () => exchange(app.api, code, pkce), challenge: body['challenge'] as string };
      };
      const waiting = await begin();
      expect(outcome(await waiting.replay())).toBe('400 invalid-grant');
      const late = { challenge: waiting.challenge, code: secured.nextCode() };
      expect(outcome(await app.api.post('/api/auth/challenge', late))).toBe('401 challenge-expired');
      const answered = await begin();
      const right = { challenge: answered.challenge, code: secured.nextCode() };
      const session = await app.api.post('/api/auth/challenge', right);
      const { access_token: token } = session.body;
      expect((await app.api.bearer(token).get('/api/users/me')).status).toBe(200);
      expect(outcome(await answered.replay())).toBe('400 invalid-grant');
      expect(outcome(await app.api.bearer(token).get('/api/users/me'))).toBe('401 session-revoked');
    });

    it('27: is required when a provider is linked by its address', async () => {
      const email = newAddress('gmail.com');
      await Secured.of(await signedIn(await verified(email)), clock);
      expectChallenge(await google({ email, email_verified: true }));
    });

    it('18: of a stranger does not lock the owner out', async () => {
      const email = newAddress();
      await Secured.of(await signedIn(await register(email)), clock);
      expect((await google({ email, email_verified: true })).status).toBe(200);
    });
  });

  it('94: deleting the account deletes all of this', async () => {
    const email = newAddress();
    const answer = await register(email);
    const person = apiOf(answer);
    await person.post('/api/auth/identities', {
      provider: 'google',
      id_token: await peer.mint({ sub: `canary-${email}`, email }),
    });
    expect((await person.delete('/api/users/me')).status).toBe(204);
    const rows = JSON.stringify(await app.db.rows('SELECT * FROM identities'));
    expect(rows).not.toContain(email);
  });
});
