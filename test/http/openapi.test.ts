import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { describePage } from '../../src/modules/operations/docs/page-document.js';
import { storeReferences } from '../contract/kinds.support.js';
import type { Answer, Api } from '../support/api.js';
import { TestApp } from '../support/app.js';
import { personWith } from '../support/people.js';
import { hasDatabase } from '../support/database.js';
import {
  document,
  exampledPath,
  examplesOf,
  expectDocumented,
  faultsOf,
  ID_PARAMETER,
  idFor,
  type Json,
  media,
  operationOf,
  operations,
  parametersOf,
  personal,
  resolve,
  responseOf,
  routesIn,
  strictFaultsOf,
  successOf,
  WEIGHT,
} from './openapi.support.js';

/** Routes outside the API: for operators, for documentation, and for the return from a provider. */
const OPERATIONAL =
  /^\/($|api\/auth\/:provider\/callback$|health\/|problems\/|account\/|metrics$|docs(\/|$)|openapi\.(json|yaml)$)|^\*$/;

const JSON_TYPE = { 'content-type': 'application/json' };
const [, someWeight] = examplesOf(operationOf(`POST ${WEIGHT}`).spec['requestBody'])[0]!;

/** Operations that need a value that no document can contain: a token in a mail, a code of an app, a device's signature. */
const REFUSED: Readonly<Record<string, string>> = {
  'POST /api/auth/verify-email': '410',
  'POST /api/auth/confirm-email': '410',
  'POST /api/auth/reset-password': '410',
  'POST /api/auth/challenge': '401',
  'POST /api/auth/totp/confirm': '409',
  'DELETE /api/auth/totp': '409',
  'POST /api/auth/recovery-codes': '409',
  'POST /api/auth/passkeys': '401',
  'POST /api/auth/passkeys/sign-in': '401',
  'GET /api/auth/{provider}': '400 503',
  'POST /api/auth/{provider}': '503',
  'POST /api/auth/oauth/token': '400',
  'POST /api/auth/identities': '400 503',
  'DELETE /api/auth/identities/{id}': '404',
  'POST /api/imports': '415',
};

/** An example with such an answer could not be sent by anybody. */
const INVALID = new Set([400, 413, 415, 422]);

