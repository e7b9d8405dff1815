import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Answer, type Api } from '../support/api.js';
import { TestApp } from '../support/app.js';
import { hasDatabase } from '../support/database.js';
import { keepingNothing } from '../support/goals.js';
import { instantText } from '../../src/platform/database/database.js';
import { change, personWith } from '../support/people.js';
import {
  exampledPath,
  examplesOf,
  ID_PARAMETER,
  idFor,
  type Json,
  type Operation,
  operations,
  personal,
} from './openapi.support.js';

/**
 * Who may use an operation.
 *
 * - open: everybody, signed in or not.
 * - own: signed-in people; each uses only their own data.
 * - record: the owner of the record in the path; others get 404.
 * - coach: people with that role.
 * - admin: people with that role and a second factor.
 */
type For = 'open' | 'own' | 'record' | 'coach' | 'admin';

/**
 * All operations. A new one fails until it is listed here, or its controller declares it
 * with `@Shareable`: see {@link expectedOf}.
 */
const EXPECTED: Readonly<Record<string, For>> = {
  'POST /api/auth/register': 'open',
  'POST /api/auth/login': 'open',
  'POST /api/auth/refresh': 'open',
  'POST /api/auth/logout': 'open',
  'POST /api/auth/verify-email': 'open',
  'POST /api/auth/verify-email/resend': 'open',
  'POST /api/auth/confirm-email': 'open',
  'POST /api/auth/forgot-password': 'open',
  'POST /api/auth/reset-password': 'open',
  'POST /api/auth/challenge': 'open',
  'POST /api/auth/passkeys/sign-in/options': 'open',
  'POST /api/auth/passkeys/sign-in': 'open',
  'GET /api/auth/providers': 'open',
  'POST /api/auth/oauth/token': 'open',
  'POST /api/auth/{provider}': 'open',
  'GET /api/auth/{provider}': 'open',

  'POST /api/auth/reauth': 'own',
  'GET /api/auth/identities': 'own',
  'POST /api/auth/identities': 'own',
  'POST /api/auth/identities/start': 'own',
  'DELETE /api/auth/identities/{id}': 'record',
  'GET /api/auth/sessions': 'own',
  'DELETE /api/auth/sessions': 'own',
  'PUT /api/auth/sessions/current/push': 'own',
  'DELETE /api/auth/sessions/current/push': 'own',
  'DELETE /api/auth/sessions/{id}': 'record',
  'GET /api/auth/factors': 'own',
  'POST /api/auth/totp': 'own',
  'POST /api/auth/totp/confirm': 'own',
  'DELETE /api/auth/totp': 'own',
  'POST /api/auth/recovery-codes': 'own',
  'POST /api/auth/passkeys/options': 'own',
  'POST /api/auth/passkeys': 'own',
  'GET /api/auth/passkeys': 'own',
  'PATCH /api/auth/passkeys/{id}': 'record',
  'DELETE /api/auth/passkeys/{id}': 'record',
  'POST /api/api-keys': 'own',
  'GET /api/api-keys': 'own',
  'DELETE /api/api-keys/{id}': 'record',

  'GET /api/users/me': 'own',
  'PATCH /api/users/me': 'own',
  'DELETE /api/users/me': 'own',
  'POST /api/users/me/email': 'own',
  'PUT /api/users/me/password': 'own',
  'GET /api/users/me/access-log': 'own',
  'GET /api/users/me/usage': 'own',
  'POST /api/users/me/grants': 'own',
  'GET /api/users/me/grants': 'own',
  'GET /api/users/me/grants/received': 'coach',
  'DELETE /api/users/me/grants/{id}': 'record',

  'POST /api/meals': 'own',
  'GET /api/meals': 'own',
  'GET /api/meals/summary': 'own',
  'GET /api/meals/{id}': 'record',
  'PUT /api/meals/{id}': 'record',
  'DELETE /api/meals/{id}': 'record',
  'POST /api/health-metrics/weight': 'own',
  'GET /api/health-metrics/weight': 'own',
  'GET /api/health-metrics/weight/{id}': 'record',
  'PUT /api/health-metrics/weight/{id}': 'record',
  'DELETE /api/health-metrics/weight/{id}': 'record',
  'POST /api/health-metrics/weight/sync': 'own',
  'GET /api/health-metrics/weight/sync': 'own',
  'POST /api/imports': 'own',
  'GET /api/imports': 'own',
  'GET /api/imports/formats': 'own',
  'GET /api/imports/{id}': 'record',
  'POST /api/imports/{id}/start': 'record',
  'POST /api/imports/{id}/undo': 'record',
  'DELETE /api/sources/{source}': 'own',
  'GET /api/sources/deletions': 'own',
  'GET /api/sources/deletions/{id}': 'record',
  'POST /api/sources/deletions/{id}/undo': 'record',
  'GET /api/timeline': 'own',
  'GET /api/foods/recent': 'own',
  'GET /api/sync/pull': 'own',
  'POST /api/sync/push': 'own',
  'POST /api/sync/events': 'own',
  'GET /api/sync/status': 'own',
  'GET /api/sync/digest': 'own',
  'DELETE /api/sync/clients/{client_id}': 'record',
  'GET /api/sync/conflicts': 'own',
  'POST /api/sync/conflicts/{id}/resolve': 'record',

  'GET /api/admin/users': 'admin',
  'GET /api/admin/users/{id}': 'admin',
  'PATCH /api/admin/users/{id}': 'admin',
  'DELETE /api/admin/users/{id}': 'admin',
  'POST /api/admin/users/{id}/sign-out': 'admin',
  'POST /api/admin/users/{id}/reset-password': 'admin',
  'GET /api/admin/audit': 'admin',
  'GET /api/admin/outbox/dead': 'admin',
  'POST /api/admin/outbox/dead/retry': 'admin',
};

