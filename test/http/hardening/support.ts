import { connect, type Socket } from 'node:net';
import { afterAll, beforeAll, expect, inject, it, vi } from 'vitest';
import { errors, problemType } from '../../../src/kernel/http/errors.js';
import { Clock } from '../../../src/platform/clock.js';
import type { Database } from '../../../src/platform/database/database.js';
import { type Answer, answerObservers, type WireAnswer } from '../../support/api.js';
import { SECRET, type TestApp } from '../../support/app.js';
import { until } from '../../support/until.js';

export const WEIGHT = '/api/health-metrics/weight';
export const SYNC = `${WEIGHT}/sync`;
export const weight = { weight_value: 75.5, unit: 'kg', timestamp: '2026-01-06T20:30:00Z' };
export const hasRedis = (): boolean => inject('redisUrl') !== '';

/** A clock that stands still until a test moves it. */
export class StoppedClock extends Clock {
  private time = Date.now();

  override now(): number {
    return this.time;
  }

  move(ms: number): void {
    this.time += ms;
  }
}

/** An answer as it was received. */
export type Recorded = WireAnswer;

/**
 * Records every answer of the file, by fetch or raw; `everyAnswer` then checks them all. Call both at the top level of
 * a `describe`: this first, that last.
 */
export function recordAnswers(): Recorded[] {
  const answers: Recorded[] = [];
  const record = (answer: Recorded) => void answers.push(answer);
  beforeAll(() => {
    answerObservers.add(record);
    const send = globalThis.fetch;
    vi.stubGlobal('fetch', async (input: string, init: RequestInit = {}) => {
      const response = await send(input, init);
      const text = await response.clone().text();
      const request = `${init.method ?? 'GET'} ${new URL(input).pathname}`;
      answers.push({ request, status: response.status, headers: response.headers, text });
      return response;
    });
    recorders.add(answers);
  });
  afterAll(() => {
    vi.unstubAllGlobals();
    answerObservers.delete(record);
    recorders.delete(answers);
  });
  return answers;
}
const recorders = new Set<Recorded[]>();

/** A hash as a member or in PHC form; a refused name in the request may be repeated. */
const FORBIDDEN = new RegExp(
  `password_?hash":|\\$argon2|\\bstack\\b|SELECT |INSERT INTO|node_modules|/src/|${SECRET}`,
  'i',
);

/** The properties of every answer of a file, whatever its test is about. */
export function everyAnswer(answers: readonly Recorded[]): void {
  it('52: no answer of this file contains a hash, a stack, SQL or the secret', () => {
    expect(answers.length).toBeGreaterThan(0);
    // The path is returned as it was sent, and Swagger UI is third-party code.
    const own = answers.filter(({ request }) => !request.startsWith('GET /docs/'));
    const lines = own.map(({ request, text }) => `${request}: ${text.replace(/"instance":"[^"]*"/, '')}`);
    expect(
      lines.filter((line) => FORBIDDEN.test(line.slice(line.indexOf(':')))).map((line) => line.slice(0, 500)),
    ).toEqual([]);
  });

  it('72: every error of this file is a problem of RFC 9457', () => {
    for (const answer of answers) if (answer.status >= 400 && !isProbe(answer)) checkProblem(answer);
  });
}

/** A probe returns its report, and HEAD has no body. */
const isProbe = ({ request }: Recorded): boolean => /^HEAD | \/health\/ready$/.test(request);

const MEMBERS = new Set(['type', 'title', 'status', 'detail', 'instance', 'request_id', 'errors']);

