import { compileCopy } from '../../platform/compiled-copy.js';
import { contractOf, type ContractField } from './contract.js';
import type { Dto } from './field.js';

type Source = Readonly<Record<string, unknown>>;

type Writer = (source: object) => Record<string, unknown>;

/**
 * Writes the wire form of an entity or another object: exactly the fields that the contract class declares, so that a
 * column is never answered by accident. Undefined values are left out.
 */
export const write = (type: Dto, source: object): Record<string, unknown> => writerOf(type)(source);

const writers = new WeakMap<Dto, Writer>();

/** Made once for each class. */
function writerOf(type: Dto): Writer {
  const known = writers.get(type) ?? compile(type);
  writers.set(type, known);
  return known;
}

const compile = (type: Dto): Writer =>
  compileCopy(
    contractOf(type).fields.map((field) => ({
      from: field.property,
      to: field.name,
      convert: valueWriterOf(field),
    })),
  );

/** Writes the wire form of one field's value. */
export function writeValue(field: ContractField, value: unknown): unknown {
  const convert = valueWriterOf(field);
  return convert ? convert(value) : value;
}

/** Undefined for a value that is on the wire what it is in code. */
function valueWriterOf({ type, write: convert }: ContractField): ((value: unknown) => unknown) | undefined {
  if (type === undefined) return convert;
  let writer: Writer | undefined;
  return (value) => {
    // Only now: a class may contain itself.
    writer ??= writerOf(type());
    return Array.isArray(value) ? value.map(writer) : writer(value as object);
  };
}

/** Reads an object back from its stored wire form. It checks nothing, because {@link write} wrote the object. */
export function revive<Shape extends object>(type: Dto<Shape>, stored: object): Shape {
  const instance = new type() as Shape & Record<string, unknown>;
  for (const field of contractOf(type).fields) {
    const value = (stored as Source)[field.name];
    if (value !== undefined)
      (instance as Record<string, unknown>)[field.property] =
        value === null ? null : reviveValue(field, value);
  }
  return instance;
}

function reviveValue({ type, read }: ContractField, value: unknown): unknown {
  if (type === undefined) return read === undefined ? value : read(value);
  const nested = type();
  return Array.isArray(value)
    ? value.map((entry: object) => revive(nested, entry))
    : revive(nested, value as object);
}

/**
 * A column transformer that stores objects of a contract class as JSON text. It stores their wire form, so that renaming a
 * property needs no migration.
 */
export const storedAs = (type: () => Dto) => ({
  to: (value: object | null) =>
    value === null
      ? null
      : JSON.stringify(
          Array.isArray(value) ? value.map((one: object) => write(type(), one)) : write(type(), value),
        ),
  from: (text: unknown) => {
    if (text === null) return null;
    const stored = JSON.parse(text as string) as object;
    return Array.isArray(stored) ? stored.map((one: object) => revive(type(), one)) : revive(type(), stored);
  },
});
