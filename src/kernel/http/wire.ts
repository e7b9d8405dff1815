import { camelCase } from '../../platform/database/naming.js';

/** How a value crosses the wire. */
export type FieldKind = 'plain' | 'instant';

interface WireField {
  /** The name on the wire and in the database: snake_case. */
  readonly name: string;
  /** The name in code: camelCase. */
  readonly property: string;
  readonly kind: FieldKind;
}

const fieldsOf = new Map<object, WireField[]>();

/** Remembers a DTO's field, in the order of declaration. */
export const registerField =
  (kind: FieldKind): PropertyDecorator =>
  (prototype, key) => {
    const name = String(key);
    const fields = fieldsOf.get(prototype) ?? [];
    fieldsOf.set(prototype, [...fields, { name, property: camelCase(name), kind }]);
  };

/** The fields a DTO declares, inherited ones first. */
export function wireFields(dto: abstract new () => object): readonly WireField[] {
  const known = resolved.get(dto);
  if (known) return known;
  const fields: WireField[] = [];
  for (
    let prototype = dto.prototype as object;
    prototype !== Object.prototype;
    prototype = Object.getPrototypeOf(prototype) as object
  )
    fields.unshift(...(fieldsOf.get(prototype) ?? []));
  resolved.set(dto, fields);
  return fields;
}
const resolved = new WeakMap<object, readonly WireField[]>();

/**
 * The wire form of an entity: exactly the fields the DTO declares, so that a column is never answered by accident.
 * Absent values are left out.
 */
export function toWire<Dto extends object>(dto: new () => Dto, entity: object): Dto {
  const source = entity as Readonly<Record<string, unknown>>;
  const target: Record<string, unknown> = {};
  for (const { name, property } of wireFields(dto)) {
    const value = source[property];
    if (value !== undefined) target[name] = value instanceof Date ? value.toISOString() : value;
  }
  return target as Dto;
}

type Camel<Name extends string> = Name extends `${infer Head}_${infer Tail}`
  ? `${Head}${Capitalize<Camel<Tail>>}`
  : Name;

/** A DTO in the names of the code, instants as Date. What the client left out stays out. */
export type FromWire<Dto> = {
  [Name in keyof Dto & string as Camel<Name>]: Name extends Instant
    ? Date | Extract<Dto[Name], undefined | null>
    : Dto[Name];
};
/** Names that end like this are instants everywhere: the type follows the name, the value follows the field. */
type Instant = 'timestamp' | 'since' | 'until' | `${string}_at` | `${string}_time`;

/** The form in which services take a DTO's data. */
export function fromWire<Dto extends object>(type: new () => Dto, dto: Partial<Dto>): FromWire<Dto> {
  const source = dto as Readonly<Record<string, unknown>>;
  const target: Record<string, unknown> = {};
  for (const { name, property, kind } of wireFields(type)) {
    const value = source[name];
    if (value !== undefined)
      target[property] = kind === 'instant' && typeof value === 'string' ? new Date(value) : value;
  }
  return target as FromWire<Dto>;
}
