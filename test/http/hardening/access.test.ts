import { JwtService } from '@nestjs/jwt';
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Tokens } from '../../../src/modules/identity/sessions/tokens.js';
import { type Api, PASSWORD } from '../../support/api.js';
import { TestApp } from '../../support/app.js';
import { hasDatabase } from '../../support/database.js';
import { personWith } from '../../support/people.js';
import { exampleOf, type Operation, operationsOf } from './operations.js';
import { codeOf, contents, everyAnswer, recordAnswers, SYNC, WEIGHT, weight } from './support.js';

describe.runIf(hasDatabase())('what a request may name and set', () => {
  let app: TestApp;
  let ada: Api;
  let eve: Api;
  let operations: Operation[];
  let entry: string;
  const answers = recordAnswers();
  beforeAll(async () => {
    app = await TestApp.start();
    [ada, eve] = await Promise.all([personWith(app, 'admin'), app.api.register()]);
    operations = await operationsOf(app.api);
    entry = (await ada.post(WEIGHT, weight)).body['id'];
  });
  afterAll(() => app.stop());

  /** A valid body for each operation, so that acceptance of an added field would show. */
  const valid = ({ id, body }: Operation): Record<string, unknown> => {
    const known: Record<string, Record<string, unknown>> = {
      register: { email: `${randomUUID()}@example.org` },
      login: { email: ada.account['email'] },
      refresh: { refresh_token: ada.account['refresh_token'] },
      logout: { refresh_token: ada.account['refresh_token'] },
      updateProfile: { display_name: 'Eve' },
      updateWeight: { weight_value: 80, unit: 'kg' },
    };
    return { ...exampleOf(body!), ...known[id] };
  };

  describe('49: invalid ids', () => {
    const IDS = [
      'undefined',
      'null',
      '0',
      '-1',
      '%00',
      'NaN',
      '[object%20Object]',
      '%20',
      '..%2f..',
      '%F0%9F%92%A5',
      '%ff',
      '*',
      "'%20OR%201=1--",
    ];
    const NIL = '00000000-0000-0000-0000-000000000000';

    it('49: answer 4xx on every route with an id, and reach no row of others', async () => {
      const before = await contents(app.db);
      const withId = operations.filter(({ path }) => path.includes('{id}'));
      expect(withId.length).toBeGreaterThanOrEqual(4);
      const wrong: string[] = [];
      for (const operation of withId)
        for (const id of [...IDS, NIL]) {
          const { status } = await ada.send(
            operation.method,
            operation.at(id),
            operation.body && valid(operation),
          );
          if (![400, 404, 422].includes(status))
            wrong.push(`${operation.method} ${operation.path} with ${id}: ${status}`);
        }
      expect(wrong).toEqual([]);
      expect(await contents(app.db)).toEqual(before);
    });

    it('49: another user’s id in the query does not change whose rows are used', async () => {
      for (const name of ['userId', 'user_id', 'owner', 'sub']) {
        const list = await eve.get(`${WEIGHT}?${name}=${ada.userId}`);
        expect([list.status, codeOf(list)]).toEqual([422, 'validation']);
        expect((await eve.get(`${SYNC}?${name}=${ada.userId}`)).status).toBe(422);
        expect((await eve.get(`${WEIGHT}/${entry}?${name}=${ada.userId}`)).status).toBe(404);
        expect((await eve.get(`/api/users/me?${name}=${ada.userId}`)).body['id']).toBe(eve.userId);
      }
    });

    it('49: an access token without a valid subject or session is refused, even if it is signed', async () => {
      const tokens = app.app.get(Tokens);
      const [, payload = ''] = ada.headers['authorization']!.split('.');
      const claims = JSON.parse(Buffer.from(payload, 'base64url').toString()) as Record<string, unknown>;
      const sign = (changes: Record<string, unknown>): string =>
        new JwtService().sign(JSON.parse(JSON.stringify({ ...claims, ...changes })), {
          secret: tokens.accessKeys[0] as unknown as Buffer,
          algorithm: 'HS256',
          header: { alg: 'HS256', typ: 'at+jwt' },
        });
      expect((await ada.bearer(sign({})).get('/api/users/me')).status).toBe(200);
      const wrong: string[] = [];
      for (const claim of ['sub', 'sid'])
        for (const value of [
          undefined,
          null,
          0,
          -1,
          '',
          'undefined',
          'null',
          'NaN',
          '\u0000',
          NIL,
          [claims[claim]],
          { id: claims[claim] },
        ]) {
          // This library does not sign a subject that is not a string: such a token cannot exist.
          let token: string;
          try {
            token = sign({ [claim]: value });
          } catch {
            continue;
          }
          const { status } = await ada.bearer(token).get('/api/users/me');
          if (status !== 401) wrong.push(`${claim}=${JSON.stringify(value)}: ${status}`);
        }
      expect(wrong).toEqual([]);
    });
  });

  describe('51: fields that nobody may set', () => {
    const EXTRAS = [
      'id',
      'userId',
      'user_id',
      'role',
      'roles',
      'isAdmin',
      'is_admin',
      'emailVerified',
      'email_verified',
      'mfaEnabled',
      'plan',
      'createdAt',
      'created_at',
      'updated_at',
      'version',
      'deletedAt',
      'deleted_at',
      'password_hash',
      'seq',
      'weight_kg',
      'modified_by',
      'revoked_at',
      'absolute_expires_at',
      'confirmed_counter',
    ];

    it('51: every write refuses each of them by name, and changes nothing', async () => {
      const before = await contents(app.db);
      const writes = operations.filter(({ body }) => body);
      expect(writes.map(({ id }) => id)).toEqual(
        expect.arrayContaining(['register', 'createWeight', 'updateWeight', 'pushWeights']),
      );
      const wrong: string[] = [];
      for (const operation of writes)
        for (const name of EXTRAS.filter((extra) => !(extra in operation.body!.properties!))) {
          const path = operation.at(entry);
          const answer = await ada.send(operation.method, path, { ...valid(operation), [name]: 'admin' });
          const fields = (answer.body['errors'] ?? []) as { field: string; code: string }[];
          const isNamed = fields.some(({ field, code }) => field === name && code === 'unknown-field');
          if (answer.status !== 422 || !isNamed) wrong.push(`${operation.id} with ${name}: ${answer.status}`);
        }
      expect(wrong).toEqual([]);
      expect(await contents(app.db)).toEqual(before);
    });

    it('51: an entry of a sync refuses each of them by name, and is not stored', async () => {
      const before = await contents(app.db);
      const known = operations.find(({ id }) => id === 'pushWeights')!.body!.properties!['entries']!.items!
        .properties!;
      for (const name of EXTRAS.filter((extra) => !(extra in known))) {
        const { status, body } = await ada.post(SYNC, {
          entries: [{ local_id: 'one', ...weight, [name]: 'admin' }],
        });
        expect([name, status, body['synced']]).toEqual([name, 200, []]);
        expect(body['rejected']).toEqual([
          { local_id: 'one', code: 'unknown-field', field: name, message: expect.any(String) },
        ]);
      }
      expect(await contents(app.db)).toEqual(before);
    });

    it('51: keys that reach a prototype are refused at any depth', async () => {
      const before = await contents(app.db);
      const HOSTILE = [
        '"__proto__":{"role":"admin"}',
        '"constructor":{"prototype":{"role":"admin"}}',
        '"\\u005f_proto__":{"polluted":1}',
        '"prototype":{}',
      ];
      const wrong: string[] = [];
      for (const operation of operations.filter(({ body }) => body))
        for (const hostile of HOSTILE) {
          const body = JSON.stringify(valid(operation));
          const places = [body.replace('{', `{${hostile},`), body.replace('{', `{"x":[{"y":{${hostile}}}],`)];
          for (const place of places) {
            const answer = await ada.send(operation.method, operation.at(entry), place);
            if (answer.status !== 400) wrong.push(`${operation.id} with ${hostile}: ${answer.status}`);
          }
        }
      expect(wrong).toEqual([]);
      expect(await contents(app.db)).toEqual(before);
      expect(({} as Record<string, unknown>)['role']).toBeUndefined();
      expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
    });

    it('51: nobody became an admin', async () => {
      for (const path of ['/api/admin/users', '/api/admin/audit'])
        expect((await eve.get(`${path}?reason=support`)).status).toBe(403);
    });
  });

  describe('55: caching', () => {
    it('55: no answer to a signed-in person may be stored by a shared cache', async () => {
      const get = operations.filter(({ method, isPublic }) => method === 'GET' && !isPublic);
      const seen = await Promise.all([
        ...get.map(({ at }) => ada.get(at(entry))),
        ...get.map(({ at }) => app.api.get(at(entry))),
        ada.post(WEIGHT, weight),
        ada.post(WEIGHT, {}),
        ada.get('/api/nothing'),
        app.api.post('/api/auth/login', { email: ada.account['email'], password: PASSWORD }),
      ]);
      for (const { status, headers } of seen) {
        const control = headers.get('cache-control') ?? '';
        const isPrivate = /\bprivate\b/.test(control) && /\bauthorization\b/i.test(headers.get('vary') ?? '');
        expect([status, control, isPrivate || /\bno-store\b/.test(control)]).toEqual([status, control, true]);
      }
    });

    it('55: a revalidated pull stays private', async () => {
      const first = await ada.get(SYNC);
      const second = await ada.with({ 'if-none-match': first.headers.get('etag')! }).get(SYNC);
      expect(second.status).toBe(304);
      expect(second.headers.get('cache-control')).toMatch(/private/);
      expect(second.headers.get('vary')).toMatch(/Authorization/);
      // Another person with the same tag gets their own answer.
      const other = await eve.with({ 'if-none-match': first.headers.get('etag')! }).get(SYNC);
      expect(JSON.stringify(other.body)).not.toContain(entry);
    });

    it('55: a path that looks like a static file returns no personal data', async () => {
      for (const path of [
        '/api/users/me/x.css',
        '/api/users/me.css',
        '/api/users/me%2fx.css',
        '/api/users/me;x.css',
        '/api/users/me/',
        '//api/users/me',
      ]) {
        const { status, body } = await ada.get(path);
        expect([path, status]).toEqual([path, 404]);
        expect(JSON.stringify(body)).not.toContain(ada.account['email']);
      }
    });
  });

  everyAnswer(answers);
});
