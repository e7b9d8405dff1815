import fc, { type Arbitrary } from 'fast-check';

/*
 * Ways in which a request can be wrong. Each changes one thing of a valid request, so that the rest of the request is
 * accepted and the wrong part reaches the code that must refuse it.
 */

/** One wrong part of a body: what, and where. */
export interface Damage {
  readonly what: string;
  /** The remainder of this number chooses the place. */
  readonly place: number;
}

export interface Raw {
  readonly body: Buffer | undefined;
  readonly headers: Readonly<Record<string, string>>;
}

const deep = (levels: number): unknown => JSON.parse('['.repeat(levels) + ']'.repeat(levels));

/** Values that take the place of a field's value. */
const WRONG: Readonly<Record<string, (value: unknown) => unknown>> = {
  null: () => null,
  'a number as text': (value) => (typeof value === 'number' ? String(value) : 12),
  'a boolean': () => true,
  'an object': () => ({ a: 1 }),
  'a list': (value) => [value],
  'an empty list': () => [],
  'an empty text': () => '',
  'a long text': () => 'x'.repeat(10_000),
  'a very long text': () => 'é'.repeat(200_000),
  'a NUL byte': (value) => `${asText(value)}\u0000`,
  'control characters': (value) => `\u0007${asText(value)}\u001B[31m\r\n`,
  'a lone surrogate': (value) => `${asText(value)}\uD83D`,
  'half a pair at the end': (value) => `${asText(value).padEnd(63, 'x')}\u{1F600}\u{1F600}`,
  'right-to-left text': (value) => `\u202E${asText(value)}`,
  'combining marks': () => 'e\u0301'.repeat(60),
  'a noncharacter': () => '\uFFFE\uFFFF',
  'another case': (value) => asText(value).toUpperCase(),
  'outer space': (value) => ` ${asText(value)} `,
  zero: () => 0,
  'a negative zero': () => -0,
  'a negative number': () => -1,
  'a fraction': () => 1.000_000_000_1,
  'a huge number': () => 1e308,
  'a number past 2^53': () => 2 ** 53 + 2,
  'a number past 2^31': () => 2_147_483_648,
  'a tiny number': () => 5e-324,
  'a decimal comma': () => '2026-01-06T20:30:00,5Z',
  'no offset': () => '2026-01-06T20:30:00',
  'the 30th of February': () => '2026-02-30T10:00:00Z',
  'the hour 24': () => '2026-01-06T24:00:00Z',
  'a leap second': () => '2016-12-31T23:59:60Z',
  'the year 0': () => '0000-01-01T00:00:00Z',
  'the year 9999': () => '9999-12-31T23:59:59.999Z',
  'the year 10000': () => '+010000-01-01T00:00:00Z',
  'a small t': () => '2026-01-06t20:30:00z',
  'a large offset': () => '2026-01-06T20:30:00+23:59',
  'many decimals': () => '2026-01-06T20:30:00.123456789123456789Z',
  'a long list': (value) => Array.from({ length: 501 }, () => (Array.isArray(value) ? value[0] : value)),
  'a repeated entry': (value) => (Array.isArray(value) ? [...value, ...value] : [value, value]),
  'a nil UUID': () => '00000000-0000-0000-0000-000000000000',
  'a UUID with braces': () => '{019b9500-a0c8-7c2e-8f4d-2a9b7c6d5e10}',
  'a quote': () => `' OR '1'='1' -- \\`,
  'a path': () => '../../etc/passwd',
  'a template': () => '${7*7}{{7*7}}%s%n',
  'a name of Object': () => 'constructor',
  'thirty levels': () => deep(30),
  'forty levels': () => deep(40),
};

const asText = (value: unknown): string => (typeof value === 'string' ? value : String(value));

/** Changes of an object. */
const MEMBERS: Readonly<Record<string, (value: object, place: number) => unknown>> = {
  'a missing field': (value, place) => {
    const entries = Object.entries(value);
    return Object.fromEntries(entries.filter((_, index) => index !== place % entries.length));
  },
  'an unknown field': (value) => ({ ...value, unknown_field: 1 }),
  'an unknown field with a long name': (value) => ({ ...value, [`x${'\u{1F600}'.repeat(300)}`]: 1 }),
  'a field that names a prototype': (value) => JSON.parse(addMember(value, '"__proto__":{"a":1}')) as unknown,
  'owner fields': (value) => ({ ...value, user_id: '019b94ff-a2e0-7d3a-9a61-5d6a5b1f4c33', role: 'admin' }),
  'many fields': (value) => ({
    ...value,
    ...Object.fromEntries(Array.from({ length: 300 }, (_, at) => [`f${at}`, at])),
  }),
};

