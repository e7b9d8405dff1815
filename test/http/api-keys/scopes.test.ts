import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { storeReferences } from '../../contract/kinds.support.js';
import type { Api } from '../../support/api.js';
import { TestApp } from '../../support/app.js';
import { hasDatabase } from '../../support/database.js';
import { keepingNothing } from '../../support/goals.js';
import { outcome } from '../auth/support.js';
import { contents } from '../hardening/support.js';
import { ALL, type Key, KEYS, makeKey, WEIGHT } from './support.js';

type Json = Record<string, any>;

interface Operation {
  readonly method: string;
  readonly path: string;
  readonly spec: Json;
  readonly isPublic: boolean;
  /** The scope that an operation needs; undefined if it needs a session. */
  readonly scope: string | undefined;
}

const FORBIDDEN = '403 insufficient-scope';

describe.runIf(hasDatabase())('30: scopes in the OpenAPI document', () => {
  let app: TestApp;
  let person: Api;
  let document: Json;
  let operations: Operation[];
  const keys = new Map<string, Key>();
  beforeAll(async () => {
    app = await TestApp.start({ override: keepingNothing });
    person = await app.api.register();
    ({ body: document } = await app.api.get('/openapi.json'));
    operations = Object.entries(document['paths'] as Json).flatMap(([path, methods]) =>
      Object.entries(methods as Json).map(([method, spec]) => ({
        method: method.toUpperCase(),
        path,
        spec,
        // `{}`: a session may come along, but none is needed.
        isPublic:
          spec.security?.length === 0 || spec.security?.some((way: Json) => Object.keys(way).length === 0),
        scope: spec.security?.find((way: Json) => 'api_key' in way)?.api_key[0],
      })),
    );
    for (const scope of ALL) keys.set(scope, await makeKey(person, [scope]));
  });
  afterAll(() => app.stop());

  const resolve = (node: Json): Json =>
    node['$ref']
      ? node['$ref']
          .slice(2)
          .split('/')
          .reduce((at: Json, part: string) => at[part], document)
      : node;
  const bodyOf = ({ spec }: Operation): unknown => {
    const [example] = Object.values<Json>(spec['requestBody']?.content['application/json']?.examples ?? {});
    return example && resolve(example)['value'];
  };

  /** The path with an existing id, and with required parameters. */
  async function addressOf({ path: template, spec }: Operation): Promise<string> {
    const required = ((spec['parameters'] ?? []) as Json[]).filter(
      (it) => it['in'] === 'query' && it['required'],
    );
    const query = new URLSearchParams(
      required.map(({ name, schema }): [string, string] => [name, String(schema.examples[0])]),
    );
    const path = ((spec['parameters'] ?? []) as Json[])
      .filter((it) => it['in'] === 'path' && it['name'] !== 'id')
      .reduce(
        (filled, { name, schema }) => filled.replace(`{${name}}`, String(schema.examples?.[0])),
        template,
      );
    if (!path.includes('{id}')) return `${path}?${query}`;
    const collection = path.slice(0, path.indexOf('/{id}'));
    const creation = operations.find(
      (it) => it.method === 'POST' && it.path === template.slice(0, template.indexOf('/{id}')),
    );
    if (creation) await storeReferences(person, (bodyOf(creation) ?? {}) as Json);
    const id = creation ? (await person.post(collection, bodyOf(creation))).body['id'] : ID;
    return `${path.replace('{id}', id as string)}?${query}`;
  }
  const ID = '0199f3a2-6f57-7d3a-9a61-5d6a5b1f4c33';

  it('30: all shareable data needs an existing scope', () => {
    const scopes = new Set(operations.flatMap(({ scope }) => scope ?? []));
    expect([...scopes].filter((scope) => !ALL.includes(scope))).toEqual([]);
    expect(scopes.size).toBeGreaterThanOrEqual(5);
    const { post } = document['paths'][KEYS];
    const schema = resolve(post.requestBody.content['application/json'].schema);
    expect(resolve(schema['properties'].scopes.items)['enum']).toEqual(ALL);
  });

  it('30: each operation works with its scope and with no other', async () => {
    const shareable = operations.filter(({ scope }) => scope !== undefined);
    expect(shareable.length).toBeGreaterThanOrEqual(11);
    for (const operation of shareable) {
      const { method, scope } = operation;
      const [address, body] = [await addressOf(operation), bodyOf(operation)];
      await storeReferences(person, (body ?? {}) as Json);
      for (const other of ALL.filter((one) => one !== scope)) {
        const answer = await keys.get(other)!.api.send(method, address, body);
        expect([method, address, other, outcome(answer)]).toEqual([method, address, other, FORBIDDEN]);
      }
      const answer = await keys.get(scope!)!.api.send(method, address, body);
      expect([method, address, scope, answer.body, answer.status < 300]).toEqual([
        method,
        address,
        scope,
        answer.body,
        true,
      ]);
    }
  });

  it('30: no other operation accepts any key: no keys, no changes of sign-in, no sync', async () => {
    const { api } = await makeKey(person);
    // A key sees the kinds in the timeline that its scopes include: see the tests of the timeline.
    const isInPart = (path: string): boolean => ['/api/timeline', '/api/foods/recent'].includes(path);
    const closed = operations.filter(
      ({ scope, isPublic, path }) => scope === undefined && !isPublic && !isInPart(path),
    );
    const routes = closed.map(({ method, path }) => `${method} ${path}`);
    expect(routes).toEqual(
      expect.arrayContaining([
        `POST ${KEYS}`,
        `GET ${KEYS}`,
        `DELETE ${KEYS}/{id}`,
        'DELETE /api/users/me',
        'PUT /api/users/me/password',
        'POST /api/users/me/email',
        'GET /api/users/me/access-log',
        'POST /api/auth/reauth',
        'GET /api/auth/sessions',
        'POST /api/sync/push',
        'GET /api/sync/pull',
        `POST ${WEIGHT}/sync`,
      ]),
    );
    const withoutUse = async () => ({
      ...(await contents(app.db)),
      api_keys: await person.get(KEYS).then((it) => it.body['data'].length),
    });
    const before = await withoutUse();
    for (const operation of closed) {
      const address = operation.path.replaceAll(/\{\w+\}/g, ID);
      const answer = await api.send(operation.method, address, bodyOf(operation));
      expect([operation.method, address, outcome(answer)]).toEqual([operation.method, address, FORBIDDEN]);
    }
    expect(await withoutUse()).toEqual(before);
  });

  it('73: a key and the sessions of its owner share one rate limit', async () => {
    const small = await TestApp.start({ env: { RATE_LIMIT_PER_MINUTE: '20' } });
    const owner = await small.api.register();
    const { api } = await makeKey(owner);
    const left = async (who: Api): Promise<number> =>
      Number(/r=(\d+)/.exec((await who.get(WEIGHT)).headers.get('ratelimit') ?? '')?.[1]);
    const first = await left(owner);
    expect([await left(api), await left(owner), await left(api)]).toEqual([first - 1, first - 2, first - 3]);
    await small.stop();
  });
});
