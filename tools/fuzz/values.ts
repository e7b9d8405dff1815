import fc, { type Arbitrary } from 'fast-check';
import type { ApiDocument, Schema } from './document.js';
import { Marked, Measured, Pending, type Source } from './pending.js';

/*
 * Arbitrary values that a schema allows. Where only the service knows what exists (ids, tokens, cursors), the value is
 * `Pending`: it is found among the earlier answers when the request is sent, so that a sequence of requests can be shortened.
 */

const DAY_MS = 86_400_000;
const ZONES = ['UTC', 'Europe/Berlin', 'America/New_York', 'Asia/Kathmandu', 'Pacific/Apia'];
const SMALL_LIST = 4;
const USUAL_TEXT = 40;

/** Names whose values come from earlier answers, wherever they stand. */
const KNOWN = new Set(
  'id base_version challenge client_id client_seq conflict_id cursor device_id email epoch group_id local_id mutation_id owner_id password current_password recovery_code refresh_token server_id since token version actor_id subject_id code'.split(
    ' ',
  ),
);
/** Names whose values must not be random, because no random value is accepted. */
const FIXED: Readonly<Record<string, Arbitrary<unknown>>> = {
  time_zone: fc.constantFrom(...ZONES),
  redirect_uri: fc.constantFrom('https://hale.example.org/signed-in'),
  code_challenge_method: fc.constantFrom('S256'),
  kinds: fc.constantFrom('meal', 'weight', 'meal,weight'),
  until: soon(),
  expires_at: soon(),
  occurred_at: recent(),
  modified_at: recent(),
};

export class Values {
  private readonly known = new Map<string, Arbitrary<unknown>>();

  constructor(private readonly document: ApiDocument) {}

  /** @param name the name of the field or parameter. */
  of(schema: Schema, name: string): Arbitrary<unknown> {
    const key = `${schema.$ref ?? JSON.stringify(schema)} ${name}`;
    const made = this.known.get(key) ?? this.make(schema, name);
    this.known.set(key, made);
    return made;
  }

  private make(schema: Schema, name: string): Arbitrary<unknown> {
    if (schema.$ref) return this.of(this.document.resolve(schema), name);
    const options = schema.oneOf ?? schema.anyOf;
    if (options && !schema.properties) return fc.oneof(...options.map((one) => this.of(one, name)));
    if (schema.enum) return fc.constantFrom(...schema.enum);
    if (Array.isArray(schema.type))
      return fc.oneof(...schema.type.map((type: string) => this.of({ ...schema, type }, name)));
    const plain = name === 'since' ? recent() : this.plain(schema, name);
    if (schema.type === 'null') return plain;
    if (KNOWN.has(name)) return pending(name, plain);
    // Query parameters have other ranges under the same names, such as `until` of a list.
    return FIXED[name] ?? plain;
  }

  private plain(schema: Schema, name: string): Arbitrary<unknown> {
    if (schema.type === 'null') return fc.constant(null);
    if (schema.type === 'boolean') return fc.boolean();
    if (schema.type === 'integer') return integer(schema);
    if (schema.type === 'number') return number(schema);
    if (schema.type === 'array') return this.list(schema, name);
    if (schema.type === 'object' || schema.properties) return this.object(schema);
    return text(schema);
  }

  private list({ items = {}, minItems = 0, maxItems = SMALL_LIST, uniqueItems }: Schema, name: string) {
    const sizes = { minLength: minItems, maxLength: Math.max(minItems, Math.min(maxItems, SMALL_LIST)) };
    const entry = this.of(items, name);
    return uniqueItems ? fc.uniqueArray(entry, sizes) : fc.array(entry, sizes);
  }

  private object({
    properties = {},
    required = [],
    dependentRequired = {},
    oneOf,
  }: Schema): Arbitrary<unknown> {
    const fields = Object.entries(properties).map(([name, schema]) => [name, this.of(schema, name)] as const);
    const all = fc.record(Object.fromEntries(fields), { requiredKeys: [...required] });
    const rules = { dependentRequired, ...(oneOf && { oneOf }) };
    return all.filter((made) => this.document.faults(rules, made).length === 0);
  }
}

/** Mostly the person's own, but the address of a grant is somebody else's. */
const sources = (name: string): Arbitrary<Source> =>
  fc.oneof(
    { arbitrary: fc.constant<Source>('own'), weight: name === 'email' ? 5 : 9 },
    { arbitrary: fc.constant<Source>('other'), weight: name === 'email' ? 5 : 1 },
  );

const pending = (name: string, otherwise: Arbitrary<unknown>): Arbitrary<unknown> =>
  fc
    .record({
      source: sources(name),
      choice: fc.nat(1_000),
      otherwise,
    })
    .map((made) => new Pending(name, made.source, made.choice, made.otherwise));

function integer({ minimum = 0, maximum = Number.MAX_SAFE_INTEGER }: Schema): Arbitrary<number> {
  const usual = fc.integer({ min: minimum, max: Math.min(maximum, minimum + 20) });
  return fc.oneof({ arbitrary: usual, weight: 8 }, fc.constantFrom(minimum, maximum));
}

/** The range that is valid in every unit: the document has one range for all of them. */
const IN_ANY_UNIT = { minimum: 3, maximum: 110 };

function number(schema: Schema): Arbitrary<unknown> {
  if (schema['x-range-by']) return fc.integer({ min: 3, max: 109 }).map((whole) => new Measured(whole));
  const { minimum: min = 0, maximum: max = 1e6 } = schema['x-range-by'] ? IN_ANY_UNIT : schema;
  return fc.oneof(fc.integer({ min: Math.ceil(min), max: Math.floor(max) }), fc.constantFrom(min, max));
}

function text(schema: Schema): Arbitrary<unknown> {
  const { format, pattern, minLength = 0, maxLength = USUAL_TEXT } = schema;
  const fits = (one: string): boolean => [...one].length >= minLength && [...one].length <= maxLength;
  if (pattern !== undefined) return fc.stringMatching(new RegExp(pattern)).filter(fits);
  if (format === 'uuid') return fc.uuid();
  if (format === 'date-time') return recent();
  if (format === 'date') return fc.integer({ min: 0, max: 60 }).map((days) => instant(-days).slice(0, 10));
  if (format === 'idn-email') return fc.stringMatching(/^[a-z]{6,10}$/).map((name) => `${name}@fuzz.example`);
  return fc
    .string({ unit: 'grapheme', minLength, maxLength: Math.min(maxLength, Math.max(minLength, USUAL_TEXT)) })
    .filter(fits)
    .map((one) => new Marked(one, maxLength));
}

const instant = (days: number): string =>
  new Date(Math.floor(Date.now() / DAY_MS + days) * DAY_MS).toISOString();

/** Instants of the last weeks, in the forms that the format `date-time` allows. */
function recent(): Arbitrary<string> {
  const forms: ((iso: string) => string)[] = [
    (iso) => iso,
    (iso) => iso.replace('.000Z', 'Z'),
    (iso) => iso.replace('Z', '+00:00'),
    (iso) => iso.replace('Z', '-09:30'),
  ];
  return fc
    .tuple(fc.integer({ min: -20, max: 0 }), fc.constantFrom(...forms))
    .map(([days, form]) => form(instant(days)));
}

function soon(): Arbitrary<string> {
  return fc.integer({ min: 2, max: 300 }).map((days) => instant(days));
}
