import { IntersectionType, OmitType, PartialType, PickType } from '@nestjs/swagger';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { write } from '../../src/kernel/http/answer.js';
import { validate } from '../../src/kernel/http/check.js';
import { contractFaults } from '../../src/kernel/http/contract-faults.js';
import type { Dto } from '../../src/kernel/http/field.js';
import {
  BooleanField,
  InstantField,
  IntegerField,
  ListField,
  ObjectField,
  StringField,
} from '../../src/kernel/http/fields.js';
import { snakeCase } from '../../src/platform/database/naming.js';
import { chooseSeed } from '../support/random.js';

const seed = chooseSeed();
/** Few runs, because class-validator searches all existing classes for each new class. */
const RUNS = 40 * Number(process.env['HALE_RUNS'] ?? 1);
const MAX_ENTRIES = 3;

/** What a field should accept, written without the code under test. */
interface FieldModel {
  readonly kind: 'text' | 'integer' | 'flag' | 'instant' | 'object' | 'list';
  readonly optional: boolean;
  readonly nullable: boolean;
  readonly nested?: Model;
}
type Fields = ReadonlyMap<string, FieldModel>;
/** A contract class, and what it should accept. */
interface Model {
  readonly type: Dto;
  readonly fields: Fields;
}

const PROPERTIES = ['name', 'eatenAt', 'energyKcal', 'isDone', 'lineTwo', 'sum64'];
const OTHER_PROPERTIES = ['note', 'startsAt', 'bodyFat'];
const ADDED_PROPERTIES = ['title', 'endsAt'];

function decorate(prototype: object, property: string, model: FieldModel): void {
  const { optional, nullable } = model;
  const options = { description: 'A field.', example: 'x', optional, nullable };
  const decorators = {
    text: () => StringField({ ...options, max: 5 }),
    integer: () => IntegerField({ ...options, min: 0, max: 9 }),
    flag: () => BooleanField(options),
    instant: () => InstantField(options),
    object: () => ObjectField({ ...options, type: () => (model.nested as Model).type }),
    list: () => ListField({ ...options, type: () => (model.nested as Model).type, max: MAX_ENTRIES }),
  };
  decorators[model.kind]()(prototype, property);
}

function modelOf(Base: Dto, fields: Fields, inherited: Fields = new Map()): Model {
  const type = class extends Base {};
  for (const [property, field] of fields) decorate(type.prototype, property, field);
  return { type, fields: new Map([...inherited, ...fields]) };
}
class Empty {}

const fieldsFrom = (properties: readonly string[], nested: fc.Arbitrary<Model> | undefined) => {
  const plain = fc.constantFrom<FieldModel['kind']>('text', 'integer', 'flag', 'instant');
  const shape = { optional: fc.boolean(), nullable: fc.boolean() };
  const scalar = fc.record({ kind: plain, ...shape });
  const field: fc.Arbitrary<FieldModel> = nested
    ? fc.oneof(
        scalar,
        fc.record({
          kind: fc.constantFrom<FieldModel['kind']>('object', 'list'),
          nested,
          ...shape,
        }),
      )
    : scalar;
  return fc
    .uniqueArray(fc.constantFrom(...properties), { minLength: 1 })
    .chain((names) =>
      fc.tuple(...names.map((name) => fc.tuple(fc.constant(name), field))).map((pairs) => new Map(pairs)),
    );
};

const partial = ({ type, fields }: Model): Model => ({
  type: PartialType(type) as Dto,
  fields: new Map([...fields].map(([name, field]) => [name, { ...field, optional: true }])),
});
const picked = ({ type, fields }: Model, names: readonly string[]): Model => ({
  type: PickType(type, names as never) as Dto,
  fields: new Map([...fields].filter(([name]) => names.includes(name))),
});
const omitted = ({ type, fields }: Model, names: readonly string[]): Model => ({
  type: OmitType(type, names as never) as Dto,
  fields: new Map([...fields].filter(([name]) => !names.includes(name))),
});
const joined = (a: Model, b: Model): Model => ({
  type: IntersectionType(a.type, b.type) as Dto,
  fields: new Map([...a.fields, ...b.fields]),
});

/** A class with up to three mapped types or subclasses, each based on the one before. */
function derived(nested: fc.Arbitrary<Model> | undefined): fc.Arbitrary<Model> {
  const base = fieldsFrom(PROPERTIES, nested).map((fields) => modelOf(Empty, fields));
  const step = fc.oneof(
    fc.constant(partial),
    fc.nat().map((at) => (model: Model) => picked(model, someOf(model, at))),
    fc.nat().map((at) => (model: Model) => omitted(model, someOf(model, at).slice(1))),
    fieldsFrom(OTHER_PROPERTIES, nested).map((fields) => {
      const other = modelOf(Empty, fields);
      return (model: Model) => joined(omitted(model, [...fields.keys()]), other);
    }),
    // A subclass declares a field again, which replaces the declaration of its base class or mapped type.
    fieldsFrom([...ADDED_PROPERTIES, ...PROPERTIES], nested).map(
      (fields) => (model: Model) => modelOf(model.type, fields, model.fields),
    ),
  );
  return fc
    .tuple(base, fc.array(step, { maxLength: 3 }))
    .map(([model, steps]) => steps.reduce((old, apply) => apply(old), model))
    .filter(({ fields }) => fields.size > 0);
}

