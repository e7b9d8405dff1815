import { createHmac, randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import type { Answer } from '../../support/api.js';
import { TestApp } from '../../support/app.js';
import { MINUTE, SECOND, TestClock } from '../../support/clock.js';
import { hasDatabase } from '../../support/database.js';
import { OpenIdPeer, Signer } from '../../support/openid.js';
import { all, base64url, Log, outcome, tally, times } from '../auth/support.js';
import { callbackOf, newAddress, newAppleKey, PUBLIC } from './support.js';

const CLIENT = { clientId: 'hale-web', clientSecret: 'a-secret-of-the-client' };
const MOBILE = 'hale-android';

describe.runIf(hasDatabase())('16: an id_token from the SDK of a provider', () => {
  const clock = new TestClock();
  const log = new Log();
  let peer: OpenIdPeer;
  let other: OpenIdPeer;
  let app: TestApp;
  beforeAll(async () => {
    const client = { ...CLIENT, redirectUri: callbackOf('google') };
    [peer, other] = await Promise.all([OpenIdPeer.start(client), OpenIdPeer.start(client)]);
    app = await TestApp.start({
      env: {
        PUBLIC_URL: PUBLIC,
        LOG_LEVEL: 'info',
        GOOGLE_CLIENT_ID: CLIENT.clientId,
        GOOGLE_CLIENT_SECRET: CLIENT.clientSecret,
        GOOGLE_MOBILE_CLIENT_IDS: `${MOBILE}, hale-ios`,
        GOOGLE_ISSUER: peer.issuer,
        APPLE_CLIENT_ID: CLIENT.clientId,
        APPLE_TEAM_ID: 'TEAM',
        APPLE_KEY_ID: 'KEY',
        APPLE_PRIVATE_KEY: newAppleKey().privateKey,
        APPLE_MOBILE_CLIENT_IDS: 'org.example.hale',
        APPLE_ISSUER: other.issuer,
      },
      override: all((builder) => clock.install(builder), log.install),
    });
  });
  afterAll(async () => {
    await app.stop();
    await Promise.all([peer.stop(), other.stop()]);
  });

  const send = (idToken: string, extra: object = {}): Promise<Answer> =>
    app.api.post('/api/auth/google', { id_token: idToken, ...extra });
  /** A person at the provider. */
  const person = (claims: object = {}) => ({
    sub: randomUUID(),
    email: newAddress('gmail.com'),
    email_verified: true,
    ...claims,
  });
  const accounts = async (): Promise<number> =>
    Number((await app.db.rows<{ count: unknown }>('SELECT COUNT(*) AS count FROM users'))[0]?.count);

  it('16: signs in, creates the account once, and accepts all our clients', async () => {
    const ada = person();
    const device = { device_id: 'phone-1', device_name: 'Ada’s phone', platform: 'android-16' };
    const first = await send(await peer.mint(ada, {}), device);
    expect(first.body['user']).toMatchObject({ email: ada.email, email_verified: true });
    const again = await send(await peer.mint({ ...ada, aud: MOBILE }));
    expect([first.status, again.status]).toEqual([200, 200]);
    expect(again.body['user'].id).toBe(first.body['user'].id);
    const sessions = await app.api.bearer(first.body['access_token']).get('/api/auth/sessions');
    expect(sessions.body['data']).toContainEqual(expect.objectContaining(device));
  });

  const now = () => Math.floor(Date.now() / 1_000);
  const WRONG: [string, () => Promise<string> | string, object?][] = [
    ['of another issuer', () => other.mint(person())],
    ['that names our issuer, by another key', async () => other.mint({ ...person(), iss: peer.issuer })],
    [
      'by another key under the id of a right one',
      async () => peer.mint(person(), { kid: 'peer-1' }, await Signer.make('stranger')),
    ],
    ['for another app', () => peer.mint({ ...person(), aud: 'another-app' })],
    ['for us and another app', () => peer.mint({ ...person(), aud: [CLIENT.clientId, 'another-app'] })],
    ['for nobody', () => peer.mint({ ...person(), aud: [] })],
    ['that has expired', () => peer.mint({ ...person(), iat: now() - 600, exp: now() - 120 })],
    ['that never expires', () => peer.mint({ ...person(), exp: undefined })],
    ['that is old', () => peer.mint({ ...person(), iat: now() - 3_700, exp: now() + 600 })],
    ['that does not say when it was made', () => peer.mint({ ...person(), iat: undefined })],
    ['from the future', () => peer.mint({ ...person(), iat: now() + 600, exp: now() + 900 })],
    ['without a subject', () => peer.mint({ ...person(), sub: undefined })],
    ['with a subject that is too long', () => peer.mint(person({ sub: 'x'.repeat(256) }))],
    ['with a nonce that was not asked for', () => peer.mint(person({ nonce: 'n' }))],
    ['with another nonce', () => peer.mint(person({ nonce: 'n' })), { nonce: 'm' }],
    ['without the nonce', () => peer.mint(person()), { nonce: 'n' }],
    ['with an extension nobody knows', () => peer.mint(person(), { crit: ['x'], x: 1 })],
    ['of another kind', () => peer.mint(person(), { typ: 'at+jwt' })],
    ['signed with the client’s secret', () => byHand({ alg: 'HS256' }, CLIENT.clientSecret)],
    [
      'signed with the public key as a secret',
      () => byHand({ alg: 'HS256', kid: 'peer-1' }, JSON.stringify(peer.signer.publicJwk)),
    ],
    ['not signed', () => `${byHand({ alg: 'none' }, '').split('.').slice(0, 2).join('.')}.`],
    ['not signed, in other letters', () => byHand({ alg: 'nOnE' }, '')],
    [
      'that brings its own key',
      async () => {
        const stranger = await Signer.make('stranger');
        return peer.mint(person(), { jwk: stranger.publicJwk, jku: `${other.issuer}/jwks` }, stranger);
      },
    ],
    ['that is none', () => 'ya29.a0AfH6SMBx-an-access-token-of-google'],
    ['in five parts', () => 'a.b.c.d.e'],
  ];
  const byHand = (header: object, secret: string): string => {
    const claims = { ...person(), iss: peer.issuer, aud: CLIENT.clientId, iat: now(), exp: now() + 300 };
    const signed = `${base64url(header)}.${base64url(claims)}`;
    return `${signed}.${createHmac('sha256', secret).update(signed).digest('base64url')}`;
  };
  it.each(WRONG)(
    '16: a token %s is answered with 401, and no account is created',
    async (_, make, extra = {}) => {
      const before = await accounts();
      expect(outcome(await send(await make(), extra))).toBe('401 invalid-id-token');
      expect(await accounts()).toBe(before);
    },
  );

  it('16: with the right nonce it works, and with a changed signature it is refused', async () => {
    const token = await peer.mint(person({ nonce: 'n-0S6_WzA2Mj' }));
    const altered = `${token.slice(0, -8)}AAAAAAAA`;
    expect(outcome(await send(altered, { nonce: 'n-0S6_WzA2Mj' }))).toBe('401 invalid-id-token');
    expect(outcome(await send(token, { nonce: 'n-0S6_WzA2Mj' }))).toBe('200');
  });

  it('16: works once, also for twenty concurrent requests', async () => {
    const token = await peer.mint(person());
    expect(tally(await Promise.all(times(20, () => send(token))))).toEqual({
      '200': 1,
      '401 invalid-id-token': 19,
    });
    expect(outcome(await send(token))).toBe('401 invalid-id-token');
  });

  it('16: two concurrent first sign-ins create one account', async () => {
    const ada = person();
    const before = await accounts();
    const tokens = await Promise.all(times(10, (index) => peer.mint({ ...ada, index })));
    const answers = await Promise.all(tokens.map((token) => send(token)));
    expect(tally(answers)).toEqual({ '200': 10 });
    expect(new Set(answers.map(({ body }) => body['user'].id)).size).toBe(1);
    expect(await accounts()).toBe(before + 1);
  });

  it.each(['false', false, undefined, 'TRUE', 1, null])(
    '16: an address that is verified by %j is not',
    async (verified) => {
      const ada = person({ email_verified: verified });
      const { status, body } = await send(await peer.mint(ada));
      expect([status, body['user'].email_verified]).toEqual([200, false]);
    },
  );

  it('16: without an address no account is created, and an existing one is not affected', async () => {
    const ada = person();
    const nobody = { sub: randomUUID() };
    expect(outcome(await send(await peer.mint(nobody)))).toBe('409 email-required');
    expect(outcome(await send(await peer.mint({ ...nobody, email: 'no address' })))).toBe(
      '409 email-required',
    );
    await send(await peer.mint(ada));
    expect(outcome(await send(await peer.mint({ sub: ada.sub })))).toBe('200');
  });

  it('17: an access token of the provider is not accepted', async () => {
    const access = await peer.mint({ ...person(), aud: 'https://api.example.org' }, { typ: 'at+jwt' });
    const opaque = 'EAAGm0PX4ZCpsBAKZCZAZB';
    for (const token of [access, opaque]) {
      expect(outcome(await send(token))).toBe('401 invalid-id-token');
      expect((await app.api.post('/api/auth/google', { access_token: token })).status).toBe(422);
    }
  });

  it('14: an id_token is not accepted as an access token', async () => {
    const token = await peer.mint(person());
    expect((await app.api.bearer(token).get('/api/users/me')).status).toBe(401);
  });

  it('19: the subject identifies a person: a changed address stays the same person, and an equal address does not match', async () => {
    const [ada, bob] = [person(), person()];
    const idOf = async (claims: object) =>
      (await send(await peer.mint({ ...claims }))).body['user'].id as string;
    const [first, second] = [await idOf(ada), await idOf(bob)];
    const moved = newAddress();
    expect(await idOf({ ...ada, email: moved })).toBe(first);
    expect(await idOf({ ...ada, email: bob.email })).toBe(first);
    expect(await idOf({ ...bob, email: ada.email })).toBe(second);
    const { body } = await send(await peer.mint({ ...ada, email: moved }));
    expect(body['user'].email).toBe(ada.email);
    const identities = await app.api.bearer(body['access_token']).get('/api/auth/identities');
    expect(identities.body['data']).toMatchObject([{ provider: 'google', email: moved }]);
  });

  it('19: the same subject at two providers is two people', async () => {
    const [here, there] = [person(), person()];
    const google = await send(await peer.mint(here));
    const token = await other.mint({
      ...there,
      sub: here.sub,
      aud: 'org.example.hale',
      email_verified: 'true',
    });
    const apple = await app.api.post('/api/auth/apple', { id_token: token });
    expect([google.status, apple.status]).toEqual([200, 200]);
    expect(apple.body['user'].id).not.toBe(google.body['user'].id);
    expect(apple.body['user']).toMatchObject({ email: there.email, email_verified: true });
    expect(outcome(await app.api.post('/api/auth/apple', { id_token: await peer.mint(person()) }))).toBe(
      '401 invalid-id-token',
    );
  });

  it('16: Google’s other name is the same issuer', async () => {
    const ada = person();
    const first = await send(await peer.mint(ada));
    const second = await send(await peer.mint({ ...ada, iss: peer.issuer.replace('http://', '') }));
    expect(second.body['user'].id).toBe(first.body['user'].id);
  });

  it('16: has its own error; neither it nor the address is in the log', async () => {
    const ada = person();
    const token = await peer.mint(ada);
    await send(token);
    await send(token);
    const lines = JSON.stringify(log.lines);
    expect(lines).not.toContain(token.slice(-40));
    expect(lines).not.toContain(ada.email);
    const [row] = await app.db.rows<{ token_hash: string }>('SELECT token_hash FROM used_id_tokens LIMIT 1');
    expect(row?.token_hash).toMatch(/^[\w-]{43}$/);
  });

  it('16: a used token is deleted once it is too old anyway', async () => {
    await send(await peer.mint(person()));
    const later = 3 * 60 * MINUTE;
    clock.advance(later);
    const iat = now() + later / SECOND;
    const answer = await send(await peer.mint({ ...person(), iat, exp: iat + 300 }));
    const rows = await app.db.rows('SELECT token_hash FROM used_id_tokens');
    clock.advance(-later);
    expect([outcome(answer), rows.length]).toEqual(['200', 1]);
  });

  describe('16: its keys', () => {
    afterEach(() => {
      peer.keys = undefined;
      vi.useRealTimers();
    });

    it('16: are loaded from the issuer’s URL, and cached', async () => {
      await send(await peer.mint(person()));
      const [before, elsewhere] = [peer.jwksRequests, other.jwksRequests];
      for (const token of await Promise.all(times(5, () => peer.mint(person())))) await send(token);
      await send(await peer.mint(person(), { jku: `${other.issuer}/jwks`, x5u: other.issuer }));
      expect([peer.jwksRequests - before, other.jwksRequests - elsewhere]).toEqual([0, 0]);
    });

    it('16: an unknown key is looked up at most once a minute, and found when it exists', async () => {
      await send(await peer.mint(person()));
      const next = await Signer.make('peer-2');
      const before = peer.jwksRequests;
      vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 2 * MINUTE });
      const strangers = await Promise.all(
        times(30, (index) => peer.mint(person(), { kid: `x-${index}` }, next)),
      );
      const answers = await Promise.all(strangers.map((token) => send(token)));
      expect(tally(answers)).toEqual({ '401 invalid-id-token': 30 });
      expect(peer.jwksRequests - before).toBe(1);
      peer.keys = [peer.signer.publicJwk, next.publicJwk];
      expect(outcome(await send(await peer.mint(person(), {}, next)))).toBe('401 invalid-id-token');
      vi.setSystemTime(Date.now() + MINUTE + SECOND);
      expect(outcome(await send(await peer.mint(person(), {}, next)))).toBe('200');
      expect(peer.jwksRequests - before).toBe(2);
    });
  });
});
