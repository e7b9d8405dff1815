import { createRequire } from 'node:module';
import { getMetadataStorage } from 'class-validator';
import type { FieldError } from './problem.js';

/*
 * Input is checked here, by what the decorators of class-validator and class-transformer declare, looked up once for
 * each DTO. The libraries' own walk would copy whatever was sent, to the last entry of a list that is too long, before
 * it asked how long the list is.
 */

type Dto = new () => object;
type Instance = Record<string, unknown>;

interface CheckArguments {
  readonly targetName: string;
  readonly property: string;
  readonly constraints: readonly unknown[];
  object: object;
  value: unknown;
}

interface Check {
  readonly name: string;
  readonly isForEach: boolean;
  readonly args: CheckArguments;
  readonly validate: (value: unknown, args: CheckArguments) => unknown;
  readonly message: (args: CheckArguments) => string;
}

interface Field {
  /** Whether the field is checked at all, such as an optional one that is absent. */
  readonly applies: readonly ((object: object, value: unknown) => boolean)[];
  /** In this order, and the first that fails speaks. */
  readonly checks: readonly Check[];
  /** The DTO of each entry of a list. */
  readonly entries: Dto | undefined;
  readonly transforms: readonly ((value: unknown) => unknown)[];
}

type Shape = ReadonlyMap<string, Field>;

/** Codes of {@link FieldError}, by the check that failed. */
const codes: Readonly<Record<string, string>> = {
  isDefined: 'required',
  isIn: 'not-allowed',
  isString: 'wrong-type',
  isNumber: 'wrong-type',
  isInt: 'wrong-type',
  isBoolean: 'wrong-type',
  isArray: 'wrong-type',
  isObject: 'wrong-type',
  min: 'out-of-range',
  max: 'out-of-range',
  minLength: 'out-of-range',
  maxLength: 'out-of-range',
  isBodyWeight: 'out-of-range',
  arrayMinSize: 'out-of-range',
  arrayMaxSize: 'out-of-range',
};

/**
 * The instance, with its fields transformed, and what is wrong with it. Fields nobody declared are errors: a typo must
 * not be lost in silence. What is in a list is looked at when nothing is wrong with the list.
 */
export function check<Type extends object>(
  type: new () => Type,
  plain: object,
  parent = '',
): { instance: Type; errors: FieldError[] } {
  const shape = shapeOf(type);
  const instance = new type() as Type & Instance;
  const errors: FieldError[] = [];
  for (const [name, value] of Object.entries(plain)) {
    const field = shape.get(name);
    if (field) (instance as Instance)[name] = field.transforms.reduce((old, work) => work(old), value);
    else errors.push({ field: parent + name, code: 'unknown-field', message: unknownField(name) });
  }
  for (const [name, field] of shape) checkField(field, instance, name, parent, errors);
  return { instance, errors };
}

/** The name is the client's, and as long as it likes. */
const unknownField = (name: string): string => `${name.slice(0, 64)} is not a field of this request`;

function checkField(
  { applies, checks, entries }: Field,
  instance: Instance,
  name: string,
  parent: string,
  errors: FieldError[],
): void {
  const value = instance[name];
  if (!applies.every((condition) => condition(instance, value))) return;
  const failed = checks.find((one) => !passes(one, instance, value));
  if (failed)
    errors.push({ field: parent + name, code: codes[failed.name] ?? 'invalid', message: messageOf(failed) });
  else if (entries && Array.isArray(value))
    instance[name] = value.map((entry: object, index) => {
      const inner = check(entries, entry, `${parent}${name}.${index}.`);
      errors.push(...inner.errors);
      return inner.instance;
    });
}

function passes({ args, validate, isForEach }: Check, object: object, value: unknown): boolean {
  args.object = object;
  args.value = value;
  return isForEach && Array.isArray(value)
    ? value.every((entry) => validate(entry, args) === true)
    : validate(value, args) === true;
}

/** What class-validator would say, except that it never repeats a value. */
const messageOf = ({ args, message }: Check): string =>
  message(args).replace(/\$(?:property|constraint(\d))/g, (_, place?: string) =>
    place === undefined ? args.property : [args.constraints[Number(place) - 1]].flat().join(', '),
  );

const shapes = new WeakMap<Dto, Shape>();

function shapeOf(type: Dto): Shape {
  const known = shapes.get(type) ?? compile(type);
  shapes.set(type, known);
  return known;
}

const storage = getMetadataStorage();
type Metadata = ReturnType<typeof storage.getTargetValidationMetadatas>[number];

function compile(type: Dto): Shape {
  const metadatas = storage.getTargetValidationMetadatas(type, '', false, false);
  const properties = Object.entries(storage.groupByPropertyName(metadatas));
  return new Map(
    properties.map(([name, own]) => [
      name,
      {
        applies: own
          .filter((metadata) => metadata.type === 'conditionalValidation')
          .map(({ constraints }) => constraints?.[0] as (object: object, value: unknown) => boolean),
        checks: own.flatMap((metadata) => checksOf(type, metadata)),
        entries: own.some((metadata) => metadata.type === 'nestedValidation')
          ? typeOf(type, name)
          : undefined,
        transforms: transformsOf(type, name),
      },
    ]),
  );
}

function checksOf(type: Dto, metadata: Metadata): Check[] {
  const { constraintCls, propertyName: property, constraints = [], each: isForEach, message } = metadata;
  if (constraintCls === undefined) return [];
  return storage.getTargetValidatorConstraints(constraintCls).map(({ name, instance }) => ({
    name,
    isForEach,
    args: { targetName: type.name, property, constraints, object: {}, value: undefined },
    validate: (value, args) => instance.validate(value, args as never),
    message: (args) =>
      typeof message === 'function'
        ? message(args as never)
        : (message ?? instance.defaultMessage?.(args as never) ?? ''),
  }));
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
