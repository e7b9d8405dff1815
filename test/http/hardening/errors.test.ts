import { HttpException } from '@nestjs/common';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { QueryFailedError } from 'typeorm';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { type ErrorCode, errors, problemType } from '../../../src/kernel/http/errors.js';
import { UsersRepository } from '../../../src/modules/identity/users/users.repository.js';
import { DatabaseBusyError, DatabaseUnavailableError } from '../../../src/platform/database/errors.js';
import type { Answer, Api } from '../../support/api.js';
import { TestApp } from '../../support/app.js';
import { hasDatabase } from '../../support/database.js';
import { type Operation, operationsOf } from './operations.js';
import { codeOf, everyAnswer, recordAnswers, WEIGHT, weight } from './support.js';

const codes = Object.keys(errors) as ErrorCode[];

describe.runIf(hasDatabase())('72: errors', () => {
  let app: TestApp;
  let ada: Api;
  const answers = recordAnswers();
  beforeAll(async () => {
    app = await TestApp.start();
    ada = await app.api.register();
  });
  afterEach(() => void vi.restoreAllMocks());
  afterAll(() => app.stop());

  describe('72: unexpected errors', () => {
    const failWith = (error: unknown): void => {
      vi.spyOn(app.app.get(UsersRepository), 'find').mockImplementation(() => {
        throw error;
      });
    };
    const SECRETS = 'SELECT * FROM users WHERE email = ada@example.org at /srv/hale/src/users.ts';

    it('72: are answered with 500 and only the request id', async () => {
      const THROWN = [
        new Error(SECRETS),
        new TypeError(SECRETS),
        Object.assign(new Error(SECRETS), { code: 'EACCES', path: '/etc/passwd' }),
        Object.assign(new Error(SECRETS), { statusCode: 200 }),
        Object.assign(new Error(SECRETS), { statusCode: 500 }),
        Object.assign(new Error(SECRETS), { status: 418, statusCode: '404' }),
        new QueryFailedError(
          SECRETS,
          [SECRETS],
          Object.assign(new Error(SECRETS), { code: 'ER_DATA_TOO_LONG' }),
        ),
        new HttpException({ message: SECRETS, stack: SECRETS }, 418),
        new AggregateError([new Error(SECRETS)], SECRETS),
        SECRETS,
        undefined,
        null,
        42,
        { message: SECRETS, statusCode: 404 },
      ];
      for (const thrown of THROWN) {
        failWith(thrown);
        const answer = await ada.with({ 'x-request-id': 'request-of-the-test' }).get('/api/users/me');
        expect([String(thrown), answer.status, answer.body]).toEqual([
          String(thrown),
          500,
          {
            type: '/problems/internal',
            title: errors.internal.title,
            status: 500,
            instance: '/api/users/me',
            request_id: 'request-of-the-test',
          },
        ]);
      }
    });

    it('72: are answered with 503 and Retry-After if the database is busy or unavailable', async () => {
      const CASES = [
        [new DatabaseBusyError(SECRETS), 'busy'],
        [new DatabaseUnavailableError(SECRETS), 'unavailable'],
        [
          new QueryFailedError('x', [], Object.assign(new Error(SECRETS), { code: 'ER_LOCK_DEADLOCK' })),
          'busy',
        ],
        [new QueryFailedError('x', [], Object.assign(new Error(SECRETS), { code: 'SQLITE_BUSY' })), 'busy'],
        [
          new QueryFailedError('x', [], Object.assign(new Error(SECRETS), { code: 'ECONNREFUSED' })),
          'unavailable',
        ],
        [Object.assign(new Error(SECRETS), { code: 'PROTOCOL_CONNECTION_LOST' }), 'unavailable'],
      ] as const;
      for (const [thrown, code] of CASES) {
        failWith(thrown);
        const answer = await ada.get('/api/users/me');
        expect([answer.status, codeOf(answer)]).toEqual([503, code]);
        expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
        expect(JSON.stringify(answer.body)).not.toContain('SELECT');
      }
    });

    it('72: an answer that cannot be serialised is a 500 too', async () => {
      vi.spyOn(app.app.get(UsersRepository), 'find').mockResolvedValue({
        displayName: 1n,
        createdAt: new Date(),
      } as never);
      const answer = await ada.get('/api/users/me');
      expect([answer.status, codeOf(answer)]).toEqual([500, 'internal']);
      vi.spyOn(app.app.get(UsersRepository), 'find').mockResolvedValue({ createdAt: new Date(NaN) } as never);
      expect(codeOf(await ada.get('/api/users/me'))).toBe('internal');
    });

    it('72: the next request is answered', async () => {
      expect((await ada.get('/api/users/me')).status).toBe(200);
    });
  });

  describe('72: the request id', () => {
    it('72: a client’s own is used in the header and in the problem; an invalid one is replaced', async () => {
      const named = await ada.with({ 'x-request-id': 'phone-0001' }).get('/api/nothing');
      expect([named.headers.get('x-request-id'), named.body['request_id']]).toEqual([
        'phone-0001',
        'phone-0001',
      ]);
      for (const odd of [
        '',
        'short',
        'a'.repeat(65),
        'with space',
        '<script>alert(1)</script>',
        '../../etc/passwd',
        '{"a":"b"}',
        'semi;colon;',
      ])
        expect((await ada.with({ 'x-request-id': odd }).get('/api/nothing')).body['request_id']).toMatch(
          /^[0-9a-f-]{36}$/,
        );
    });

    it('72: is in every answer, and different each time', async () => {
      const ids = await Promise.all(
        Array.from({ length: 20 }, async () => (await ada.get('/api/users/me')).headers.get('x-request-id')),
      );
      expect(new Set(ids).size).toBe(20);
    });
  });

  it('72: refusals outside controllers are problems too', async () => {
    const ODD = [
      '/api',
      '/nothing',
      '/docs/nothing.js',
      '/docs/..%2f..%2fpackage.json',
      '/openapi.json/x',
      '/health',
      '/problems',
      '/favicon.ico',
    ];
    for (const path of ODD) {
      const answer = await app.api.get(path);
      expect([path, answer.headers.get('content-type')]).toEqual([
        path,
        'application/problem+json; charset=utf-8',
      ]);
      expect([path, answer.status, answer.body['status']]).toEqual([path, answer.status, answer.status]);
    }
  });

  describe('72: one catalogue', () => {
    it.each(codes)('72: /problems/%s is public and explains the code', async (code) => {
      const { status, body, headers } = await app.api.get(`/problems/${code}`);
      expect([status, body]).toEqual([200, { code, ...errors[code] }]);
      expect(headers.get('content-type')).toMatch(/^application\/json/);
      expect(errors[code].status).toBeGreaterThanOrEqual(400);
      for (const words of [errors[code].title, errors[code].about]) expect(words.length).toBeGreaterThan(10);
    });

    it('72: an unknown code is not found', async () => {
      for (const name of [
        'nothing',
        '__proto__',
        'constructor',
        'toString',
        'hasOwnProperty',
        '%00',
        'INTERNAL',
        ' internal',
      ])
        expect([name, (await app.api.get(`/problems/${name}`)).status]).toEqual([name, 404]);
    });

    it('72: the type of a problem is the URL of its explanation', () => {
      expect(new Set(codes.map(problemType)).size).toBe(codes.length);
      for (const code of codes.filter((it) => it !== 'rate-limited'))
        expect(problemType(code)).toBe(`/problems/${code}`);
      expect(problemType('rate-limited')).toBe(
        'https://iana.org/assignments/http-problem-types#quota-exceeded',
      );
    });

    it('72: every documented error is in the catalogue, with its status', async () => {
      const { body: document } = await app.api.get('/openapi.json');
      let seen = 0;
      for (const [path, methods] of Object.entries<Record<string, any>>(document['paths']))
        for (const [method, { responses }] of Object.entries(methods))
          for (const [status, { $ref }] of Object.entries<any>(responses).filter(([name]) =>
            /^[45]/.test(name),
          )) {
            const about = `${method} ${path} ${status}`;
            expect([about, $ref]).toEqual([about, expect.stringMatching(/^#\/components\/responses\//)]);
            const response = document['components'].responses[$ref.split('/').at(-1)];
            const content = response.content['application/problem+json'];
            expect([about, Object.keys(response.content)]).toEqual([about, ['application/problem+json']]);
            expect([about, content.schema.$ref]).toEqual([about, '#/components/schemas/Problem']);
            expect(Object.keys(content.examples).length).toBeGreaterThan(0);
            for (const [code, example] of Object.entries<any>(content.examples)) {
              const { value } = example.$ref
                ? document['components'].examples[example.$ref.split('/').at(-1)]
                : example;
              expect([about, code, errors[code as ErrorCode]?.status]).toEqual([about, code, Number(status)]);
              expect([about, value.type, value.title, value.status]).toEqual([
                about,
                problemType(code as ErrorCode),
                errors[code as ErrorCode].title,
                Number(status),
              ]);
              seen += 1;
            }
          }
      expect(seen).toBeGreaterThan(50);
    });

    it('72: every code in the source is in the catalogue, and every entry is thrown somewhere', () => {
      const source = (directory: string): string[] =>
        readdirSync(directory, { withFileTypes: true }).flatMap((file) =>
          file.isDirectory()
            ? source(join(directory, file.name))
            : file.name.endsWith('.ts')
              ? [join(directory, file.name)]
              : [],
        );
      // Documenting an error does not throw it.
      const files = source('src').filter((file) => !/kernel\/(openapi\/|http\/errors\.ts$)/.test(file));
      const text = files
        .map((file) => readFileSync(file, 'utf8').replace(/errors: \[[^\]]*\]/g, ''))
        .join('\n');
      const thrown = [...text.matchAll(/new Problem\(\s*'([^']+)'/g)].map(([, code]) => code!);
      expect(thrown.length).toBeGreaterThan(15);
      expect(thrown.filter((code) => !codes.includes(code as ErrorCode))).toEqual([]);
      expect(codes.filter((code) => !new RegExp(`'${code}'`).test(text))).toEqual([]);
    });

    it('72: an operation returns only documented errors', async () => {
      const operations = await operationsOf(app.api);
      const entry = (await ada.post(WEIGHT, weight)).body['id'] as string;
      const undocumented: string[] = [];
      const note = (operation: Operation, about: string, answer: Answer): void => {
        if (answer.status < 400) return;
        const { type } = answer.body;
        const code = codes.find((it) => problemType(it) === type);
        const { [String(answer.status)]: own = [], default: shared = [] } = operation.problems;
        if (!code || ![...own, ...shared].includes(code))
          undocumented.push(`${operation.id} ${about}: ${answer.status} ${String(type)}`);
      };
      for (const operation of operations) {
        const at = (id: string): string => operation.path.replace('{id}', id);
        const { method, body } = operation;
        const send = async (about: string, api: Api, path: string, content?: unknown): Promise<void> =>
          note(operation, about, await api.send(method, path, content));
        await send('without a token', app.api.with({ authorization: '' }), at(entry), body && {});
        await send('with garbage for a token', app.api.bearer('garbage'), at(entry), body && {});
        await send('with an id that is none', ada, at('x'), body && {});
        await send('with an id of nothing', ada, at('0199f3a2-6f57-7d3a-9a61-5d6a5b1f4c33'), body && {});
        await send('with a query', ada, `${at(entry)}?x=1&limit=-1&since=x`, body && {});
        await send('with a bad device', ada.device('a b'), at(entry), body && { entries: [weight] });
        await send('with a bad key', ada.with({ 'idempotency-key': 'k'.repeat(300) }), at(entry), body && {});
        if (!body) continue;
        await send('with nothing', ada, at(entry), {});
        await send('with half a body', ada, at(entry), '{');
        await send('with a huge body', ada, at(entry), ' '.repeat(1_048_577));
        await send('with text', ada.with({ 'content-type': 'text/plain' }), at(entry), 'x');
      }
      expect(undocumented).toEqual([]);
    });
  });

  everyAnswer(answers);
});
