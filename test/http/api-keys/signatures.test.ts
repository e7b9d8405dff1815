import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { UnitOfWork } from '../../../src/platform/database/unit-of-work.js';
import { type Api } from '../../support/api.js';
import { TestApp } from '../../support/app.js';
import { MINUTE, SECOND, TestClock } from '../../support/clock.js';
import { hasDatabase } from '../../support/database.js';
import { outcome, startTwo, tally, times } from '../auth/support.js';
import { exchange, request } from '../hardening/support.js';
import {
  digestOf,
  type Key,
  KEYS,
  makeKey,
  makeSignedKey,
  send,
  type Sending,
  sign,
  type SignOptions,
  WEIGHT,
  weight,
} from './support.js';

const REFUSED = '401 invalid-signature';
const BODY = JSON.stringify(weight);
const LIST = `${WEIGHT}?limit=5&offset=0`;
const GET = ['GET', LIST] as const;
const POST = ['POST', WEIGHT, BODY] as const;
const COVERED = ['@method', '@path', '@query'];

describe.runIf(hasDatabase())('31: requests signed by RFC 9421', () => {
  let app: TestApp;
  let second: TestApp;
  const clock = new TestClock();
  let person: Api;
  let key: Key;
  beforeAll(async () => {
    [app, second] = await startTwo({ override: clock.install });
  });
  afterAll(async () => {
    await second.stop();
    await app.stop();
  });
  beforeEach(async () => {
    person = await app.api.register();
    key = await makeSignedKey(person);
  });

  const seconds = (): number => Math.floor(clock.now() / SECOND);
  /** A request that is signed at the current time of the service. */
  const signed = (
    what: readonly [string, string, string?],
    { values, ...options }: SignOptions = {},
  ): Promise<Sending> => sign(key, what, { ...options, values: { created: seconds(), ...values } });
  const answerTo = async (sending: Sending): Promise<string> => outcome(await send(app.url, sending));
  const count = async (): Promise<number> => (await person.get(WEIGHT)).body['pagination'].total as number;
  const noncesOf = (): Promise<object[]> =>
    app.db.rows('SELECT nonce FROM api_key_nonces WHERE key_id = ?', [key.id]);
  const replaceIn = (sending: Sending, name: string, change: (value: string) => string): Sending => ({
    ...sending,
    headers: { ...sending.headers, [name]: change(sending.headers[name]!) },
  });
  const without = (sending: Sending, name: string): Sending => ({
    ...sending,
    headers: Object.fromEntries(Object.entries(sending.headers).filter(([header]) => header !== name)),
  });

  it('73: a request beyond the rate limit uses up no nonce; a wrong signature counts for another limit', async () => {
    const small = await TestApp.start({ env: { RATE_LIMIT_PER_MINUTE: '10' } });
    const owner = await small.api.register();
    const its = await makeSignedKey(owner);
    const sent = await Promise.all(times(20, async () => send(small.url, await sign(its, GET))));
    expect(sent.filter(({ status }) => status === 200)).toHaveLength(9);
    expect(sent.filter(({ status }) => status === 429)).toHaveLength(11);
    expect(await small.db.rows('SELECT nonce FROM api_key_nonces')).toHaveLength(9);
    const wrong = await send(small.url, await sign(its, GET, { secret: 'x'.repeat(43) }));
    expect(outcome(wrong)).toBe(REFUSED);
    await small.stop();
  });

  it("31, 73: a replayed signed request does not count for the owner's rate limit", async () => {
    const small = await TestApp.start({ env: { RATE_LIMIT_PER_MINUTE: '10' } });
    const owner = await small.api.register();
    const sending = await sign(await makeSignedKey(owner), GET);
    expect((await send(small.url, sending)).status).toBe(200);
    for (let i = 0; i < 15; i += 1) await send(small.url, sending);
    expect((await owner.get(WEIGHT)).status).toBe(200);
    await small.stop();
  });

  it('31: accepts a signed request: read, write, delete, with and without a query', async () => {
    const made = await send(app.url, await signed(POST));
    expect(made.status).toBe(201);
    expect(await answerTo(await signed(GET))).toBe('200');
    expect(await answerTo(await signed(['GET', `${WEIGHT}/${made.body['id']}`]))).toBe('200');
    expect(await answerTo(await signed(['HEAD', WEIGHT]))).toBe('200');
    const change = JSON.stringify({ weight_value: 80, unit: 'kg' });
    expect(await answerTo(await signed(['PUT', `${WEIGHT}/${made.body['id']}`, change]))).toBe('200');
    expect(await answerTo(await signed(['DELETE', `${WEIGHT}/${made.body['id']}`]))).toBe('204');
    expect(await count()).toBe(0);
  });

  it('31: accepts another order, more fields, sha-512, `alg` and `expires`', async () => {
    const headers = { 'content-type': 'application/json', 'content-digest': digestOf(BODY, 'sha-512') };
    const sending = await signed(POST, {
      headers,
      fields: ['content-type', 'content-digest', '@query', '@path', '@method'],
      values: { alg: 'hmac-sha256', expires: seconds() + 60, tag: 'app' },
    });
    expect(await answerTo(sending)).toBe('201');
  });

  describe('31: refuses without any effect', () => {
    /** The detail of the answer. */
    const MISMATCH = 'The signature does not match.';
    const INPUT_FORM = 'Signature-Input does not have the documented form.';
    const FORM = 'Signature does not have the documented form, or its label is not that of Signature-Input.';
    const DIGEST_FORM = 'Content-Digest does not have the documented form.';
    const NO_DIGEST = 'The signature does not cover "content-digest".';
    const AGE = '`created` is missing, or differs by more than 5 minutes from the time of the service.';
    const NONCE = '`nonce` is missing, or does not have 8 to 64 of the documented characters.';
    const KEYID = '`keyid` is not the id of the API key.';
    const once = (name: string): string => `The request must have \`${name}\` exactly once.`;
    const absent = (name: string): string =>
      `The signature covers "${name}", but the request does not have it.`;
    const uncovered = (name: string): string => `The signature does not cover "${name}".`;

    /** A mistake of a client or a change by an attacker, and the reason for the refusal. */
    const FAULTS: Record<string, readonly [string, () => Promise<Sending>]> = {
      'no signature at all': [
        once('signature-input'),
        async () => without(without(await signed(POST), 'signature'), 'signature-input'),
      ],
      'no Signature': [once('signature'), async () => without(await signed(POST), 'signature')],
      'no Signature-Input': [
        once('signature-input'),
        async () => without(await signed(POST), 'signature-input'),
      ],
      'another secret': [MISMATCH, () => signed(POST, { secret: 'x'.repeat(43) })],
      'the key itself as secret': [MISMATCH, () => signed(POST, { secret: key.key })],
      'another body': [
        'Content-Digest does not match the body.',
        async () => ({ ...(await signed(POST)), body: BODY.replace('75.5', '57.5') }),
      ],
      'another body with its digest': [
        MISMATCH,
        async () => {
          const body = BODY.replace('75.5', '57.5');
          return { ...replaceIn(await signed(POST), 'content-digest', () => digestOf(body)), body };
        },
      ],
      'a body with a space more': [
        'Content-Digest does not match the body.',
        async () => ({ ...(await signed(POST)), body: `${BODY} ` }),
      ],
      'a digest of an algorithm that is broken': [
        DIGEST_FORM,
        () => signed(POST, { headers: { 'content-digest': 'md5=:aaaa:' } }),
      ],
      'two digests in one': [
        DIGEST_FORM,
        () => signed(POST, { headers: { 'content-digest': `${digestOf(BODY)}, sha-512=:aaaa:` } }),
      ],
      'a digest that is none': [
        DIGEST_FORM,
        () => signed(POST, { headers: { 'content-digest': 'sha-256=' } }),
      ],
      'a body, and nothing of it signed': [
        NO_DIGEST,
        async () => ({ ...(await signed(['POST', WEIGHT])), body: BODY }),
      ],
      'a digest that is not in the request': [
        absent('content-digest'),
        async () => without(await signed(POST), 'content-digest'),
      ],
      'a digest that is not covered': [NO_DIGEST, () => signed(POST, { fields: COVERED })],
      'the digest of a body that is not there': [
        'Content-Digest does not match the body.',
        () =>
          signed(GET, {
            fields: [...COVERED, 'content-digest'],
            headers: { 'content-digest': digestOf(BODY) },
          }),
      ],
      'another path': [MISMATCH, async () => ({ ...(await signed(['GET', WEIGHT])), path: '/api/meals' })],
      'another method': [MISMATCH, async () => ({ ...(await signed(['GET', WEIGHT])), method: 'POST' })],
      'another order of the query': [
        MISMATCH,
        async () => ({ ...(await signed(GET)), path: `${WEIGHT}?offset=0&limit=5` }),
      ],
      'another value in the query': [
        MISMATCH,
        async () => ({ ...(await signed(GET)), path: LIST.replace('5', '6') }),
      ],
      'a query where none was signed': [
        MISMATCH,
        async () => ({ ...(await signed(['GET', WEIGHT])), path: LIST }),
      ],
      'a query left out': [MISMATCH, async () => ({ ...(await signed(GET)), path: WEIGHT })],
      'the same query, escaped': [
        MISMATCH,
        async () => ({ ...(await signed(GET)), path: LIST.replace('limit', '%6Cimit') }),
      ],
      ...Object.fromEntries(
        COVERED.map((name) => [
          `${name} not covered`,
          [
            uncovered(name),
            () => signed(GET, { fields: COVERED.filter((other) => other !== name) }),
          ] as const,
        ]),
      ),
      'a time 5 minutes and a second ago': [
        AGE,
        () => signed(POST, { values: { created: seconds() - 301 } }),
      ],
      'a time in 5 minutes and 2 seconds': [
        AGE,
        () => signed(POST, { values: { created: seconds() + 302 } }),
      ],
      'no time': [AGE, () => signed(POST, { values: { created: undefined } })],
      // A verifier that computes with this value gets NaN, which is not too old.
      'a time that is text': [
        AGE,
        async () =>
          replaceIn(await signed(POST), 'signature-input', (it) => it.replace(/created=\d+/, 'created="x"')),
      ],
      'no nonce': [NONCE, () => signed(POST, { values: { nonce: undefined } })],
      'a short nonce': [NONCE, () => signed(POST, { values: { nonce: '1234567' } })],
      'a long nonce': [NONCE, () => signed(POST, { values: { nonce: 'x'.repeat(65) } })],
      'a nonce that is a number': [NONCE, () => signed(POST, { values: { nonce: 123_456_789 } })],
      'no keyid': [KEYID, () => signed(POST, { values: { keyid: undefined } })],
      'the keyid of another': [KEYID, () => signed(POST, { values: { keyid: randomUUID() } })],
      'another algorithm': [
        '`alg` is not hmac-sha256.',
        () => signed(POST, { values: { alg: 'rsa-v1_5-sha256' } }),
      ],
      'an end that has passed': [
        '`expires` has passed.',
        () => signed(POST, { values: { expires: seconds() - 1 } }),
      ],
      'a component with a parameter': [
        INPUT_FORM,
        () => signed(GET, { fields: ['@method', '@path', '@query;x'] }),
      ],
      'a component twice': [
        'A component is covered twice.',
        () => signed(GET, { fields: [...COVERED, '@path'] }),
      ],
      'a component we do not know': [
        absent('@authority'),
        () => signed(GET, { fields: [...COVERED, '@authority'] }),
      ],
      'a field that is not there': [
        absent('x-one'),
        async () =>
          without(await signed(GET, { fields: [...COVERED, 'x-one'], headers: { 'x-one': '1' } }), 'x-one'),
      ],
      'a field called like a property of all objects': [
        absent('constructor'),
        async () =>
          replaceIn(await signed(GET), 'signature-input', (it) =>
            it.replace('@query"', '@query" "constructor"'),
          ),
      ],
      'another label': [
        FORM,
        async () => replaceIn(await signed(POST), 'signature', (value) => value.replace('sig', 'two')),
      ],
      'two signatures': [
        INPUT_FORM,
        async () => {
          const [one, other] = [await signed(POST), await signed(POST)];
          const both = (name: string, base: Sending): Sending =>
            replaceIn(base, name, (value) => `${value}, ${other.headers[name]!.replace('sig=', 'two=')}`);
          return both('signature', both('signature-input', one));
        },
      ],
      'a parameter twice': [
        'Signature-Input has a parameter twice.',
        async () =>
          replaceIn(await signed(POST), 'signature-input', (value) => `${value};nonce="another-nonce"`),
      ],
      'a parameter added': [
        MISMATCH,
        async () => replaceIn(await signed(POST), 'signature-input', (value) => `${value};tag="x"`),
      ],
      'a signature cut short': [
        FORM,
        async () => replaceIn(await signed(POST), 'signature', (value) => value.replace(/..=:$/, '=:')),
      ],
      'a signature of zeros': [
        MISMATCH,
        async () => replaceIn(await signed(POST), 'signature', () => `sig=:${'A'.repeat(43)}=:`),
      ],
      garbage: [
        INPUT_FORM,
        async () => replaceIn(await signed(POST), 'signature-input', () => 'sig=("@method'),
      ],
    };

    it.each(Object.entries(FAULTS))('31: %s', async (_, [why, make]) => {
      const answer = await send(app.url, await make());
      expect([outcome(answer), answer.body['detail']]).toEqual([REFUSED, why]);
      expect([await count(), await noncesOf()]).toEqual([0, []]);
    });

    it('31: a second Content-Digest', async () => {
      const { headers } = await signed(POST);
      const head = request('POST', WEIGHT, { ...headers, 'content-type': 'application/json' }, BODY);
      const doubled = head.toString('latin1').replace(/(content-digest: [^\r]*\r\n)/i, '$1$1');
      const { answers } = await exchange(app.url, doubled);
      expect(outcome(answers[0]!)).toBe(REFUSED);
      expect(await count()).toBe(0);
    });
  });

  it('31: accepts a clock that is wrong by less than 5 minutes', async () => {
    for (const offset of [-298, 298])
      expect(await answerTo(await signed(POST, { values: { created: seconds() + offset } }))).toBe('201');
  });

  it('31: accepts a nonce once over all instances', async () => {
    const sending = await signed(POST);
    expect(await answerTo(sending)).toBe('201');
    for (const { url } of [app, second]) expect(outcome(await send(url, sending))).toBe(REFUSED);
    const { nonce } = (await noncesOf())[0] as { nonce: string };
    expect(await answerTo(await signed(GET, { values: { nonce } }))).toBe(REFUSED);
    expect(await count()).toBe(1);
  });

  it('31: of 40 concurrent requests with one nonce to two instances, one succeeds', async () => {
    for (let round = 0; round < 3; round++) {
      const sending = await signed(POST);
      const answers = await Promise.all(times(40, (i) => send([app, second][i % 2]!.url, sending)));
      expect(tally(answers)).toEqual({ 201: 1, [REFUSED]: 39 });
    }
    expect(await count()).toBe(3);
  });

  it('31: 40 concurrent requests with different nonces all succeed', async () => {
    const sendings = await Promise.all(times(40, () => signed(GET)));
    const answers = await Promise.all(sendings.map((it, i) => send([app, second][i % 2]!.url, it)));
    expect(tally(answers)).toEqual({ 200: 40 });
  });

  it('31: a refused request uses up no nonce, and keys have separate nonces', async () => {
    const nonce = randomUUID();
    const right = await signed(POST, { values: { nonce } });
    expect(await answerTo({ ...right, body: `${BODY} ` })).toBe(REFUSED);
    expect(await answerTo(right)).toBe('201');
    const other = await makeSignedKey(person);
    const theirs = await sign(other, POST, { values: { nonce, created: seconds() } });
    expect(await answerTo(theirs)).toBe('201');
  });

  it('31: a delayed request is refused after its time, and its nonce is deleted', async () => {
    const sending = await signed(GET, { values: { created: seconds() + 290 } });
    expect(await answerTo(sending)).toBe('200');
    for (const minutes of [4, 4, 2]) {
      expect(await answerTo(sending)).toBe(REFUSED);
      clock.advance(minutes * MINUTE);
      expect(await answerTo(await signed(GET))).toBe('200');
    }
    expect(await noncesOf()).toHaveLength(4);
    clock.advance(11 * MINUTE);
    expect(await answerTo(await signed(GET))).toBe('200');
    expect(await noncesOf()).toHaveLength(1);
    expect(await answerTo(sending)).toBe(REFUSED);
  });

  it('31: a key that requires no signature ignores signatures, valid or not', async () => {
    const plain = await makeKey(person);
    const wrong = { signature: 'sig=:x:', 'signature-input': 'sig=()', 'content-digest': 'sha-256=:x:' };
    expect(outcome(await plain.api.with(wrong).post(WEIGHT, weight))).toBe('201');
    expect(outcome(await person.with(wrong).get(WEIGHT))).toBe('200');
  });

  it('31: the signature is checked before the scope, and does not replace the key', async () => {
    const reading = await makeKey(person, ['metrics:read'], { requires_signature: true });
    expect(await answerTo(await sign(reading, POST, { values: { created: seconds() } }))).toBe(
      '403 insufficient-scope',
    );
    expect(outcome(await reading.api.post(WEIGHT, weight))).toBe(REFUSED);
    expect(await answerTo(without(await signed(GET), 'authorization'))).toBe('401 unauthenticated');
  });

  it('31: deleting a key deletes its nonces', async () => {
    await answerTo(await signed(GET));
    expect(await noncesOf()).toHaveLength(1);
    expect(outcome(await person.delete(`${KEYS}/${key.id}`))).toBe('204');
    expect(await noncesOf()).toEqual([]);
    expect(await answerTo(await signed(GET))).toBe('401 unauthenticated');
  });

  it('31: an encrypted secret is valid only for its own key', async () => {
    const other = await makeSignedKey(person);
    await app.app
      .get(UnitOfWork)
      .run(() =>
        app.db.execute(
          'UPDATE api_keys SET signing_secret = (SELECT s FROM (SELECT signing_secret AS s FROM api_keys WHERE id = ?) AS o) WHERE id = ?',
          [other.id, key.id],
        ),
      );
    expect(await answerTo(await signed(GET, { secret: other.secret }))).toBe('401 unauthenticated');
  });
});