/** The API key scopes that allow an operation; empty if keys are not accepted. */
const scopesOf = ({ spec }: Operation): string[] =>
  ((spec['security'] ?? []) as Json[]).flatMap((one) => (one['api_key'] ?? []) as string[]);

/** A route with a declared resource uses a person's own data; with an id, one record of it. */
const declaredFor = (operation: Operation): For | undefined => {
  if (scopesOf(operation).length === 0) return undefined;
  return operation.path.includes('{id}') ? 'record' : 'own';
};

/** Whether the id of its record follows from the content. Who has made the same one has it, too. */
const isNamed = ({ path }: Operation): boolean => path.startsWith('/api/food-favorites/{');

const expectedOf = (operation: Operation): For | undefined =>
  EXPECTED[operation.route] ?? declaredFor(operation);

const refusals = new Set(['unauthenticated', 'insufficient-scope', 'forbidden', 'second-factor-required']);

/** The kinds of refusal; `in` is every other answer, including 422 for the example. */
const verdictOf = ({ status, body }: Answer): string => {
  const code = String((body as Json)['type'] ?? '')
    .split('/')
    .at(-1);
  const isRefusal = status === 404 || (status >= 500 && code !== 'provider-unavailable');
  return isRefusal || refusals.has(code ?? '') ? `${status} ${code}` : 'in';
};

const NOBODY = '401 unauthenticated';
const KEY = '403 insufficient-scope';
const NOTHING = '404 not-found';
const ROLE = '403 forbidden';
const verdicts: Readonly<Record<For, Readonly<Record<string, string>>>> = {
  open: { nobody: 'in', key: 'in', other: 'in', admin: 'in', owner: 'in' },
  own: { nobody: NOBODY, key: KEY, other: 'in', admin: 'in', owner: 'in' },
  record: { nobody: NOBODY, key: KEY, other: NOTHING, admin: NOTHING, owner: 'in' },
  coach: { nobody: NOBODY, key: KEY, other: ROLE, admin: ROLE, owner: ROLE },
  admin: { nobody: NOBODY, key: KEY, other: ROLE, admin: 'in', owner: ROLE },
};