const someOf = ({ fields }: Model, at: number): string[] => {
  const names = [...fields.keys()];
  return names.slice(at % names.length);
};

const model = derived(derived(undefined));

const SCALARS: Readonly<Record<string, readonly unknown[]>> = {
  text: ['x', 'abcde', 'abcdef', '', 'tab\u0000'],
  integer: [0, 9, 10, -1, 1.5, '1'],
  flag: [true, false, 0, 'true'],
  instant: ['2026-01-06T20:30:00.000Z', '2026-02-30T00:00:00Z', '2026-01-06T20:30:00', 0],
};
const ODD = fc.constantFrom<unknown>(null, undefined, [], {}, [[]], [null], 'x', 7, { constructor: 1 });

function valueOf(field: FieldModel): fc.Arbitrary<unknown> {
  const own =
    field.kind === 'object'
      ? requestOf(field.nested as Model)
      : field.kind === 'list'
        ? fc.array(requestOf(field.nested as Model), { maxLength: MAX_ENTRIES + 1 })
        : fc.constantFrom(...(SCALARS[field.kind] as unknown[]));
  return fc.oneof({ weight: 9, arbitrary: own }, { weight: 1, arbitrary: ODD });
}

/** Values that the class may accept, and sometimes an unknown field. */
const requestOf = ({ fields }: Model): fc.Arbitrary<Record<string, unknown>> =>
  fc
    .tuple(
      fc.tuple(
        ...[...fields].map(([name, field]) =>
          fc.option(valueOf(field), { nil: undefined }).map((value) => [snakeCase(name), value] as const),
        ),
      ),
      fc.oneof(
        { weight: 9, arbitrary: fc.constant([] as string[]) },
        { weight: 1, arbitrary: fc.constantFrom(['constructor'], ['toString'], ['eatenAt'], ['extra']) },
      ),
    )
    .map(([pairs, extra]) =>
      Object.fromEntries([
        ...pairs.filter(([, value]) => value !== undefined),
        ...extra.map((name) => [name, 1] as const),
      ]),
    );

/** The fields that should be refused. */
function refused({ fields }: Model, request: object, parent = ''): string[] {
  const names = new Map([...fields].map(([name, field]) => [snakeCase(name), field]));
  const unknown = Object.keys(request).filter((name) => !names.has(name));
  const wrong = [...names].flatMap(([name, field]) =>
    refusedIn(field, (request as Record<string, unknown>)[name], parent + name),
  );
  return [...unknown.map((name) => parent + name), ...wrong];
}

function refusedIn(field: FieldModel, value: unknown, path: string): string[] {
  if (value === undefined) return field.optional ? [] : [path];
  if (value === null) return field.nullable ? [] : [path];
  const isObject = (one: unknown) => typeof one === 'object' && one !== null && !Array.isArray(one);
  const nested = field.nested as Model;
  switch (field.kind) {
    case 'text':
      return typeof value === 'string' && /^[a-z]{1,5}$/.test(value) ? [] : [path];
    case 'integer':
      return Number.isInteger(value) && (value as number) >= 0 && (value as number) <= 9 ? [] : [path];
    case 'flag':
      return typeof value === 'boolean' ? [] : [path];
    case 'instant':
      return value === '2026-01-06T20:30:00.000Z' ? [] : [path];
    case 'object':
      return isObject(value) ? refused(nested, value, `${path}.`) : [path];
    case 'list':
      return Array.isArray(value) && value.length <= MAX_ENTRIES && value.every(isObject)
        ? value.flatMap((entry: object, index) => refused(nested, entry, `${path}.${index}.`))
        : [path];
  }
}

const cases = model.chain((one) =>
  fc.tuple(fc.constant(one), fc.array(requestOf(one), { minLength: 8, maxLength: 8 })),
);

describe('contract classes of any shape', () => {
  it('accept what their parts accept, report every wrong field, and write what was sent', () => {
    let accepted = 0;
    fc.assert(
      fc.property(cases, ([{ type, fields }, requests]) => {
        const faults = contractFaults(type, 'request');
        // A mapped type of a class that redeclares a property cannot tell the declarations apart, so it stops the boot.
        expect(faults.filter((fault) => !fault.endsWith('is declared twice, in different ways'))).toEqual([]);
        if (faults.length > 0) return;
        for (const request of requests) {
          const expected = refused({ type, fields }, request);
          const result = validate(type, request);
          if (Array.isArray(result)) {
            expect(result.map(({ field }) => field).toSorted()).toEqual(expected.toSorted());
            expect(expected).not.toEqual([]);
            continue;
          }
          expect(expected).toEqual([]);
          expect(result).toBeInstanceOf(type);
          expect(write(type, result)).toEqual(request);
          accepted += 1;
        }
      }),
      { seed, numRuns: RUNS },
    );
    // The test proves nothing unless both outcomes occur.
    expect(accepted).toBeGreaterThan(RUNS / 10);
  });
});
