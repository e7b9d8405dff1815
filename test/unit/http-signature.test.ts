import { hash, randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { createSigner, httpbis } from 'http-message-signatures';
import { describe, expect, it } from 'vitest';
import { Problem } from '../../src/kernel/http/problem.js';
import {
  type Expected,
  type SignedRequest,
  TOLERANCE_MS,
  verifySignature,
} from '../../src/modules/identity/api-keys/http-signature.js';

const GUIDE = readFileSync('docs/api-keys.md', 'utf8');

/** The first code block of the guide that begins with this text. */
function blockOf(start: string): string {
  const block = [...GUIDE.matchAll(/^```\w*\n([\s\S]*?)\n```$/gm)].find(([, text]) =>
    text?.startsWith(start),
  );
  if (!block?.[1]) throw new Error(`The guide has no block that begins with ${start}`);
  return block[1];
}

/** A request as the guide shows it. */
function parse(text: string): SignedRequest {
  const [head = '', body] = text.split('\n\n');
  const [line = '', ...fields] = head.split('\n');
  const [method = '', target = ''] = line.split(' ');
  const entries = fields.map((field) => {
    const colon = field.indexOf(': ');
    return [field.slice(0, colon).toLowerCase(), [field.slice(colon + 2)]];
  });
  return {
    method,
    target,
    fields: Object.fromEntries(entries),
    body: body === undefined ? undefined : Buffer.from(body),
  };
}

const refusalOf = (request: SignedRequest, expected: Expected): unknown => {
  try {
    return verifySignature(request, expected);
  } catch (error) {
    return error instanceof Problem ? error.code : error;
  }
};

describe('31: the worked example of the guide', () => {
  const secret = blockOf('Yt3v');
  const body = blockOf('{"weight_value"');
  const base = blockOf('"@method"');
  const request = parse(blockOf('POST /api'));
  const keyId = /The key `([\da-f-]{36})`/.exec(GUIDE)?.[1] ?? '';
  const now = 1_767_731_405_000;
  const expected = { keyId, secret, now };

  it('31: is genuine', () => {
    expect(verifySignature(request, expected)).toEqual({ nonce: '6f1d2c9ab04e8357', created: now });
  });

  it('31: has the digest, the base and the signature that another library computes', async () => {
    const digest = `sha-256=:${hash('sha256', body, 'base64')}:`;
    expect(request.fields['content-digest']).toEqual([digest]);
    const signed: string[] = [];
    const { sign } = createSigner(secret, 'hmac-sha256');
    const { headers } = await httpbis.signMessage(
      {
        key: {
          sign: (data) => {
            signed.push(data.toString());
            return sign(data);
          },
        },
        fields: ['@method', '@path', '@query', 'content-digest'],
        params: ['created', 'nonce', 'keyid'],
        paramValues: { created: new Date(now), nonce: '6f1d2c9ab04e8357', keyid: keyId },
      },
      {
        method: 'POST',
        url: `https://hale.example${request.target}`,
        headers: { 'content-digest': digest },
      },
    );
    expect(signed).toEqual([base]);
    expect(headers).toMatchObject({
      Signature: request.fields['signature']?.[0],
      'Signature-Input': request.fields['signature-input']?.[0],
    });
  });

  it('31: is refused when any byte of it is changed', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('method', 'target', 'body', 'content-digest', 'signature-input', 'signature'),
        fc.nat(),
        fc.integer({ min: 1, max: 127 }),
        (part, at, difference) => {
          const change = (text: string): string => {
            const bytes = Buffer.from(text, 'latin1');
            bytes[at % bytes.length]! ^= difference;
            return bytes.toString('latin1');
          };
          const { fields, ...rest } = request;
          const changed: SignedRequest =
            part in fields
              ? { ...rest, fields: { ...fields, [part]: [change(fields[part]![0]!)] } }
              : part === 'body'
                ? { ...request, body: Buffer.from(change(body), 'latin1') }
                : { ...request, [part]: change(part === 'method' ? request.method : request.target) };
          expect(refusalOf(changed, expected)).toBe('invalid-signature');
        },
      ),
      { numRuns: 5_000 },
    );
  });

  it('31: is valid from five minutes before to five minutes after its time', () => {
    for (const offset of [-TOLERANCE_MS, TOLERANCE_MS])
      expect(refusalOf(request, { ...expected, now: now + offset })).toHaveProperty('nonce');
    for (const offset of [-TOLERANCE_MS - 1, TOLERANCE_MS + 1])
      expect(refusalOf(request, { ...expected, now: now + offset })).toBe('invalid-signature');
  });
});

describe('31: the signature of a client', () => {
  const segment = fc.stringMatching(/^[\w.~!$&'()*+,;=:@-]{1,12}$/).filter((text) => !/^\.+$/.test(text));
  const pair = fc.tuple(segment, segment).map((both) => both.join('='));

  it('31: is accepted for any method, path, query and body', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom('GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'),
        fc.array(segment, { minLength: 1, maxLength: 4 }),
        fc.array(pair, { maxLength: 4 }),
        fc.option(fc.uint8Array({ maxLength: 64 })),
        async (method, path, query, bytes) => {
          const body = bytes === null ? undefined : Buffer.from(bytes);
          const target = `/${path.join('/')}${query.length > 0 ? `?${query.join('&')}` : ''}`;
          const { pathname, search } = new URL(target, 'https://hale.example');
          const digest = body && { 'content-digest': `sha-512=:${hash('sha512', body, 'base64')}:` };
          const [keyId, secret, nonce, now] = [randomUUID(), randomUUID(), randomUUID(), 1_767_731_405_000];
          const { headers } = await httpbis.signMessage(
            {
              key: createSigner(secret, 'hmac-sha256'),
              fields: ['@query', '@path', '@method', ...(digest ? ['content-digest'] : [])],
              params: ['keyid', 'created', 'nonce', 'expires'],
              paramValues: { created: new Date(now), nonce, keyid: keyId },
            },
            { method, url: `https://hale.example${target}`, headers: { ...digest } },
          );
          const fields = Object.fromEntries(
            Object.entries(headers).map(([name, value]) => [name.toLowerCase(), [String(value)]]),
          );
          const sent: SignedRequest = { method, target: pathname + search, fields, body };
          expect(refusalOf(sent, { keyId, secret, now })).toEqual({ nonce, created: now });
          expect(refusalOf(sent, { keyId, secret: `${secret}x`, now })).toBe('invalid-signature');
        },
      ),
      { numRuns: 200 },
    );
  });
});
