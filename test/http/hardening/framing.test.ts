import type { Server } from 'node:http';
import { connect, type Socket } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { ArrivalLimits } from '../../../src/kernel/throttle/arrival-limits.js';
import type { Api } from '../../support/api.js';
import { TestApp } from '../../support/app.js';
import { hasDatabase } from '../../support/database.js';
import { processorTime } from '../../support/processor-time.js';
import {
  codeOf,
  contents,
  everyAnswer,
  exchange,
  recordAnswers,
  request,
  SYNC,
  WEIGHT,
  weight,
} from './support.js';

const LIMIT = 1_048_576;
const CRLF = '\r\n';

describe.runIf(hasDatabase())('reading of requests', () => {
  let app: TestApp;
  let ada: Api;
  let headers: Record<string, string>;
  const answers = recordAnswers();
  beforeAll(async () => {
    app = await TestApp.start();
    ada = await app.api.register();
    headers = { authorization: ada.headers['authorization']!, 'content-type': 'application/json' };
  });
  afterAll(() => app.stop());

  /** The statuses of the answers to raw bytes. */
  const statuses = async (bytes: string | Buffer): Promise<number[]> =>
    (await exchange(app.url, bytes)).answers.map(({ status }) => status);
  const post = (body: string | Buffer, changes: Record<string, string> = {}, path = WEIGHT): Buffer =>
    request('POST', path, { ...headers, ...changes }, body);
  /** The server's side of the next connection. */
  const nextConnection = (): Promise<Socket> =>
    new Promise((resolve) => app.app.getHttpServer().once('connection', resolve));

  describe('58: framing', () => {
    const text = JSON.stringify(weight);

    it('58: a body that is not JSON is malformed, and stores nothing', async () => {
      const before = await contents(app.db);
      const MALFORMED = [
        '{',
        '}',
        '[',
        '"',
        '{"a"',
        '{"a":',
        '{"a":1',
        '{a:1}',
        "{'a':1}",
        '[1,]',
        '{"a":1,}',
        '{,}',
        '{"a" 1}',
        'NaN',
        'undefined',
        'Infinity',
        'tru',
        '01',
        '.5',
        '1.',
        '+1',
        '0x10',
        '--1',
        '1e',
        '{"a":+1}',
        '"\u0001"',
        '"\\x"',
        '"\\u12"',
        '{}{}',
        '{} x',
        '/* */ {}',
        '{"a":1}//',
        '<a/>',
        'a=1',
        ' ',
        '\u00a0',
        text.slice(0, -1),
        text.slice(1),
      ];
      for (const body of MALFORMED) expect([body, await statuses(post(body))]).toEqual([body, [400]]);
      expect(await contents(app.db)).toEqual(before);
    });

    it('58: bytes that are not UTF-8 without BOM are malformed', async () => {
      const bytes = (...values: number[]) =>
        Buffer.concat([Buffer.from('{"unit":"'), Buffer.from(values), Buffer.from('"}')]);
      const WRONG = {
        'UTF-16 LE': Buffer.from(text, 'utf16le'),
        'UTF-16 LE with BOM': Buffer.from(`\ufeff${text}`, 'utf16le'),
        'UTF-16 BE': Buffer.from(text, 'utf16le').swap16(),
        'UTF-32 LE': Buffer.from([...text].flatMap((character) => [character.charCodeAt(0), 0, 0, 0])),
        BOM: Buffer.from(`\ufeff${text}`),
        'a lone continuation': bytes(0x80),
        'an overlong slash': bytes(0xc0, 0xaf),
        'an encoded surrogate': bytes(0xed, 0xa0, 0x80),
        'beyond Unicode': bytes(0xf5, 0x80, 0x80, 0x80),
        'a cut sequence': bytes(0xe2, 0x82),
        'Latin 1': Buffer.from('{"unit":"é"}', 'latin1'),
      };
      for (const [name, body] of Object.entries(WRONG))
        expect([name, await statuses(post(body))]).toEqual([name, [400]]);
      expect(
        await statuses(
          post(Buffer.from(text, 'utf16le'), { 'content-type': 'application/json; charset=utf-16' }),
        ),
      ).toEqual([400]);
    });

    it('58: a duplicate key in one object is malformed, at any depth and in any spelling', async () => {
      const TWICE = [
        text.replace('{', '{"unit":"lb",'),
        text.replace('{', '{"\\u0075nit":"lb",'),
        '{"a":{"b":1,"b":1}}',
        '{"a":[{"b":1},{"b":1,"c":{},"b":2}]}',
        '{"":1,"":2}',
      ];
      for (const body of TWICE) expect([body, await statuses(post(body))]).toEqual([body, [400]]);
      // The same key in two objects is valid.
      expect(await statuses(post('{"entries":[{"local_id":"a"},{"local_id":"b"}]}', {}, SYNC))).toEqual([
        200,
      ]);
    });

    it('58: an empty body is refused, with a content type and without', async () => {
      expect(await statuses(post('', { 'content-length': '0' }))).toEqual([400]);
      expect(
        await statuses(
          request('POST', WEIGHT, { authorization: headers['authorization']!, 'content-length': '0' }),
        ),
      ).toEqual([422]);
      expect(await statuses(request('POST', WEIGHT, { authorization: headers['authorization']! }))).toEqual([
        422,
      ]);
      expect(
        await statuses(
          request('POST', WEIGHT, { ...headers, 'transfer-encoding': 'chunked' }, '').toString() +
            `0${CRLF}${CRLF}`,
        ),
      ).toEqual([400]);
    });

    it('58: only JSON is read', async () => {
      const { 'content-type': _, ...bare } = headers;
      expect(await statuses(request('POST', WEIGHT, bare, text))).toEqual([415]);
      const TYPES = [
        'text/plain',
        'text/json',
        'application/x-www-form-urlencoded',
        'multipart/form-data; boundary=x',
        'application/xml',
        'application/octet-stream',
        'application/jsonp',
        'json',
        ';;;',
        '*/*',
        'application/json, text/plain',
      ];
      for (const type of TYPES)
        expect([type, await statuses(post(text, { 'content-type': type }))]).toEqual([type, [415]]);
      for (const type of ['application/json', 'application/json;charset=UTF-8', 'Application/JSON'])
        expect([type, await statuses(post(text, { 'content-type': type }))]).toEqual([type, [201]]);
    });

    it('58: a message with two lengths is refused, and nothing after it is read as a request', async () => {
      const smuggled = `GET /health/live HTTP/1.1${CRLF}host: x${CRLF}${CRLF}`;
      const start = `POST ${WEIGHT} HTTP/1.1${CRLF}host: x${CRLF}authorization: ${headers['authorization']}${CRLF}content-type: application/json${CRLF}`;
      const AMBIGUOUS = {
        'CL and TE': `content-length: 5${CRLF}transfer-encoding: chunked${CRLF}${CRLF}0${CRLF}${CRLF}`,
        'TE and CL': `transfer-encoding: chunked${CRLF}content-length: 5${CRLF}${CRLF}0${CRLF}${CRLF}`,
        'two CL': `content-length: 2${CRLF}content-length: 40${CRLF}${CRLF}{}`,
        'a list of CL': `content-length: 2, 40${CRLF}${CRLF}{}`,
        'negative CL': `content-length: -1${CRLF}${CRLF}`,
        'CL in hex': `content-length: 0x10${CRLF}${CRLF}{}`,
        'CL with sign': `content-length: +2${CRLF}${CRLF}{}`,
        'huge CL': `content-length: 99999999999999999999999${CRLF}${CRLF}{}`,
        'unknown TE': `transfer-encoding: gzip${CRLF}${CRLF}{}`,
        'chunked not last': `transfer-encoding: chunked, identity${CRLF}${CRLF}{}`,
        'TE twice': `transfer-encoding: chunked${CRLF}transfer-encoding: identity${CRLF}${CRLF}0${CRLF}${CRLF}`,
        'no chunk size': `transfer-encoding: chunked${CRLF}${CRLF}x${CRLF}${CRLF}`,
        'negative chunk': `transfer-encoding: chunked${CRLF}${CRLF}-1${CRLF}${CRLF}`,
        'bare LF': `content-length: 2\n\n{}`,
        'space before the colon': `content-length : 2${CRLF}${CRLF}{}`,
        'NUL in a header': `x: a\0b${CRLF}content-length: 2${CRLF}${CRLF}{}`,
        'a folded header': `x: a${CRLF} b${CRLF}content-length: 2${CRLF}${CRLF}{}`,
        'a header without name': `: a${CRLF}content-length: 2${CRLF}${CRLF}{}`,
      };
      for (const [name, rest] of Object.entries(AMBIGUOUS)) {
        const { answers: got, closed } = await exchange(app.url, start + rest + smuggled, {
          untilClosed: true,
        });
        expect([name, got.map(({ status }) => status), closed]).toEqual([name, [400], true]);
      }
    });

    it('58: an invalid request line is refused', async () => {
      const LINES = [
        'GET',
        'GET / HTTP/3.0',
        'GET / HTTP/1.1x',
        'get / HTTP/1.1',
        'GET / FTP/1.1',
        '\x16\x03\x01\x02\x00',
        'PRI * HTTP/2.0',
        ' GET / HTTP/1.1',
        'GET /\xff\x00 HTTP/1.1',
      ];
      for (const line of LINES) {
        const { answers: got, closed } = await exchange(app.url, `${line}${CRLF}host: x${CRLF}${CRLF}`, {
          untilClosed: true,
        });
        expect([line, got.map(({ status }) => status), closed]).toEqual([line, [400], true]);
      }
      expect(await statuses(`GET /api/users/me HTTP/1.1${CRLF}${CRLF}`)).toEqual([400]);
      expect(await statuses(`GET /api/users/me HTTP/1.0${CRLF}${CRLF}`)).toEqual([401]);
    });

    it('58: a path that cannot be decoded is malformed', async () => {
      for (const path of ['/%', '/%zz', '/api/%c0%af', `${WEIGHT}/%ff`, '/docs/%', '/api/users/%E0%A4%A']) {
        const got = await ada.get(path);
        expect([path, got.status, codeOf(got)]).toEqual([path, 400, 'malformed-request']);
      }
    });

    it('58: an address that is no path is malformed, and answered with the headers of every answer', async () => {
      for (const [method, address, status] of [
        ['OPTIONS', '*', 204],
        ['GET', '*', 400],
        ['GET', 'http://host', 400],
        ['GET', 'ftp://host/api', 400],
        ['GET', '/%zz', 400],
      ] as const) {
        const got = (await exchange(app.url, request(method, address))).answers[0];
        const names = ['x-request-id', 'x-content-type-options', 'cache-control'];
        expect([method, address, got?.status, names.map((name) => got?.headers.get(name))]).toEqual([
          method,
          address,
          status,
          [expect.stringMatching(/./), 'nosniff', 'no-store'],
        ]);
      }
    });

    it('58: unsupported methods are refused', async () => {
      for (const method of ['TRACE', 'PROPFIND', 'SEARCH', 'LOCK', 'MKCOL', 'PURGE', 'REPORT'])
        expect([method, await statuses(request(method, '/api/users/me', headers))]).toEqual([method, [405]]);
      for (const method of ['FOO', 'TRACK', 'DEBUG', 'G', 'GETT', 'GET,POST'])
        expect([method, await statuses(request(method, '/api/users/me', headers))]).toEqual([method, [400]]);
      expect(await statuses(request('CONNECT', 'db.internal:3306', headers))).toEqual([405]);
      expect(await statuses(request('CONNECT', '/api/users/me', headers))).not.toContain(200);
    });

    it('58: a client that asks for a tunnel and resets the connection ends nothing but the connection', async () => {
      const server = app.app.getHttpServer() as Server;
      const { hostname, port } = new URL(app.url);
      for (let count = 0; count < 20; count++) {
        const client = connect({ host: hostname, port: Number(port) });
        const closed = new Promise((resolve) => {
          server.prependOnceListener('connect', (_request, socket: Socket) => {
            socket.once('close', resolve);
            // Before the answer is written.
            client.resetAndDestroy();
          });
        });
        client.write(request('CONNECT', 'a:1', headers));
        await closed;
      }
      expect((await ada.get('/api/users/me')).status).toBe(200);
    });

    it('58: the answer about a tunnel is not taken for that of an earlier request', async () => {
      const tunnel = request('CONNECT', 'a:1', headers);
      const both = Buffer.concat([request('GET', '/api/users/me', headers), tunnel]);
      const { answers, closed } = await exchange(app.url, both, { untilClosed: true });
      expect([answers.map(({ status }) => status).filter((status) => status !== 200), closed]).toEqual([
        [],
        true,
      ]);
    });

    it('58: requests that are sent far ahead of their answers close the connection, and are not executed', async () => {
      const pipelined = (count: number): Buffer =>
        Buffer.concat(Array.from({ length: count }, () => request('GET', '/api/users/me', headers)));
      const { answers } = await exchange(app.url, pipelined(32), { answers: 32 });
      expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 32 }, () => 200));
      const handled: string[] = [];
      const { check } = ArrivalLimits.prototype;
      vi.spyOn(ArrivalLimits.prototype, 'check').mockImplementation(function (this: ArrivalLimits, ...sent) {
        handled.push(sent[0].url);
        return check.apply(this, sent);
      });
      expect(await exchange(app.url, pipelined(300), { untilClosed: true })).toMatchObject({ closed: true });
      expect(handled).toHaveLength(32);
      vi.restoreAllMocks();
    });

    it('58: a method in a header or in the query is ignored', async () => {
      const { id } = (await ada.post(WEIGHT, weight)).body as { id: string };
      for (const name of ['x-http-method-override', 'x-method-override', 'x-http-method'])
        await ada.with({ [name]: 'DELETE' }).get(`${WEIGHT}/${id}`);
      await ada.get(`${WEIGHT}/${id}?_method=DELETE`);
      expect((await ada.get(`${WEIGHT}/${id}`)).status).toBe(200);
    });

    it('58: an unknown expectation or upgrade is ignored', async () => {
      expect(await statuses(post(text, { expect: 'banana' }))).toEqual([201]);
      expect(
        await statuses(
          request('GET', '/api/users/me', { ...headers, connection: 'Upgrade', upgrade: 'websocket' }),
        ),
      ).toEqual([200]);
      expect(
        await statuses(
          request('GET', '/api/users/me', {
            ...headers,
            connection: 'Upgrade, HTTP2-Settings',
            upgrade: 'h2c',
            'http2-settings': 'AAMAAABk',
          }),
        ),
      ).toEqual([200]);
      expect(await statuses(request('OPTIONS', '/api/users/me'))).toEqual([204]);
    });

    it('58: a truncated body stores nothing', async () => {
      const before = await contents(app.db);
      const bytes =
        request('POST', WEIGHT, { ...headers, 'content-length': String(text.length) }).toString() +
        text.slice(0, -5);
      const { answers: got } = await exchange(app.url, bytes, {
        untilClosed: true,
        onWritten: (socket) => socket.end(),
      });
      expect(got.filter(({ status }) => status < 400)).toEqual([]);
      expect(await contents(app.db)).toEqual(before);
    });

    it('58: a refused connection is closed although its client stays connected', async () => {
      const { port } = new URL(app.url);
      for (const bytes of ['GARBAGE\r\n\r\n', `GET / HTTP/1.1\r\nx: ${'a'.repeat(20_000)}\r\n\r\n`]) {
        const accepted = nextConnection();
        const client = connect({ host: '127.0.0.1', port: Number(port), allowHalfOpen: true });
        client.on('error', () => undefined).resume();
        client.write(bytes);
        const socket = await accepted;
        // The time limit for its headers would close it too, with an answer.
        let answer = '';
        client.on('data', (chunk) => (answer += String(chunk)));
        await new Promise((resolve) => socket.once('close', resolve));
        expect(answer).not.toContain('408');
        client.destroy();
      }
    });
  });

  describe('59: depth', () => {
    const nested = {
      arrays: (depth: number) => '['.repeat(depth) + ']'.repeat(depth),
      objects: (depth: number) => '{"a":'.repeat(depth - 1) + '{}' + '}'.repeat(depth - 1),
    };

    it.each(Object.entries(nested))(
      '59: %s nested 33, 5 000 and 200 000 levels deep are refused quickly',
      async (_, write) => {
        for (const depth of [33, 5_000, write(200_000).length < LIMIT ? 200_000 : 150_000])
          for (const path of [WEIGHT, SYNC, '/api/auth/login'])
            for (const body of [write(depth), `{"entries":[${write(depth - 2)}]}`, '['.repeat(depth)]) {
              const spent = await processorTime(async () => {
                const got = await ada.post(path, body);
                expect([depth, got.status, codeOf(got)]).toEqual([depth, 400, 'malformed-request']);
              });
              expect(spent).toBeLessThan(1_000);
            }
        // 32 levels are read, and then validated.
        expect((await ada.post(WEIGHT, write(32))).status).toBe(422);
      },
    );

    it('59: brackets in a text do not count as depth', async () => {
      const { status, body } = await ada.patch('/api/users/me', { display_name: '[[{{"\\'.repeat(14) });
      expect([status, body['display_name']]).toEqual([200, '[[{{"\\'.repeat(14)]);
    });

    it('59: depth in the query is refused as well', async () => {
      for (const [depth, status] of [
        [33, 422],
        [600, 422],
        [5_000, 414],
        [200_000, 431],
      ] as const)
        for (const query of [`a${'[b]'.repeat(depth)}=1`, '['.repeat(depth * 3)])
          expect([depth, await statuses(request('GET', `${WEIGHT}?${query}`, headers))]).toEqual([
            depth,
            [query.length > 4_000 && depth < 5_000 ? 414 : query.length > 16_000 ? 431 : status],
          ]);
    });
  });

  describe('60: size', () => {
    const padded = (size: number): string => JSON.stringify(weight).padEnd(size);

    it('60: 1 MiB is accepted, one byte more is not', async () => {
      expect((await ada.post(WEIGHT, padded(LIMIT))).status).toBe(201);
      const refused = await ada.post(WEIGHT, padded(LIMIT + 1));
      expect([refused.status, codeOf(refused)]).toEqual([413, 'payload-too-large']);
    });

    it('60: an announced gigabyte is refused before it is read', async () => {
      const accepted = nextConnection();
      const bytes = request('POST', WEIGHT, { ...headers, 'content-length': String(2 ** 30) });
      const { answers: got, closed } = await exchange(app.url, bytes, { untilClosed: true });
      expect([got.map(({ status }) => status), closed]).toEqual([[413], true]);
      expect((await accepted).bytesRead).toBe(bytes.length);
    });

    it('60: an endless body is cut before twice the limit', async () => {
      const chunk = `10000${CRLF}${'a'.repeat(65_536)}${CRLF}`;
      for (const path of [WEIGHT, '/api/auth/login', '/api/nothing']) {
        const accepted = nextConnection();
        const start = request('POST', path, { ...headers, 'transfer-encoding': 'chunked' });
        const { answers: got, closed } = await exchange(app.url, start, {
          untilClosed: true,
          onWritten: (socket) => {
            const more = (): void => void (socket.writable && socket.write(chunk, more));
            more();
          },
        });
        expect([path, got.map(({ status }) => status), closed]).toEqual([path, [413], true]);
        expect((await accepted).bytesRead).toBeLessThan(2 * LIMIT);
      }
    });

    it('60: an encoded body is not decoded', async () => {
      const bomb = gzipSync(Buffer.alloc(100 * LIMIT, ' '));
      for (const encoding of ['gzip', 'deflate', 'br', 'zstd', 'identity', 'gzip, gzip', 'x'])
        expect([encoding, await statuses(post(bomb, { 'content-encoding': encoding }))]).toEqual([
          encoding,
          [415],
        ]);
    });

    it('60: headers of 100 KB are refused, in one piece or in many', async () => {
      for (const more of [
        { x: 'a'.repeat(100_000) },
        Object.fromEntries(Array.from({ length: 5_000 }, (_, index) => [`x-${index}`, 'aaaaaaaaaa'])),
        { authorization: `Bearer ${'a'.repeat(100_000)}` },
        { cookie: 'a=b; '.repeat(20_000) },
      ]) {
        const { answers: got, closed } = await exchange(
          app.url,
          request('GET', '/api/users/me', { ...headers, ...more }),
          { untilClosed: true },
        );
        expect([got.map((answer) => [answer.status, codeOf(answer)]), closed]).toEqual([
          [[431, 'headers-too-large']],
          true,
        ]);
      }
    });

    it('60: a URL of 8 KB is refused, wherever it is long', async () => {
      const long = 'a'.repeat(8_192);
      for (const path of [
        `/${long}`,
        `${WEIGHT}/${long}`,
        `${WEIGHT}?since=${long}`,
        `/api/auth/sessions/${long}`,
        `/docs/${long}`,
      ]) {
        const { answers: got } = await exchange(app.url, request('GET', path, headers));
        expect([path.slice(0, 40), got.map(({ status }) => status)]).toEqual([path.slice(0, 40), [414]]);
      }
      expect(await statuses(request('GET', `/${'a'.repeat(100_000)}`, headers))).toEqual([431]);
    });

    it('60: an id of 4 000 characters is invalid', async () => {
      expect((await ada.get(`${WEIGHT}/${'a'.repeat(4_000)}`)).status).toBe(422);
      expect((await app.api.get(`/problems/${'a'.repeat(4_000)}`)).status).toBe(404);
    });
  });

  describe('61: the query', () => {
    it('61: anything but known, plain, single values is refused by name', async () => {
      const QUERIES: Record<string, string> = {
        [`${'a[]=&'.repeat(800)}`]: 'a[]',
        [`a${'[b][c]'.repeat(500)}=1`]: `a${'[b][c]'.repeat(500)}`,
        'a=1&a=2': 'a',
        'limit=1&limit=2': 'limit',
        'limit[]=1': 'limit[]',
        'limit[$gt]=1': 'limit[$gt]',
        'limit.x=1': 'limit.x',
        'limit=1e9': 'limit',
        'limit=1000000000': 'limit',
        'limit=501': 'limit',
        'limit=0': 'limit',
        'limit=-1': 'limit',
        'limit=': 'limit',
        'limit=%20': 'limit',
        'limit=%00': 'limit',
        'limit=0x10': 'limit',
        'limit=10.5': 'limit',
        'limit=NaN': 'limit',
        'limit=Infinity': 'limit',
        'limit=%EF%BC%91': 'limit',
        'limit=%zz': 'limit',
        'limit=%ff': 'limit',
        'offset=-1': 'offset',
        'offset=9e15': 'offset',
        'offset=9007199254740993': 'offset',
        'page=9e15': 'page',
        'since=yesterday': 'since',
        'since=2026-01-06': 'since',
        'since=2026-01-06T20:30:00': 'since',
        'since=2026-01-06T20:30:00%2B99:99': 'since',
        'since=275760-09-13T00:00:00Z': 'since',
        'since=2026-01-06T20:30:00Z&since=2026-01-06T20:30:00Z': 'since',
        'since[a]=2026-01-06T20:30:00Z': 'since[a]',
        [`since=${'2'.repeat(3_000)}`]: 'since',
        'until=%27%20OR%201=1': 'until',
        '__proto__=1': '__proto__',
        '__proto__[limit]=1': '__proto__[limit]',
        '__proto__=1&__proto__=2': '__proto__',
        'constructor=1': 'constructor',
        'constructor.prototype.limit=1': 'constructor.prototype.limit',
        'toString=1': 'toString',
        'hasOwnProperty=1': 'hasOwnProperty',
      };
      for (const [query, field] of Object.entries(QUERIES)) {
        const spent = await processorTime(async () => {
          const got = await exchange(app.url, request('GET', `${WEIGHT}?${query}`, headers));
          const [answer] = got.answers;
          const named = ((answer?.body['errors'] ?? []) as { field: string }[]).map((error) => error.field);
          expect([query.slice(0, 60), answer?.status, named.includes(field)]).toEqual([
            query.slice(0, 60),
            422,
            true,
          ]);
        });
        expect(spent).toBeLessThan(1_000);
      }
      expect(({} as Record<string, unknown>)['limit']).toBeUndefined();
    });

    it('61: ten thousand parameters are too long a URL', async () => {
      expect(await statuses(request('GET', `${WEIGHT}?${'a[]=&'.repeat(10_000)}`, headers))).toEqual([431]);
      expect(await statuses(request('GET', `${WEIGHT}?${'a=&'.repeat(3_000)}`, headers))).toEqual([414]);
    });

    it('61: separators alone have no effect', async () => {
      for (const query of ['', '?', '?&', '?&&&&', '?limit=100&'])
        expect([query, (await ada.get(WEIGHT + query)).status]).toEqual([query, 200]);
    });

    it('61: the query of the pull is checked in the same way', async () => {
      for (const query of [
        'limit=1&limit=2',
        'limit=1e2',
        'since=-1',
        'since=1e12',
        'since=999999999999999',
        'since[]=1',
        'cursor=1',
        '__proto__=1',
        'limit=501',
      ])
        expect([query, (await ada.get(`${SYNC}?${query}`)).status]).toEqual([query, 422]);
    });
  });

  it('58, 64: after all of this the process runs, unpolluted, and answers as before', async () => {
    expect(Object.keys(Object.prototype)).toEqual([]);
    const eve = await app.api.register();
    expect((await eve.get(WEIGHT)).body).toEqual({
      data: [],
      pagination: { total: 0, limit: 100, offset: 0 },
    });
    expect((await eve.post(WEIGHT, weight)).status).toBe(201);
    expect((await ada.get('/api/users/me')).body['id']).toBe(ada.userId);
  });

  everyAnswer(answers);
});
