import { createSign, generateKeyPairSync, randomUUID } from 'node:crypto';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Answer, Api } from '../../support/api.js';
import { SECRET, TestApp } from '../../support/app.js';
import { hasDatabase } from '../../support/database.js';
import { processorTime } from '../../support/processor-time.js';
import {
  ACCESS_KEY,
  base64url,
  claimsOf,
  epoch,
  forge,
  HEADER,
  keyOf,
  LOGIN,
  ME,
  outcome,
  Phone,
  REFRESH,
  REFRESH_KEY,
  REGISTER,
  SESSIONS,
  tally,
  times,
} from './support.js';

const UNAUTHENTICATED = '401 unauthenticated';
const PROTECTED: readonly (readonly [string, string])[] = [
  ['GET', ME],
  ['PATCH', ME],
  ['DELETE', ME],
  ['PUT', `${ME}/password`],
  ['GET', SESSIONS],
  ['DELETE', `${SESSIONS}/0199f3a2-6f57-7d3a-9a61-5d6a5b1f4c33`],
  ['GET', '/api/health-metrics/weight'],
  ['POST', '/api/health-metrics/weight/sync'],
];

describe.runIf(hasDatabase())('access tokens', () => {
  let app: TestApp;
  let ada: Api;
  let eve: Api;
  let claims: Record<string, any>;
  beforeAll(async () => {
    app = await TestApp.start();
    [ada, eve] = await Promise.all([app.api.register({ device_id: 'adas-phone' }), app.api.register()]);
    claims = claimsOf(ada.account['access_token']);
  });
  afterAll(() => app.stop());

  const present = (token: string): Promise<Answer> => app.api.bearer(token).get(ME);

  async function expectRefused(token: string, why: string = UNAUTHENTICATED): Promise<void> {
    const answer = await present(token);
    expect(outcome(answer)).toBe(why);
    expect(answer.headers.get('www-authenticate')).toBe('Bearer');
    expect(JSON.stringify(answer.body)).not.toContain(ada.account['email']);
  }

  it('13 forgeries: the handmade token is valid, so each forgery below has exactly one fault', async () => {
    const { status, body } = await present(forge(claims));
    expect([status, body['id']]).toEqual([200, ada.userId]);
    expect(claims).toEqual({
      iss: 'http://localhost:3000',
      aud: 'hale',
      sub: ada.userId,
      sid: expect.any(String),
      rtc: 0,
      auth_time: expect.any(Number),
      aal: 1,
      did: 'adas-phone',
      iat: expect.any(Number),
      exp: claims['iat'] + 900,
    });
    expect(ada.account['expires_in']).toBe(900);
  });

  it.each(['none', 'None', 'nOnE', 'NONE'])(
    '13 forgeries: alg %s, with and without a signature',
    async (alg) => {
      const signed = `${base64url({ alg, typ: 'at+jwt' })}.${base64url(claims)}`;
      const [, , signature] = (ada.account['access_token'] as string).split('.');
      for (const tail of ['.', '', `.${signature}`]) await expectRefused(signed + tail);
    },
  );

  it.each(['HS384', 'HS512'])('13 forgeries: another algorithm (%s) with the right key', async (alg) => {
    await expectRefused(forge(claims, { ...HEADER, alg }));
  });

  const pair = generateKeyPairSync('rsa', { modulusLength: 2_048 });
  const pem = pair.publicKey.export({ type: 'spki', format: 'pem' }) as string;
  const bySigning = (header: object): string => {
    const signed = `${base64url(header)}.${base64url(claims)}`;
    return `${signed}.${createSign('sha256').update(signed).sign(pair.privateKey, 'base64url')}`;
  };

  it('13 forgeries: HS256 with a public key as the secret, and RS256 with a key of the attacker', async () => {
    await expectRefused(forge(claims, HEADER, pem));
    await expectRefused(bySigning({ alg: 'RS256', typ: 'at+jwt' }));
  });

  it.each([
    ['jwk', pair.publicKey.export({ format: 'jwk' })],
    ['jku', 'https://evil.example/keys.json'],
    ['x5u', 'https://evil.example/chain.pem'],
    ['x5c', [pem]],
    ['kid', '../../dev/null'],
    ['kid', "' OR 1=1 --"],
    ['kid', "x' UNION SELECT 'k"],
  ])('13 forgeries: a key named in the header by %s %#', async (name, value) => {
    await expectRefused(bySigning({ alg: 'RS256', typ: 'at+jwt', [name]: value }));
    for (const key of [pem, '', 'k', '\0'])
      await expectRefused(forge(claims, { ...HEADER, [name]: value }, key));
  });

  it('13 forgeries: an unknown critical extension', async () => {
    await expectRefused(forge(claims, { ...HEADER, crit: ['exp'] }));
    await expectRefused(forge(claims, { ...HEADER, crit: ['urn:unknown'], 'urn:unknown': 1 }));
    await expectRefused(forge(claims, { ...HEADER, crit: [] }));
  });

  it('13 forgeries: a signature that is missing, cut, altered or of other content', async () => {
    const [header, payload, signature] = (ada.account['access_token'] as string).split('.') as [
      string,
      string,
      string,
    ];
    const [, , other] = (eve.account['access_token'] as string).split('.');
    const flipped = (signature.startsWith('A') ? 'B' : 'A') + signature.slice(1);
    const tails = [
      '',
      '.',
      `.${signature.slice(0, -1)}`,
      `.${signature}AAAA`,
      `.${other}`,
      `.${flipped}`,
      `.${signature}.${signature}`,
    ];
    for (const tail of tails) await expectRefused(`${header}.${payload}${tail}`);
    for (const [name, value] of Object.entries({
      sub: eve.userId,
      sid: randomUUID(),
      exp: claims['exp'] + 1,
      aal: 2,
    }))
      await expectRefused(`${header}.${base64url({ ...claims, [name]: value })}.${signature}`);
  });

  it('13 forgeries: only an expired token is answered with token-expired', async () => {
    await expectRefused(forge({ ...claims, exp: epoch() - 1 }), '401 token-expired');
    await expectRefused(forge({ ...claims, exp: 1 }), '401 token-expired');
    await expectRefused(forge({ ...claims, exp: epoch() - 1 }, HEADER, 'a wrong key'));
  });

  it.each([
    ['nbf in 10 minutes', { nbf: epoch() + 600 }],
    ['iat in 10 minutes', { iat: epoch() + 600, exp: epoch() + 1_500 }],
    ['nbf as text', { nbf: 'never' }],
    ['iat as text', { iat: 'never' }],
    ['exp as text', { exp: 'never' }],
    ['exp as a number in text', { exp: '9999999999' }],
    ['exp null', { exp: null }],
    ['exp missing', { exp: undefined }],
    ['iat missing', { iat: undefined }],
    ['another issuer', { iss: 'https://evil.example' }],
    ['our issuer and more', { iss: 'http://localhost:3000/' }],
    ['no issuer', { iss: undefined }],
    ['another audience', { aud: 'other-app' }],
    ['a longer audience', { aud: 'hale-admin' }],
    ['no audience', { aud: undefined }],
    ['no subject', { sub: undefined }],
    ['a subject that is not an id', { sub: 'undefined' }],
    ['no session', { sid: undefined }],
    ['a session that is not text', { sid: ['x'] }],
    ['a session in SQL', { sid: "' OR 1=1 --" }],
    ['no counter', { rtc: undefined }],
    ['a counter as text', { rtc: '0' }],
  ])('13 forgeries: %s, although the signature is right', async (_what, change) => {
    await expectRefused(forge({ ...claims, ...change }));
  });

  it('13 forgeries: a valid signature for a session that does not exist', async () => {
    await expectRefused(forge({ ...claims, sid: randomUUID() }), '401 session-revoked');
  });

  it.each([
    '',
    'x',
    '..',
    '...',
    'a.b.c',
    'null',
    '{}',
    `${base64url('null')}.${base64url('null')}.x`,
    `${base64url(HEADER)}.${base64url('[]')}.x`,
  ])('13 forgeries: no token at all (%j)', async (token) => expectRefused(token));

  it('13 forgeries: a valid signature over claims that are not an object', async () => {
    for (const payload of ['null', '[]', '7', '"text"', 'not json'])
      expect((await present(forge(payload as unknown as object))).status).toBe(401);
  });

  it('13 forgeries: a valid token in another place or scheme', async () => {
    const token = ada.account['access_token'] as string;
    for (const authorization of [token, `Basic ${token}`, `JWT ${token}`, `Token ${token}`])
      expect(outcome(await app.api.with({ authorization }).get(ME)), authorization).toBe(UNAUTHENTICATED);
    expect(outcome(await app.api.get(`${ME}?access_token=${token}`))).toBe(UNAUTHENTICATED);
    expect(outcome(await app.api.with({ cookie: `access_token=${token}` }).get(ME))).toBe(UNAUTHENTICATED);
    expect(outcome(await app.api.get(ME))).toBe(UNAUTHENTICATED);
  });

  it('13 forgeries: every protected route refuses before it reads anything else', async () => {
    for (const [method, path] of PROTECTED)
      for (const client of [app.api, app.api.bearer(forge(claims, HEADER, 'a wrong key'))])
        expect(
          outcome(await client.send(method, path, method === 'GET' ? undefined : {})),
          `${method} ${path}`,
        ).toBe(UNAUTHENTICATED);
  });

  it('13 forgeries: a token of 100 KB is refused at once, and the service still works', async () => {
    const body = 'A'.repeat(100_000);
    for (const token of [body, `${base64url(HEADER)}.${body}.${body.slice(0, 43)}`]) {
      const spent = await processorTime(async () => expect(await rawGet(app.url, token)).toBe(431));
      expect(spent).toBeLessThan(1_000);
    }
    await expectRefused('A'.repeat(12_000));
    await expectRefused(`${base64url(HEADER)}.${'A'.repeat(12_000)}.${'A'.repeat(43)}`);
    expect(outcome(await ada.get(ME))).toBe('200');
  });

  it('13 forgeries: 100 concurrent ones are all refused', async () => {
    const answers = await Promise.all(
      times(100, (i) => present(forge({ ...claims, sub: randomUUID() }, HEADER, `key ${i}`))),
    );
    expect(tally(answers)).toEqual({ [UNAUTHENTICATED]: 100 });
  });

  it('14 token confusion: a refresh token is not accepted as an access token', async () => {
    await expectRefused(ada.account['refresh_token']);
    await expectRefused(forge(claims, HEADER, REFRESH_KEY));
  });

  it('14 token confusion: an access token is not accepted as a refresh token', async () => {
    for (const token of [ada.account['access_token'], forge(claims, HEADER, REFRESH_KEY)] as string[])
      for (const path of [REFRESH, '/api/auth/logout'])
        expect(outcome(await app.api.post(path, { refresh_token: token })), path).toBe(
          '401 invalid-refresh-token',
        );
    expect(outcome(await ada.get(ME)), 'the session goes on').toBe('200');
  });

  it.each([
    'JWT',
    'jwt',
    'AT+JWT',
    'at+jwt ',
    'application/jwt',
    'dpop+jwt',
    '',
    undefined,
    null,
    ['at+jwt'],
  ])('14 token confusion: another JWT of ours (typ %j) is no access token', async (typ) =>
    expectRefused(forge(claims, { alg: 'HS256', typ })),
  );

  it('14 token confusion: a JWT signed with the secret itself, or with the key of another purpose', async () => {
    for (const key of [SECRET, keyOf('reset token'), keyOf(''), Buffer.alloc(32), Buffer.alloc(0)])
      await expectRefused(forge(claims, HEADER, key));
    expect(outcome(await present(forge(claims, HEADER, ACCESS_KEY)))).toBe('200');
  });

  it('14 token confusion: an access token has no effect on sign-in', async () => {
    const phone = Phone.of(ada);
    for (const path of [LOGIN, REGISTER, REFRESH])
      expect(outcome(await app.api.bearer(phone.access).post(path, {}))).toBe('422 validation');
  });
});

/** `fetch` fails when the server answers before it has read the request; a plain socket still reads the answer. */
function rawGet(url: string, token: string): Promise<number> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    let text = '';
    const socket = connect(Number(port), hostname);
    const done = (): void => {
      resolve(Number(/^HTTP\/1\.1 (\d{3})/.exec(text)?.[1]));
      socket.destroy();
    };
    socket.on('data', (chunk) => {
      text += chunk.toString('latin1');
      if (text.includes('\r\n\r\n')) done();
    });
    socket.on('error', (error) => (text ? done() : reject(error)));
    socket.on('close', done);
    socket.write(`GET ${ME} HTTP/1.1\r\nHost: ${hostname}\r\nAuthorization: Bearer ${token}\r\n\r\n`);
  });
}