const addMember = (value: object, member: string): string => {
  const json = JSON.stringify(value);
  return json === '{}' ? `{${member}}` : `${json.slice(0, -1)},${member}}`;
};

const JSON_TYPE = { 'content-type': 'application/json' };
const json = (value: unknown): string => JSON.stringify(value ?? null);

/** Changes of the bytes. */
const BYTES: Readonly<Record<string, (value: unknown) => Raw>> = {
  'an empty body': () => ({ body: Buffer.alloc(0), headers: JSON_TYPE }),
  'a body that ends early': (value) => ({
    body: Buffer.from(json(value).slice(0, -1)),
    headers: JSON_TYPE,
  }),
  'a body that goes on': (value) => ({ body: Buffer.from(`${json(value)}{}`), headers: JSON_TYPE }),
  'a key twice': (value) => ({ body: Buffer.from(keyTwice(value)), headers: JSON_TYPE }),
  'a byte order mark': (value) => ({ body: Buffer.from(`\uFEFF${json(value)}`), headers: JSON_TYPE }),
  'UTF-16': (value) => ({ body: Buffer.from(json(value), 'utf16le'), headers: JSON_TYPE }),
  'bytes that are not UTF-8': (value) => ({
    body: Buffer.concat([Buffer.from(json(value).slice(0, -1)), Buffer.from([0xc3, 0x28, 0xff])]),
    headers: JSON_TYPE,
  }),
  'more than 1 MiB': () => ({
    body: Buffer.from(`{"a":"${'x'.repeat(1_048_600)}"}`),
    headers: JSON_TYPE,
  }),
  'a form': () => ({
    body: Buffer.from('a=1'),
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
  }),
  'no content type': (value) => ({ body: Buffer.from(json(value)), headers: {} }),
  'a charset': (value) => ({
    body: Buffer.from(json(value)),
    headers: { 'content-type': 'application/json; charset=utf-16' },
  }),
  'an encoding': (value) => ({
    body: Buffer.from(json(value)),
    headers: { ...JSON_TYPE, 'content-encoding': 'gzip' },
  }),
  'null alone': () => ({ body: Buffer.from('null'), headers: JSON_TYPE }),
  'a list alone': (value) => ({ body: Buffer.from(json([value])), headers: JSON_TYPE }),
  'a text alone': () => ({ body: Buffer.from('"text"'), headers: JSON_TYPE }),
  'deep lists': () => ({ body: Buffer.from('['.repeat(100_000)), headers: JSON_TYPE }),
};

const keyTwice = (value: unknown): string => {
  const [name = 'a'] = Object.keys(typeof value === 'object' && value ? value : {});
  return addMember(Object(value) as object, `${JSON.stringify(name)}:1`);
};

const KINDS = [...Object.keys(WRONG), ...Object.keys(MEMBERS), ...Object.keys(BYTES)];

/** Mostly one wrong value: the checks of values have the most cases. */
export const damages: Arbitrary<Damage> = fc.record({
  what: fc.constantFrom(...KINDS),
  place: fc.nat(10_000),
});

/** The bytes of a body, after the damage if there is any. */
export function bytesOf(value: unknown, damage: Damage | undefined): Raw {
  const byte = damage && BYTES[damage.what];
  if (byte) return byte(value);
  if (value === undefined) return { body: undefined, headers: {} };
  return { body: Buffer.from(json(damage ? damaged(value, damage) : value)), headers: JSON_TYPE };
}

function damaged(value: unknown, { what, place }: Damage): unknown {
  const places = [...placesOf(value, [])];
  const change = MEMBERS[what];
  if (change) {
    const objects = places.filter(([, one]) => isPlain(one));
    const [path, at] = objects[place % objects.length] ?? [[], {}];
    return replaced(value, path, change(at as object, place));
  }
  const [path, at] = places[place % places.length] ?? [[], value];
  return replaced(value, path, WRONG[what]?.(at));
}

/** One value of a query, wrong in the same ways. */
export function damagedText(value: string, { what }: Damage): string {
  const wrong = WRONG[what]?.(value);
  return typeof wrong === 'object' ? JSON.stringify(wrong) : String(wrong ?? '%zz');
}

const isPlain = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function* placesOf(value: unknown, path: readonly string[]): Generator<[readonly string[], unknown]> {
  yield [path, value];
  if (typeof value !== 'object' || value === null) return;
  for (const [name, one] of Object.entries(value)) yield* placesOf(one, [...path, name]);
}

function replaced(value: unknown, [name, ...rest]: readonly string[], by: unknown): unknown {
  if (name === undefined) return by;
  if (Array.isArray(value))
    return value.map((one: unknown, index) => (String(index) === name ? replaced(one, rest, by) : one));
  const object = value as Record<string, unknown>;
  return { ...object, [name]: replaced(object[name], rest, by) };
}