describe.runIf(hasDatabase())('45: who may use which operation', () => {
  let app: TestApp;
  /** Used for all operations, until one of them deletes the account. */
  let other: Api;
  let admin: Api;
  const isThere = async (person: Api | undefined): Promise<boolean> =>
    (await person?.get('/api/users/me'))?.status === 200;
  beforeAll(async () => {
    app = await TestApp.start({
      env: { AUTH_REQUIRE_VERIFIED_EMAIL: 'false' },
      override: keepingNothing,
    });
  });
  afterAll(() => app.stop());

  it('every documented operation has an expectation, and no others are listed', () => {
    expect(operations.filter((it) => expectedOf(it) === undefined)).toEqual([]);
    const routes = new Set(operations.map(({ route }) => route));
    expect(Object.keys(EXPECTED).filter((route) => !routes.has(route))).toEqual([]);
  });

  it('the expectations of declared resources match this list', () => {
    const declared = operations.filter(({ route }) => EXPECTED[route] !== undefined);
    for (const operation of declared)
      expect([operation.route, declaredFor(operation) ?? EXPECTED[operation.route]]).toEqual([
        operation.route,
        EXPECTED[operation.route],
      ]);
  });

  /** Values of the path, with records of this owner. */
  async function idOf(operation: Operation, owner: Api): Promise<string> {
    if (operation.path.startsWith('/api/admin/')) return owner.userId;
    if (!operation.path.includes('/identities/')) return idFor(operation, owner);
    const [id, now] = [randomUUID(), instantText(new Date())];
    await change(
      app,
      `INSERT INTO identities (id, user_id, provider, issuer, subject, created_at, last_used_at)
       VALUES (?, ?, 'google', 'https://issuer.example', ?, ?, ?)`,
      [id, owner.userId, id, now, now],
    );
    return id;
  }

  /** A person with records that contain their name. */
  async function ownerOf(operation: Operation): Promise<{ owner: Api; path: string; marks: string[] }> {
    const mark = randomUUID();
    const owner = await app.api.register({ display_name: `name ${mark}`, device_id: 'a1f4c8e2-phone' });
    const at = { eaten_at: '2026-01-06T12:00:00Z', time_zone: 'UTC', meal_type: 'lunch' };
    await owner.post('/api/meals', { ...at, title: `meal ${mark}`, items: [] });
    const path = exampledPath(operation).replace(ID_PARAMETER, await idOf(operation, owner));
    return { owner, path, marks: [mark, owner.userId, owner.account['email'] as string] };
  }

  /** A key of this person without the needed scope. */
  async function keyOf(owner: Api, operation: Operation): Promise<Api> {
    const needed = new Set(scopesOf(operation));
    const scope = ['profile:read', 'meals:read'].find((it) => !needed.has(it));
    const { body } = await owner.post('/api/api-keys', { name: 'too little', scopes: [scope] });
    return app.api.bearer(body['key'] as string);
  }

  const query = ({ spec }: Operation): string => {
    const required = ((spec['parameters'] ?? []) as Json[]).filter(
      (it) => it['in'] === 'query' && it['required'],
    );
    const values = required.map(({ name, schema }) => `${name}=${schema.examples?.[0]}`);
    return values.length === 0 ? '' : `?${values.join('&')}`;
  };

  const rowsOf = async (userId: string): Promise<string> => {
    const tables = app.db.writer.entityMetadatas.filter(({ columns }) =>
      columns.some(({ databaseName }) => databaseName === 'user_id'),
    );
    const rows = tables.map(({ tableName }) =>
      app.db.rows(`SELECT * FROM ${tableName} WHERE user_id = ?`, [userId]),
    );
    return JSON.stringify(await Promise.all(rows));
  };

  it.each(operations.filter((it) => expectedOf(it) !== undefined))('45, 47: $route', async (operation) => {
    const whom = expectedOf(operation)!;
    const { owner, path, marks } = await ownerOf(operation);
    other = (await isThere(other)) && !isNamed(operation) ? other : await app.api.register();
    admin = (await isThere(admin)) && !isNamed(operation) ? admin : await personWith(app, 'admin');
    const key = await keyOf(owner, operation);
    const [example] = examplesOf(operation.spec['requestBody']);
    const send = async (as: Api, person: Api): Promise<Answer> =>
      as.send(operation.method, path + query(operation), example && (await personal(person, example[1])));

    const answers: Record<string, Answer> = { key: await send(key, owner) };
    const before = await rowsOf(owner.userId);
    answers['nobody'] = await send(app.api, other);
    answers['other'] = await send(other, other);
    if (whom !== 'admin') {
      answers['admin'] = await send(admin, admin);
      expect(await rowsOf(owner.userId)).toBe(before);
    }
    // Answers to others contain nothing of the owner; a problem repeats the requested path.
    for (const who of ['nobody', 'other', ...(whom === 'admin' ? [] : ['admin'])])
      for (const mark of marks)
        expect(JSON.stringify({ ...answers[who]!.body, instance: '' })).not.toContain(mark);
    answers['owner'] = await send(owner, owner);
    answers['admin'] ??= await send(admin, admin);
    const found = Object.fromEntries(
      Object.entries(answers).map(([who, answer]) => [who, verdictOf(answer)]),
    );
    expect(found).toEqual(verdicts[whom]);
  });
});
