import type { Kind } from './kinds.generated.js';

/** What the contract says of one value; the members mean what they mean in JSON Schema. */
export interface Rule {
  readonly type?: string | readonly string[];
  readonly enum?: readonly unknown[];
  readonly format?: string;
  readonly pattern?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  /** The range depends on the value of another field beside it. */
  readonly rangeBy?: { readonly field: string; readonly ranges: Readonly<Record<string, Rule>> };
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly uniqueItems?: boolean;
  /** Null says that there are none, and so does an empty list. */
  readonly emptyAsNull?: boolean;
  readonly items?: Rule;
  readonly properties?: Readonly<Record<string, Rule>>;
  readonly required?: readonly string[];
}

/**
 * What the contract says of the records of one kind. `@hale/client/kinds` exports one for each kind; their types follow from the
 * name.
 */
export interface KindDefinition<K extends Kind = Kind> {
  /** The name of the kind, as the API has it. */
  readonly kind: K;
  /** Fields that are always sent together. */
  readonly groups: readonly (readonly string[])[];
  /** A value that another one replaces, and a deletion removes, only if their author has seen it. */
  readonly prevails?: { readonly field: string; readonly value: unknown };
  /** The field that says when it happened; lists with a range use it. */
  readonly time?: string;
  readonly fields: Rule;
}

/** What is wrong with one field; the codes are those of the server. */
export interface FieldProblem {
  /** The path of the field, such as `items.0.quantity`. */
  readonly field: string;
  readonly code: 'required' | 'wrong-type' | 'out-of-range' | 'not-allowed' | 'unknown-field' | 'invalid';
  readonly message: string;
}

type Values = Readonly<Record<string, unknown>>;

/**
 * Checks values by the contract.
 * @param asked the fields that must be there; all required ones if it is absent.
 */
export function problemsOf(rule: Rule, values: Values, asked?: ReadonlySet<string>): FieldProblem[] {
  const problems: FieldProblem[] = [];
  checkObject(rule, values, '', problems, asked);
  return problems;
}

function checkObject(
  { properties = {}, required = [] }: Rule,
  values: Values,
  parent: string,
  problems: FieldProblem[],
  asked?: ReadonlySet<string>,
): void {
  for (const name of Object.keys(values))
    if (!Object.hasOwn(properties, name)) {
      note(problems, parent + name, 'unknown-field', 'is not a known field');
    }
  for (const [name, rule] of Object.entries(properties)) {
    const field = parent + name;
    const value = values[name] ?? null;
    const isNull = value === null;
    if (isNull && required.includes(name) && (asked?.has(name) ?? true) && !allows(rule, 'null'))
      note(problems, field, 'required', 'is required');
    else if (!isNull) checkValue(rule, value, field, values, problems);
    else if (values[name] === null && !allows(rule, 'null'))
      note(problems, field, 'wrong-type', `must be ${nounOf(rule)}`);
  }
}

function checkValue(
  rule: Rule,
  value: unknown,
  field: string,
  beside: Values,
  problems: FieldProblem[],
): void {
  const fault = faultOf(rule, value, beside);
  if (fault) note(problems, field, ...fault);
  else if (Array.isArray(value))
    value.forEach((item, index) => checkValue(rule.items ?? {}, item, `${field}.${index}`, {}, problems));
  else if (rule.properties) checkObject(rule, value as Values, `${field}.`, problems);
}

function note(problems: FieldProblem[], field: string, ...[code, text]: Fault): void {
  problems.push({ field, code, message: `${field} ${text}` });
}

type Fault = readonly [FieldProblem['code'], string];

function faultOf(rule: Rule, value: unknown, beside: Values): Fault | undefined {
  if (rule.enum) {
    const isListed = rule.enum.includes(value);
    return isListed ? undefined : ['not-allowed', `must be one of: ${rule.enum.join(', ')}`];
  }
  const isDated = rule.format === 'date-time' || rule.format === 'date';
  if (!allows(rule, typeOf(value, rule)))
    return [isDated ? 'invalid' : 'wrong-type', `must be ${nounOf(rule)}`];
  if (typeof value === 'number') return faultOfNumber(rule, value, beside);
  if (typeof value === 'string') return faultOfText(rule, value);
  return Array.isArray(value) ? faultOfList(rule, value) : undefined;
}

