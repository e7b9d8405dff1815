import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { Checks } from '../../tools/fuzz/checks.js';
import { ApiDocument } from '../../tools/fuzz/document.js';
import { Person } from '../../tools/fuzz/people.js';
import type { WireAnswer } from '../../tools/fuzz/wire.js';

const document = new ApiDocument(JSON.parse(readFileSync('openapi.json', 'utf8')));
const security = Object.fromEntries(
  'x-request-id cache-control content-security-policy cross-origin-resource-policy referrer-policy strict-transport-security x-content-type-options x-frame-options ratelimit ratelimit-policy'
    .split(' ')
    .map((name) => [name, 'x']),
);
const request = { method: 'GET', target: '/api/auth/factors', headers: {}, body: undefined };
const factors = { totp: true, recovery_codes_left: 10 };
const answer = (body: unknown, changes: Partial<WireAnswer> = {}): WireAnswer => ({
  status: 200,
  headers: { ...security, 'content-type': 'application/json; charset=utf-8' },
  text: JSON.stringify(body),
  milliseconds: 5,
  ...changes,
});
const problem = (status: number, code: string): WireAnswer =>
  answer(
    { type: `/problems/${code}`, title: 'x', status, instance: '/x', request_id: 'x' },
    {
      status,
      headers: {
        ...security,
        'content-type': 'application/problem+json; charset=utf-8',
        'www-authenticate': 'Bearer',
      },
    },
  );

describe('the checks of the fuzzer', () => {
  const other = new Person('second');
  const operation = document.operations.find(({ route }) => route === 'GET /api/auth/factors')!;
  const findings = (one: WireAnswer): string[] =>
    new Checks(document, 2_000)
      .of({ operation, request, answer: one, foreign: other.marks.map((mark) => ({ person: other, mark })) })
      .map(({ key }) => key.replace('GET /api/auth/factors: ', ''));

  it('find nothing in a documented answer', () => {
    expect(findings(answer(factors))).toEqual([]);
    expect(findings(problem(401, 'token-expired'))).toEqual([]);
    expect(findings(problem(414, 'uri-too-long'))).toEqual([]);
  });

  const { 'x-frame-options': _, ...withoutOne } = security;
  const { ratelimit: __, ...unlimited } = security;
  const json = { 'content-type': 'application/json; charset=utf-8' };
  it.each<[string, WireAnswer]>([
    ['status 500', problem(500, 'internal')],
    ['status 503', problem(503, 'busy')],
    ['undocumented 404 not-found', problem(404, 'not-found')],
    ['undocumented 401 invalid-code', problem(401, 'invalid-code')],
    ['undocumented 201 ', answer(factors, { status: 201 })],
    ['body of 200 must NOT have additional properties', answer({ ...factors, password: 'x' })],
    ['body of 200/recovery_codes_left must be integer', answer({ ...factors, recovery_codes_left: 'x' })],
    ['invalid JSON with 200', answer(factors, { text: '{' })],
    [
      'content type text/html with 200',
      answer(factors, { headers: { ...security, 'content-type': 'text/html' } }),
    ],
    ['no header x-frame-options', answer(factors, { headers: { ...withoutOne, ...json } })],
    ['no header ratelimit with 200', answer(factors, { headers: { ...unlimited, ...json } })],
    ['took too long', answer(factors, { milliseconds: 2_001 })],
  ])('find %s', (what, one) => {
    expect(findings(one)).toEqual([what]);
  });

  it('find data of another person, the inside of the service, and half a character', () => {
    for (const [text, what] of [
      [other.mark, 'shows data of another person'],
      [other.number({ whole: 71 }), 'shows data of another person'],
      ['SQLITE_CONSTRAINT: INSERT INTO meals', 'shows the inside of the service'],
      ['\uD83D', 'cuts a character in half'],
    ])
      expect(findings(answer({ ...factors, title: text }))).toContain(what);
  });
});
