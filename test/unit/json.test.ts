import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseJson } from '../../src/kernel/http/json.js';
import { processorTime } from '../support/processor-time.js';
import { Problem } from '../../src/kernel/http/problem.js';

const parse = (text: string): unknown => parseJson(Buffer.from(text));

/** The problem with which a text is refused; undefined when it is accepted. */
function refusal(body: string | Buffer): Problem | undefined {
  try {
    parseJson(Buffer.from(body));
    return undefined;
  } catch (error) {
    if (error instanceof Problem) return error;
    throw error;
  }
}

const codeOf = (body: string | Buffer): string | undefined => refusal(body)?.code;

describe('parseJson', () => {
  it('58: reads what JSON.stringify writes, unchanged', () => {
    const forbidden = new Set(['__proto__', 'constructor', 'prototype']);
    const isPlain = (value: unknown): boolean =>
      typeof value !== 'object' ||
      value === null ||
      Object.entries(value).every(([key, child]) => !forbidden.has(key) && isPlain(child));
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 6, stringUnit: 'binary' }), (value) => {
        fc.pre(isPlain(value));
        const text = JSON.stringify(value);
        expect(parse(text)).toEqual(JSON.parse(text));
        expect(parse(JSON.stringify(value, undefined, '\t'))).toEqual(JSON.parse(text));
      }),
      { numRuns: 200 },
    );
  });

  it('58: accepts the same texts as JSON.parse, except duplicate keys', () => {
    const pieces = [
      '{',
      '}',
      '[',
      ']',
      ':',
      ',',
      '"',
      '\\',
      '"a"',
      '"b"',
      '"\\u0061"',
      '1',
      '-1',
      '1.5e3',
      'true',
      'null',
      ' ',
      '\n',
      '\\"',
      'a',
      '\u2028',
      'é',
    ];
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...pieces), { maxLength: 12 }), (parts) => {
        const text = parts.join('');
        let expected: unknown;
        try {
          expected = JSON.parse(text);
        } catch {
          expect(codeOf(text)).toBe('malformed-request');
          return;
        }
        const problem = refusal(text);
        // It is stricter only when a key appears twice.
        if (problem) expect(problem.options.detail).toMatch(/twice/);
        else expect(parse(text)).toEqual(expected);
      }),
      { numRuns: 5_000 },
    );
  });

  it('58: reads any bytes or refuses them as malformed, without another error', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
        expect([undefined, 'malformed-request']).toContain(codeOf(Buffer.from(bytes)));
      }),
      { numRuns: 2_000 },
    );
  });

  it('58: refuses bytes that are not UTF-8, and a byte order mark', () => {
    const text = '{"a":"é"}';
    for (const bytes of [
      Buffer.from(text, 'latin1'),
      Buffer.from(text, 'utf16le'),
      Buffer.from(`\ufeff${text}`),
      Buffer.from([0x22, 0xed, 0xa0, 0x80, 0x22]),
      Buffer.from([0x22, 0xc0, 0x80, 0x22]),
      Buffer.alloc(0),
      Buffer.from([0]),
    ])
      expect(codeOf(bytes)).toBe('malformed-request');
    expect(parse(text)).toEqual({ a: 'é' });
  });

  it('58: refuses a duplicate key in one object, also in another spelling', () => {
    for (const text of [
      '{"a":1,"a":2}',
      '{"a":1,"\\u0061":2}',
      '{"é":1,"\\u00e9":2}',
      '{"":1,"":2}',
      '[{"a":{"b":1,"b":1}}]',
      '{"a":[],"b":{},"a":{}}',
      '{"a" : 1 , "a" : 1}',
    ])
      expect([text, refusal(text)?.options.detail]).toEqual([text, 'A key appears twice in one object.']);
    for (const text of [
      '{"a":{"a":{"a":1}}}',
      '[{"a":1},{"a":1}]',
      '{"a":"a","b":"a"}',
      '{"a":["a","a"]}',
      '{"A":1,"a":1}',
      '{"a":"\\"a\\":1,\\"a\\":2"}',
      '{"\\\\":1,"\\\\\\\\":2}',
    ])
      expect([text, codeOf(text)]).toEqual([text, undefined]);
  });

  it('51: refuses keys that name a prototype, but accepts such values', () => {
    for (const key of ['__proto__', 'constructor', 'prototype', '\\u005f_proto__', 'const\\u0072uctor'])
      for (const text of [`{"${key}":1}`, `[[{"a":{"${key}":{}}}]]`])
        expect([text, codeOf(text)]).toEqual([text, 'malformed-request']);
    expect(parse('{"a":"__proto__","b":["constructor"],"__proto":1,"proto__":2}')).toEqual({
      a: '__proto__',
      b: ['constructor'],
      __proto: 1,
      proto__: 2,
    });
    expect(({} as Record<string, unknown>)['a']).toBeUndefined();
  });

  it('59: reads 32 levels and refuses the 33rd, for objects and lists', () => {
    const arrays = (depth: number): string => '['.repeat(depth) + ']'.repeat(depth);
    const objects = (depth: number): string => `${'{"a":'.repeat(depth - 1)}{}${'}'.repeat(depth - 1)}`;
    const mixed = (depth: number): string => `${'[{"a":'.repeat(depth / 2)}0${'}]'.repeat(depth / 2)}`;
    for (const write of [arrays, objects, mixed]) {
      expect(codeOf(write(32))).toBeUndefined();
      expect(refusal(write(34))?.options.detail).toMatch(/32 levels/);
    }
    expect(codeOf(arrays(33))).toBe('malformed-request');
    expect(parse(`"${'['.repeat(1_000)}"`)).toHaveLength(1_000);
    expect(parse(`["\\"${'{'.repeat(100)}\\\\"]`)).toEqual([`"${'{'.repeat(100)}\\`]);
    // Levels of siblings are not added.
    expect(parse(`[${Array.from({ length: 1_000 }, () => arrays(30)).join()}]`)).toHaveLength(1_000);
  });

  it('59: refuses a hostile body of one megabyte quickly', async () => {
    const HOSTILE = [
      '['.repeat(200_000),
      '{"a":'.repeat(200_000),
      '[{'.repeat(100_000),
      '"'.repeat(1_000_000),
      '\\'.repeat(1_000_000),
      '"\\'.repeat(500_000),
      '{"a":1,'.repeat(140_000),
      `"${'\\u0061'.repeat(160_000)}`,
      ','.repeat(1_000_000),
      `{${'"a",'.repeat(250_000)}`,
    ];
    for (const body of HOSTILE) {
      const spent = await processorTime(() => expect(codeOf(body)).toBe('malformed-request'));
      // It takes 50 ms.
      expect(spent).toBeLessThan(1_000);
    }
  });

  it('60: refuses an object with too many keys', () => {
    const withKeys = (count: number): string =>
      JSON.stringify(Object.fromEntries(Array.from({ length: count }, (_, index) => [`k${index}`, index])));
    expect(codeOf(withKeys(256))).toBeUndefined();
    expect(refusal(withKeys(257))?.options.detail).toMatch(/256 keys/);
    expect(codeOf(`[{"a":${withKeys(257)}}]`)).toBe('malformed-request');
  });

  it('58: refuses a body with more than 100 000 objects and lists', () => {
    const list = (count: number, entry: string): string => `[${Array(count).fill(entry).join(',')}]`;
    for (const entry of ['{}', '[]']) {
      expect(codeOf(list(99_999, entry))).toBeUndefined();
      expect(refusal(list(100_000, entry))?.options.detail).toMatch(/100000 objects and lists/);
    }
  });

  it('57: reads numbers beyond a double as JSON.parse does; the fields check them', () => {
    expect(parse('[1e309,-1e309,9223372036854775808,1e-400,-0]')).toEqual([
      Infinity,
      -Infinity,
      2 ** 63,
      0,
      -0,
    ]);
  });
});