function faultOfList(rule: Rule, list: readonly unknown[]): Fault | undefined {
  const { minItems, maxItems, uniqueItems, items = {} } = rule;
  if (!isWithin(list.length, minItems, maxItems))
    return ['out-of-range', `must have ${rangeText(minItems, maxItems)} entries`];
  if (uniqueItems && new Set(list).size < list.length) return ['invalid', 'must not contain anything twice'];
  const isMixed = items.properties && list.some((item) => typeOf(item, items) !== 'object');
  return isMixed ? ['wrong-type', 'must be a list of objects'] : undefined;
}

function faultOfNumber(rule: Rule, value: number, beside: Values): Fault | undefined {
  const { field = '', ranges = {} } = rule.rangeBy ?? {};
  const other = String(beside[field]);
  const own = Object.hasOwn(ranges, other) ? ranges[other] : undefined;
  // With a wrong unit no range applies; the unit is reported.
  const { minimum, maximum } = own ?? (rule.rangeBy ? {} : rule);
  if (isWithin(value, minimum, maximum)) return undefined;
  return ['out-of-range', `must be ${rangeText(minimum, maximum)}${own ? ` ${other}` : ''}`];
}

/** Control characters and halves of surrogate pairs, which not every database keeps. */
const UNSTORABLE = /[\u0000-\u0008\u000b-\u001f\u007f]|\p{Surrogate}/u;

function faultOfText({ format, pattern, minLength, maxLength }: Rule, text: string): Fault | undefined {
  if (format === 'date-time')
    return isInstant(text)
      ? undefined
      : ['invalid', 'must be a date and time with an offset, such as 2026-01-06T20:30:00Z'];
  if (format === 'date')
    return isInstant(`${text}T00:00Z`) ? undefined : ['invalid', 'must be a day, such as 2026-01-06'];
  if (format === 'uuid' && !/^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/i.test(text))
    return ['invalid', 'must be a UUID'];
  // The contract counts code points.
  if (!isWithin([...text].length, minLength, maxLength))
    return text === ''
      ? ['out-of-range', 'must not be empty']
      : ['out-of-range', `must have ${rangeText(minLength, maxLength)} characters`];
  if (UNSTORABLE.test(text)) return ['invalid', 'must not contain control characters'];
  if (pattern !== undefined && !new RegExp(pattern, 'u').test(text)) return ['invalid', 'has the wrong form'];
  return undefined;
}

const ISO = /^(\d{4})-(\d{2})-(\d{2})T\d{2}:\d{2}(?::\d{2}([.,]\d{1,9})?)?(?:Z|[+-]\d{2}:?\d{2})$/i;

/** Whether the API takes it as a date and time. */
export function isInstant(text: string): boolean {
  const [year = 0, month = 0, day = 0] = (ISO.exec(text) ?? []).slice(1, 4).map(Number);
  if (month < 1 || month > 12 || day < 1 || day > new Date(Date.UTC(year, month, 0)).getUTCDate())
    return false;
  const utc = new Date(text.replace(',', '.').toUpperCase()).getUTCFullYear();
  return utc >= 1900 && utc < 2200;
}

const isWithin = (value: number, min = -Infinity, max = Infinity): boolean => value >= min && value <= max;

/** At most three decimals, rounded into the range, so that every number that a person reads is accepted. */
const short = (round: (value: number) => number, value = 0): number =>
  round(Number((value * 1e3).toPrecision(12))) / 1e3;

function rangeText(min: number | undefined, max: number | undefined): string {
  const [least, most] = [short(Math.ceil, min), short(Math.floor, max)];
  if (min === undefined) return `at most ${most}`;
  return max === undefined ? `at least ${least}` : `between ${least} and ${most}`;
}

const typesOf = ({ type = [] }: Rule): readonly string[] => (typeof type === 'string' ? [type] : type);

const allows = (rule: Rule, type: string): boolean => {
  const types = typesOf(rule);
  return types.length === 0 || types.includes(type);
};

function typeOf(value: unknown, rule: Rule): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  if (typeof value !== 'number') return typeof value;
  if (!Number.isFinite(value)) return 'not a number';
  return Number.isInteger(value) && typesOf(rule).includes('integer') ? 'integer' : 'number';
}

const NOUNS: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  integer: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object',
};

const nounOf = (rule: Rule): string =>
  typesOf(rule)
    .flatMap((type) => NOUNS[type] ?? [])
    .join(' or ') || `one of: ${rule.enum?.join(', ')}`;
