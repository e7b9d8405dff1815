import { hash, randomUUID } from 'node:crypto';
import { createSigner, httpbis } from 'http-message-signatures';
import { type Answer, Api } from '../../support/api.js';
import { schemas } from '../openapi.support.js';

export const KEYS = '/api/api-keys';
export const WEIGHT = '/api/health-metrics/weight';
/** All scopes, in the order of the document: by name. */
export const ALL = schemas['CreateApiKey']!['properties'].scopes.items.enum as string[];
export const weight = { weight_value: 75.5, unit: 'kg', timestamp: '2026-01-06T20:30:00Z' };

/** The answer to the creation of a key, and a client that uses the key. */
export interface Key {
  readonly id: string;
  readonly key: string;
  readonly secret: string;
  readonly api: Api;
}

export async function makeKey(
  person: Api,
  scopes: readonly string[] = ALL,
  more: Readonly<Record<string, unknown>> = {},
): Promise<Key> {
  const { status, body } = await person.post(KEYS, { name: 'A program', scopes, ...more });
  if (status !== 201) throw new Error(`${KEYS} answered ${status}: ${JSON.stringify(body)}`);
  return {
    id: body['id'],
    key: body['key'],
    secret: body['signing_secret'],
    api: new Api(person.url).bearer(body['key'] as string),
  };
}

export const makeSignedKey = (person: Api): Promise<Key> =>
  makeKey(person, ALL, { requires_signature: true });

/** A request before it is sent. */
export interface Sending {
  readonly method: string;
  readonly path: string;
  readonly body?: string | undefined;
  readonly headers: Readonly<Record<string, string>>;
}

export const digestOf = (body: string, algorithm = 'sha-256'): string =>
  `${algorithm}=:${hash(algorithm.replace('-', ''), body, 'base64')}:`;

export interface SignOptions {
  readonly secret?: string;
  readonly fields?: readonly string[];
  /** Parameters of the signature; undefined omits one. */
  readonly values?: Readonly<Record<string, string | number | undefined>>;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Signs like a client, with a library that is independent of this service. */
export async function sign(
  { id, key, secret, api }: Key,
  [method, path, body]: readonly [string, string, string?],
  { secret: other, fields, values = {}, headers = {} }: SignOptions = {},
): Promise<Sending> {
  const own: Record<string, string> = body === undefined ? {} : { 'content-digest': digestOf(body) };
  const covered = ['@method', '@path', '@query', ...Object.keys(own)];
  const all: Record<string, string | number | undefined> = {
    created: Math.floor(Date.now() / 1_000),
    nonce: randomUUID(),
    keyid: id,
    ...values,
  };
  const params = Object.keys(all).filter((name) => all[name] !== undefined);
  const message = await httpbis.signMessage(
    {
      key: createSigner(other ?? secret, 'hmac-sha256'),
      fields: [...(fields ?? covered)],
      params,
      paramValues: Object.fromEntries(params.map((name) => [name, valueFor(name, all[name])])),
    },
    { method, url: api.url + path, headers: { authorization: `Bearer ${key}`, ...own, ...headers } },
  );
  const named = Object.entries(message.headers).map(([name, value]) => [name.toLowerCase(), String(value)]);
  return { method, path, body, headers: Object.fromEntries(named) };
}

/** The library takes instants as Date. */
const valueFor = (name: string, value: string | number | undefined): any =>
  (name === 'created' || name === 'expires') && typeof value === 'number' ? new Date(value * 1_000) : value;

export const send = (url: string, { method, path, body, headers }: Sending): Promise<Answer> =>
  new Api(url, headers).send(method, path, body);
