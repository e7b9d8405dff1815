import { createRequire } from 'node:module';
import { getMetadataStorage } from 'class-validator';

/*
 * Most input is right. Whether it is, is asked here, with the validators that class-validator's decorators declared,
 * looked up once for each DTO instead of once for each object. What is wrong with the rest, the library says itself.
 */

type Dto = new () => object;
type Plain = Readonly<Record<string, unknown>>;

interface Check {
  readonly isForEach: boolean;
  readonly args: {
    targetName: string;
    property: string;
    constraints: unknown[];
    object: object;
    value: unknown;
  };
  readonly validate: (value: unknown, args: unknown) => unknown;
}

interface Field {
  /** Whether the field is checked at all, such as an optional one that is absent. */
  readonly applies: readonly ((object: object, value: unknown) => boolean)[];
  readonly checks: readonly Check[];
  /** The DTO of what is inside. */
  readonly inner: Dto | undefined;
  readonly transforms: readonly ((value: unknown) => unknown)[];
}

type Shape = ReadonlyMap<string, Field>;

/** The instance, with its fields transformed; undefined when anything is wrong with it. */
export function swiftCheck<Type extends object>(type: new () => Type, plain: object): Type | undefined {
  const shape = shapeOf(type);
  const instance = new type() as Type & Record<string, unknown>;
  for (const [name, value] of Object.entries(plain)) {
    const field = shape.get(name);
    if (!field || name in Object.prototype) return undefined;
    const read = field.inner ? readInner(field.inner, value) : value;
    if (read === undefined && value !== undefined) return undefined;
    (instance as Record<string, unknown>)[name] = field.transforms.reduce((old, work) => work(old), read);
  }
  for (const [name, field] of shape) if (!passes(field, instance, instance[name])) return undefined;
  return instance;
}

function readInner(inner: Dto, value: unknown): unknown {
  if (value === null) return null;
  if (Array.isArray(value)) {
    const all = value.map((entry: unknown) => (isPlain(entry) ? swiftCheck(inner, entry) : undefined));
    return all.includes(undefined) ? undefined : all;
  }
  return isPlain(value) ? swiftCheck(inner, value) : undefined;
}

const isPlain = (value: unknown): value is Plain =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function passes({ applies, checks }: Field, object: object, value: unknown): boolean {
  if (!applies.every((condition) => condition(object, value))) return true;
  return checks.every((check) => {
    const { args, validate } = check;
    args.object = object;
    args.value = value;
    return check.isForEach && Array.isArray(value)
      ? value.every((entry) => validate(entry, args) === true)
      : validate(value, args) === true;
  });
}

const shapes = new WeakMap<Dto, Shape>();

function shapeOf(type: Dto): Shape {
  const known = shapes.get(type) ?? compile(type);
  shapes.set(type, known);
  return known;
}

function compile(type: Dto): Shape {
  const storage = getMetadataStorage();
  const metadatas = storage.getTargetValidationMetadatas(type, '', false, false);
  const properties = Object.entries(storage.groupByPropertyName(metadatas));
  return new Map(
    properties.map(([name, own]) => [
      name,
      {
        applies: own
          .filter((metadata) => metadata.type === 'conditionalValidation')
          .map(({ constraints }) => constraints?.[0] as (object: object, value: unknown) => boolean),
        checks: own.flatMap((metadata) => {
          if (metadata.constraintCls === undefined) return [];
          const { propertyName: property, constraints = [], each } = metadata;
          return storage.getTargetValidatorConstraints(metadata.constraintCls).map(({ instance }) => ({
            isForEach: each,
            args: { targetName: type.name, property, constraints, object: {}, value: undefined },
            validate: (value: unknown, args: unknown) => instance.validate(value, args as never),
          }));
        }),
        inner: typeOf(type, name),
        transforms: transformsOf(type, name),
      },
    ]),
  );
}

interface Transformations {
  findTypeMetadata(type: Dto, name: string): { typeFunction(): Dto } | undefined;
  findTransformMetadatas(
    type: Dto,
    name: string,
    direction: number,
  ): { transformFn(params: { value: unknown }): unknown }[];
}

// What its decorators declared; the library's index does not export it.
const { defaultMetadataStorage: transformations } = createRequire(import.meta.url)(
  'class-transformer/cjs/storage.js',
) as { defaultMetadataStorage: Transformations };

const PLAIN_TO_CLASS = 0;

const typeOf = (type: Dto, name: string): Dto | undefined =>
  transformations.findTypeMetadata(type, name)?.typeFunction();

const transformsOf = (type: Dto, name: string) =>
  transformations.findTransformMetadatas(type, name, PLAIN_TO_CLASS).map(
    ({ transformFn }) =>
      (value: unknown) =>
        transformFn({ value }),
  );
