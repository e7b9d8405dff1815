import { isDeepStrictEqual } from 'node:util';
import { plainToInstance } from 'class-transformer';
import { camelCase } from '../../platform/database/naming.js';
import { validate } from './check.js';
import { type ContractField, readContract } from './contract.js';
import type { Dto } from './field.js';

/** What a contract class is used for. */
type Use = 'request' | 'answer';

/**
 * Lists why a class, or a class nested in it, cannot be used as a contract: one of its declarations would be ignored, or
 * some input would pass without a check.
 */
export function contractFaults(type: unknown, use: Use, seen = new Set<Dto>()): string[] {
  if (!isContractClass(type))
    return [`${nameOf(type)} is not a contract class; import the class itself, not only its type`];
  if (seen.has(type)) return [];
  seen.add(type);
  const { fields, faults } = readContract(type);
  const own = fields.flatMap((field) =>
    faultsOfField(type, field, use).map((fault) => `${type.name}.${field.property}: ${fault}`),
  );
  const nested = fields.flatMap(({ type: one, anyOf = [] }) => [...(one ? [one()] : []), ...anyOf]);
  return [
    ...faults,
    ...own,
    ...faultsOfDefaults(type, fields),
    ...(use === 'request' && faults.length === 0 ? faultsOfDefaultValues(type, fields) : []),
    ...nested.flatMap((one) => contractFaults(one, use, seen)),
  ];
}

const BUILT_IN = new Set<unknown>([
  Object,
  Function,
  Array,
  String,
  Number,
  Boolean,
  Date,
  Promise,
  Map,
  Set,
]);

const isContractClass = (type: unknown): type is Dto => typeof type === 'function' && !BUILT_IN.has(type);

const nameOf = (type: unknown): string => (typeof type === 'function' ? type.name : String(type));

function faultsOfField(type: Dto, field: ContractField, use: Use): string[] {
  const typed = typeNameOf(type, field.property);
  return [
    ...(isBijective(field) ? [] : [`the wire name "${field.name}" does not convert back to this name`]),
    ...(use === 'request' && field.answerOnly ? [`cannot be part of a request: ${field.answerOnly}`] : []),
    ...(typed === undefined || typed === field.holds
      ? []
      : [`has the type ${typed}, but its decorator gives ${field.holds}`]),
    // Each new class would be compiled again, and class-validator would keep its fields for ever.
    ...(field.type && field.type() !== field.type()
      ? ['`type` makes a new class each time; make it once']
      : []),
    ...(isTransformed(type, field.property) ? ['class-transformer decorators have no effect here'] : []),
  ];
}

/** Whether property and wire name convert to each other in both ways, and the property is no member of every object. */
const isBijective = ({ property, name }: ContractField): boolean =>
  /^[a-z][a-z\d]*(_[a-z\d]+)*$/.test(name) && camelCase(name) === property && !(property in Object.prototype);

/** The type in TypeScript's metadata, if a field can hold it. TypeScript writes `Object` for a union. */
function typeNameOf(type: Dto, property: string): string | undefined {
  const typed: unknown = Reflect.getMetadata('design:type', type.prototype as object, property);
  return typed !== Object && BUILT_IN.has(typed) ? nameOf(typed) : undefined;
}

const PROBES: readonly unknown[] = [{ probe: 1 }, ' Probe ', '7', 7.5, true, ['x']];

/** Kept, because a class is used by several routes, for requests and for answers, and the probes are a fifth of a start. */
const probed = new WeakMap<Dto, Map<string, boolean>>();

/** Whether class-transformer changes one of the probes. Its public API does not tell which decorators a property has. */
function isTransformed(type: Dto, property: string): boolean {
  const known = probed.get(type) ?? new Map<string, boolean>();
  probed.set(type, known);
  const found =
    known.get(property) ??
    PROBES.some((probe) => {
      const result = plainToInstance(type, { [property]: probe }) as Record<string, unknown>;
      return !isDeepStrictEqual(result[property], probe);
    });
  known.set(property, found);
  return found;
}

/** Finds properties that have a default but are no fields: they could neither be sent nor answered. */
const faultsOfDefaults = (type: Dto, fields: readonly ContractField[]): string[] =>
  Object.keys(new type())
    .filter((property) => !fields.some((field) => field.property === property))
    .map((property) => `${type.name}.${property}: has a default, but no decorator from kernel/http/fields`);

/**
 * Finds defaults of a request that would have no effect, or one that nobody expects: a change that leaves out a field of a
 * `PartialType` would set it to the default.
 */
function faultsOfDefaultValues(type: Dto, fields: readonly ContractField[]): string[] {
  const defaults = new type() as Record<string, unknown>;
  const given = fields.filter(({ property }) => defaults[property] !== undefined);
  if (given.length === 0) return [];
  const checked = validate(type, {});
  const errors = Array.isArray(checked) ? checked : [];
  return given.flatMap(({ property, name, optional, madeOptional }) => [
    ...(optional && !madeOptional
      ? []
      : [
          `${type.name}.${property}: only a field with \`optional: true\` can have a default, and not in a PartialType`,
        ]),
    ...errors
      .filter(({ field }) => field === name || field.startsWith(`${name}.`))
      .map(({ message }) => `${type.name}.${property}: its own default is refused: ${message}`),
  ]);
}