function checkProblem({ request, status, headers, text }: Recorded): void {
  const about = `${request} → ${status} ${text.slice(0, 200)}`;
  expect(headers.get('content-type'), about).toBe('application/problem+json; charset=utf-8');
  const body = JSON.parse(text) as Record<string, unknown>;
  const code = Object.entries(errors).find(
    ([name]) => problemType(name as keyof typeof errors) === body['type'],
  );
  expect(code, about).toBeDefined();
  expect(body, about).toMatchObject({
    status,
    title: code?.[1].title,
    instance: expect.stringMatching(/^[/*]/),
    request_id: expect.stringMatching(/^[\w-]{8,64}$/),
  });
  expect(Object.keys(body).filter((name) => !MEMBERS.has(name))).toEqual([]);
  expect(headers.get('x-request-id'), about).toBe(body['request_id']);
  if (body['type'] !== '/problems/validation') return;
  expect(body['errors'], about).not.toEqual([]);
  for (const error of body['errors'] as unknown[])
    expect(error, about).toEqual({
      field: expect.any(String),
      code: expect.any(String),
      message: expect.any(String),
    });
}

/** The last part of a problem's type. */
export const codeOf = ({ body }: Answer): string | undefined =>
  typeof body === 'object' ? String(body['type']).split(/[/#]/).at(-1) : undefined;

/** The data received on a raw socket. */
export interface Exchange {
  readonly answers: readonly Answer[];
  /** Whether the server closed the connection. */
  readonly closed: boolean;
}

interface ExchangeOptions {
  /** Stops after this many answers; by default when the server closes, or after the first answer. */
  readonly answers?: number;
  /** Waits until the server closes. */
  readonly untilClosed?: boolean;
  /** Called after the bytes were written, to write more. */
  readonly onWritten?: (socket: Socket) => void;
}

/** Sends exactly these bytes and reads the answer. */
export function exchange(
  url: string,
  bytes: string | Buffer | readonly (string | Buffer)[],
  { answers: wanted = 1, untilClosed = false, onWritten }: ExchangeOptions = {},
): Promise<Exchange> {
  const { hostname, port } = new URL(url);
  const chunks = (Array.isArray(bytes) ? bytes : [bytes]) as (string | Buffer)[];
  return new Promise((resolve, reject) => {
    const socket = connect({ host: hostname, port: Number(port), noDelay: true });
    let received = Buffer.alloc(0);
    const timer = setTimeout(() => finish(false, new Error(`no end after 10 s: ${head(chunks)}`)), 10_000);
    const finish = (closed: boolean, error?: Error): void => {
      clearTimeout(timer);
      socket.destroy();
      if (error) return reject(error);
      const answers = readAnswers(received);
      for (const recorder of recorders)
        recorder.push(...answers.map((answer) => ({ ...answer, request: head(chunks) })));
      resolve({ answers, closed });
    };
    socket.on('connect', () => {
      for (const chunk of chunks)
        socket.write(typeof chunk === 'string' ? Buffer.from(chunk, 'latin1') : chunk);
      onWritten?.(socket);
    });
    socket.on('data', (data) => {
      received = Buffer.concat([received, data]);
      if (!untilClosed && readAnswers(received).length >= wanted) finish(false);
    });
    socket.on('close', () => finish(true));
    socket.on('error', () => undefined);
  });
}

const head = ([first = '']: readonly (string | Buffer)[]): string =>
  (typeof first === 'string' ? first : first.toString('latin1'))
    .split('\r\n', 1)[0]!
    .split(/ HTTP|\?/)[0]!
    .slice(0, 200);

type RawAnswer = Answer & { readonly text: string };

/** The complete answers at the beginning of the bytes. */
function readAnswers(bytes: Buffer): RawAnswer[] {
  const answers: RawAnswer[] = [];
  for (let rest = bytes; ;) {
    const end = rest.indexOf('\r\n\r\n');
    if (end < 0) return answers;
    const [line = '', ...fields] = rest.subarray(0, end).toString('latin1').split('\r\n');
    const headers = new Headers(
      fields.map((field) => [field.slice(0, field.indexOf(':')), field.slice(field.indexOf(':') + 1).trim()]),
    );
    const status = Number(line.split(' ')[1]);
    const length = status === 204 || status === 304 ? 0 : Number(headers.get('content-length') ?? 0);
    if (rest.length < end + 4 + length) return answers;
    const text = rest.subarray(end + 4, end + 4 + length).toString();
    const isJson = /json/.test(headers.get('content-type') ?? '');
    answers.push({ status, headers, text, body: isJson && text ? JSON.parse(text) : text });
    rest = rest.subarray(end + 4 + length);
  }
}

/** The single answer to a request with the given raw head and body. */
export async function answerTo(
  url: string,
  head: string,
  body: string | Buffer = '',
  options?: ExchangeOptions,
): Promise<Answer> {
  const { answers } = await exchange(url, [head, body], options);
  const [answer] = answers;
  if (!answer) throw new Error(`no answer to ${head.split('\r\n', 1)[0]}`);
  return answer;
}

/** A request line with headers, without a body unless one is given; the length is computed here. */
export function request(
  method: string,
  path: string,
  headers: Readonly<Record<string, string>> = {},
  body: string | Buffer = '',
): Buffer {
  const payload = Buffer.from(body);
  const fields = {
    host: 'hale.test',
    ...(payload.length > 0 ? { 'content-length': String(payload.length) } : {}),
    ...headers,
  };
  const lines = Object.entries(fields).map(([name, value]) => `${name}: ${value}\r\n`);
  return Buffer.concat([
    Buffer.from(`${method} ${path} HTTP/1.1\r\n${lines.join('')}\r\n`, 'latin1'),
    payload,
  ]);
}

/** Resolves when the instance counts in Redis: it connects during its start. */
export const untilShared = ({ api }: TestApp): Promise<unknown> =>
  until(async () => (await api.get('/health/ready')).body['degraded'].length === 0);

/** All rows of all tables, to prove that nothing changed. */
export async function contents(db: Database): Promise<Record<string, unknown[]>> {
  const tables = db.writer.entityMetadatas.map(({ tableName, primaryColumns }) => ({
    tableName,
    order: primaryColumns.map(({ databaseName }) => `\`${databaseName}\``).join(', '),
  }));
  const rows = await Promise.all(
    tables.map(
      async ({ tableName, order }) =>
        [tableName, await db.rows(`SELECT * FROM ${tableName} ORDER BY ${order}`)] as const,
    ),
  );
  return Object.fromEntries(rows);
}