describe.runIf(hasDatabase())('the OpenAPI document, compared with the service', () => {
  let app: TestApp;
  /** An API key whose requests must be signed. */
  let signing: string;
  beforeAll(async () => {
    app = await TestApp.start({ env: { METRICS_TOKEN: 'a-token-for-the-metrics' } });
    const key = { name: 'A program', scopes: ['meals:read'], requires_signature: true };
    signing = (await (await app.api.register()).post('/api/api-keys', key)).body['key'] as string;
  });
  afterAll(() => app.stop());

  it('is what the service serves: `npm run postman` writes it again', async () => {
    expect((await app.api.get('/openapi.json')).body).toEqual(document);
  });

  it('does not depend on earlier requests for it', async () => {
    const other = await TestApp.start();
    try {
      describePage(other.app);
      expect((await other.api.get('/openapi.json')).body).toEqual(document);
    } finally {
      await other.stop();
    }
  });

  it('lists every route of the router, and no other', () => {
    const router = app.app.getHttpAdapter().getInstance() as unknown as {
      printRoutes(options: object): string;
    };
    const routed = routesIn(router.printRoutes({ commonPrefix: false })).filter(
      ({ path }) => !OPERATIONAL.test(path),
    );
    const described = operations.map(({ route }) => route.replaceAll(/\{(\w+)\}/g, ':$1'));
    expect(routed.map(({ method, path }) => `${method} ${path}`).toSorted()).toEqual(described.toSorted());
  });

  describe.each(operations)('$route', (operation) => {
    const { method, route, spec } = operation;
    const examples = examplesOf(spec['requestBody']).map(([, value]) => value);
    let person: Api;
    let path: string;
    beforeAll(async () => {
      person = await fit();
      path = await pathOf();
    });
    /** A person who may use the operation. */
    const fit = (): Promise<Api> =>
      operation.path.startsWith('/api/admin/')
        ? personWith(app, 'admin')
        : operation.path.endsWith('/received')
          ? personWith(app, 'coach')
          : app.api.register({ device_id: 'a1f4c8e2-phone' });

    const pathOf = async (id?: string): Promise<string> =>
      exampledPath(operation).replace(ID_PARAMETER, id ?? (await idFor(operation, person)));

    /** Sends a documented request and checks the answer like a generated client. */
    async function send(query: string, headers: Record<string, string>, example: unknown): Promise<Answer> {
      const body = await personal(person, example);
      await storeReferences(person, (body ?? {}) as Json);
      const answer = await (spec['security']?.length === 0 ? app.api : person)
        .with(headers)
        .send(method, path + query, body);
      const refusal = REFUSED[route]?.split(' ').find((status) => status === String(answer.status));
      const [status, documented] =
        refusal === undefined ? successOf(operation) : [refusal, responseOf(operation, refusal) ?? {}];
      expect([route, answer.body, answer.status]).toEqual([route, answer.body, Number(status)]);
      expectDocumented(documented, answer);
      return answer;
    }

    it('answers the example of every body and parameter with the documented success', async () => {
      for (const example of examples.length > 0 ? examples : [undefined]) {
        const { body } = await send(queryOf(await values('query', true)), {}, example);
        expect(body['rejected'] ?? []).toEqual([]);
        // The action is possible only once, so the next example needs another record.
        path = await pathOf();
      }
      const [query, headers] = [await values('query', false), await values('header', false)];
      if (Object.keys({ ...query, ...headers }).length > 0) await send(queryOf(query), headers, examples[0]);
    });

    const queryOf = (values: Json): string => `?${new URLSearchParams(values)}`;

    async function values(place: string, onlyRequired: boolean): Promise<Record<string, string>> {
      const all = parametersOf(operation);
      // The cursor of a list comes from an answer with the same filters; only that of a pull is for any list of kinds.
      const isList = !operation.path.startsWith('/api/sync/pull');
      const parameters = all.filter(
        (it) =>
          it['in'] === place &&
          (it['required'] === true || !onlyRequired) &&
          !(isList && it.name === 'cursor'),
      );
      const examples = parameters.map(({ name, schema }) => [
        name,
        String(schema.examples?.[0] ?? schema.default ?? resolve(schema)['enum']?.[0]),
      ]);
      return (await personal(person, Object.fromEntries(examples))) as Record<string, string>;
    }

    it('answers invalid requests as documented', async () => {
      const takesBody = spec['requestBody'] !== undefined;
      const takesId = operation.path.includes('{id}');
      const body = takesBody ? '{}' : undefined;
      const type = takesBody ? JSON_TYPE : {};
      const anonymous = app.api.with(type);
      const other = (await app.api.register()).with(type);
      const sent = [
        anonymous.send(method, path, body),
        anonymous.bearer('a.b.c').send(method, path, body),
        anonymous.bearer(signing).send(method, path, body),
        other.send(method, `${path}?owner_id=x`, body),
        ...(takesBody
          ? [
              other.send(method, path, '{"a":'),
              other.send(method, path, '{"unknown":1}'),
              other.send(method, path, { a: 'x'.repeat(1_100_000) }),
              other.with({ 'content-type': 'text/plain' }).send(method, path, 'a'),
            ]
          : []),
        ...(takesId ? [other.send(method, await pathOf('x'), body)] : []),
        ...(takesId ? [other.send(method, path, examples[0])] : []),
        ...(takesBody || takesId ? [] : [other.send(method, `${path}?limit=0&since=x`)]),
      ];
      for (const answer of await Promise.all(sent)) {
        const documented = responseOf(operation, String(answer.status));
        expect([route, answer.body, documented !== undefined]).toEqual([route, answer.body, true]);
        expectDocumented(documented ?? {}, answer);
        const codes = answer.status < 400 ? [] : [String(answer.body['type']).split('/').at(-1)];
        expect(examplesOf(documented).map(([name]) => name)).toEqual(expect.arrayContaining(codes));
      }
    });
  });

  it('accepts every example of a body unchanged, in the order of the document', async () => {
    const registration = examplesOf(operationOf('POST /api/auth/register').spec['requestBody'])[0]?.[1];
    const { status, body: account } = await app.api.post('/api/auth/register', registration);
    expect([201, 409]).toContain(status);
    // Ids in paths and tokens are the reader's own; bodies contain none.
    const person = await app.api.register();
    const signedIn = status === 201 ? app.api.bearer(account['access_token'] as string) : person;
    for (const operation of operations) {
      const { method, route, path, spec } = operation;
      const closes = route === 'DELETE /api/users/me' || path.startsWith('/api/admin/');
      if (closes || ID_PARAMETER.test(path)) continue;
      for (const [name, example] of examplesOf(spec['requestBody'])) {
        const api = spec['security']?.length === 0 ? app.api : signedIn;
        await storeReferences(signedIn, (example ?? {}) as Json);
        const answer = await api.send(method, exampledPath(operation), example);
        const shown = [route, name, answer.status, answer.body];
        expect([...shown, responseOf(operation, String(answer.status)) !== undefined]).toEqual([
          ...shown,
          true,
        ]);
        const mayBeRead = !INVALID.has(answer.status) || REFUSED[route]?.includes(String(answer.status));
        expect([...shown, mayBeRead]).toEqual([...shown, true]);
      }
    }
  });

  it('uses the documented defaults and ranges', async () => {
    const person = await app.api.register();
    const limit = parametersOf(operationOf(`GET ${WEIGHT}`)).find(({ name }) => name === 'limit')?.['schema'];
    const { body } = await person.get(WEIGHT);
    expect(body['pagination']).toEqual({ total: 0, limit: limit.default, offset: 0 });
    expect((await person.get(`${WEIGHT}?limit=${limit.maximum}`)).status).toBe(200);
    expect((await person.get(`${WEIGHT}?limit=${limit.maximum + 1}`)).status).toBe(422);
    expect((await person.get(`${WEIGHT}?limit=${limit.minimum - 1}`)).status).toBe(422);
  });

  it.each([
    ['PUT /api/health-metrics/weight/{id}', { unit: 'kg' }],
    ['PUT /api/health-metrics/weight/{id}', { weight_value: 70 }],
    ['POST /api/auth/challenge', { challenge: 'x' }],
    ['POST /api/auth/challenge', { challenge: 'x', code: '123456', recovery_code: 'x' }],
    ['DELETE /api/auth/totp', {}],
    ['DELETE /api/auth/totp', { code: '123456', recovery_code: 'x' }],
    ['POST /api/auth/recovery-codes', {}],
    ['POST /api/auth/identities', { provider: 'google' }],
    ['POST /api/auth/identities', { provider: 'google', id_token: 'x', code: 'x' }],
  ])('says which fields go together: %s refuses %j, as its schema does', async (route, body) => {
    const person = await app.api.register();
    const operation = operationOf(route);
    const path = operation.path.replace('{id}', await idFor(operation, person));
    expect((await person.send(operation.method, path, body)).status).toBe(422);
    expect(faultsOf(media(operation.spec['requestBody'])!['schema'], body)).not.toEqual([]);
  });

  it('answers 304 with the documented headers, and marks a replayed answer', async () => {
    const person = await app.api.register();
    const { headers } = await person.get(`${WEIGHT}/sync`);
    const again = await person.with({ 'if-none-match': headers.get('etag') ?? '' }).get(`${WEIGHT}/sync`);
    expect([again.status, again.body]).toEqual([304, '']);
    expectDocumented(responseOf(operationOf(`GET ${WEIGHT}/sync`), '304') ?? {}, again);
    const keyed = person.with({ 'idempotency-key': 'one' });
    expect((await keyed.post(WEIGHT, someWeight)).headers.get('idempotency-replayed')).toBeNull();
    expect((await keyed.post(WEIGHT, someWeight)).headers.get('idempotency-replayed')).toBe('true');
  });

  it('answers conflicts and refusals of every form as documented', async () => {
    const person = await app.api.register({ device_id: 'phone' });
    const entry = { local_id: 'a', weight_value: 70, unit: 'kg', timestamp: '2026-01-06T20:30:00Z' };
    await person.post(`${WEIGHT}/sync`, { entries: [{ ...entry, modified_at: '2026-01-07T00:00:00Z' }] });
    const entries = [
      { ...entry, weight_value: 71, modified_at: '2026-01-06T00:00:00Z' },
      { local_id: 'a', deleted: true, modified_at: '2026-01-05T00:00:00Z' },
      { local_id: 'never', deleted: true },
      'text',
      null,
      {},
      { ...entry, local_id: '' },
      { ...entry, local_id: 'x'.repeat(100) },
      { ...entry, local_id: 'b', weight_value: 1e9 },
      { ...entry, local_id: 'c', server_id: '019b9500-a0c8-7c2e-8f4d-2a9b7c6d5e10' },
    ];
    const { body } = await person.post(`${WEIGHT}/sync`, { entries });
    expect([body['conflicts'].length, body['synced'].length, body['rejected'].length]).toEqual([2, 1, 7]);
    const { schema } = media(responseOf(operationOf(`POST ${WEIGHT}/sync`), '200')) ?? {};
    expect(strictFaultsOf(schema, body)).toEqual([]);
  });
});
