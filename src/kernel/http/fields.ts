import { type ApiPropertyOptions, getSchemaPath } from '@nestjs/swagger';
import {
  ArrayMaxSize,
  ArrayMinSize,
  ArrayUnique,
  IsArray,
  IsBoolean,
  IsEmail,
  IsIn,
  IsInt,
  IsNumber,
  IsObject,
  IsString,
  IsUUID,
  Matches,
  Max,
  MaxLength as MaxWordLength,
  Min,
} from 'class-validator';
import { type Dto, field, type FieldOptions, type FieldShape } from './field.js';
import { IsDay, IsInstant, readInstant, writeInstant } from './instant.js';
import { IsText, IsTimeZone, IsVisible, MaxLength, MinLength } from './text-checks.js';

/*
 * Each field has one decorator, which declares both what Swagger shows and what is checked. A property has its name and
 * type in code (`eatenAt: Date`). Its wire name is derived from the property name (`eaten_at`).
 */

const TEXT = { holds: 'String' } as const;
const NUMBER = { holds: 'Number' } as const;

/** Text of `min` (default 1) to `max` characters, without control characters. */
export const StringField = (options: FieldOptions & { min?: number; max: number }): PropertyDecorator =>
  field(TEXT, options, { type: String, minLength: options.min ?? 1, maxLength: options.max }, [
    IsString(),
    IsText(),
    MinLength(options.min ?? 1),
    MaxLength(options.max),
  ]);

/** A text that may be absent or null. */
export const TextField = (description: string, example: string, max: number): PropertyDecorator =>
  StringField({ description, example, max, optional: true, nullable: true });

/**
 * A text of at most `max` characters that matches `pattern`.
 * @param options.mustBe completes the error message "… must be …".
 */
export const CodeField = (
  options: FieldOptions & { pattern: RegExp; mustBe: string; max: number },
): PropertyDecorator =>
  field(TEXT, options, { type: String, pattern: options.pattern.source, maxLength: options.max }, [
    IsString(),
    MaxLength(options.max),
    Matches(options.pattern, { message: `$property must be ${options.mustBe}` }),
  ]);

interface EnumOptions extends FieldOptions {
  readonly values: readonly string[];
  /** The name of the schema that all fields with these values share. */
  readonly name: string;
  /** The meaning of each value. It is shown for every field that uses this enum. */
  readonly meaning: string;
  /** True where the meanings would make a page long: only the schema has them then. */
  readonly brief?: boolean;
}

/** One of a fixed set of values. */
export const EnumField = ({ values, name, meaning, brief, ...options }: EnumOptions): PropertyDecorator =>
  field(
    TEXT,
    // Swagger UI shows only one of two descriptions beside a reference, so this one has both texts.
    brief ? options : { ...options, description: `${options.description} ${meaning}` },
    // Nest's type declares few members of a schema, but Nest passes all of them on.
    { enum: [...values], enumName: name, enumSchema: { description: meaning, example: values[0] } as object },
    [IsIn(values, { message: `$property must be one of: ${values.join(', ')}` })],
  );

/** A finite number from `min` to `max`, both inclusive. */
export const NumberField = (options: FieldOptions & { min?: number; max?: number }): PropertyDecorator =>
  field(NUMBER, options, { type: Number, minimum: options.min, maximum: options.max }, [
    IsNumber({ allowNaN: false, allowInfinity: false }),
    ...(options.min === undefined ? [] : [Min(options.min)]),
    ...(options.max === undefined ? [] : [Max(options.max)]),
  ]);

interface IntegerOptions extends FieldOptions {
  readonly min: number;
  readonly max: number;
  /** The message for a number beyond `max`, where a client can do something else. */
  readonly tooLarge?: string;
}

/** A whole number from `min` to `max`, both inclusive. */
export const IntegerField = (options: IntegerOptions): PropertyDecorator => integerField(NUMBER, options);

/** A whole number in a query string, with a default. */
export const IntegerQuery = (options: IntegerOptions & { default: number }): PropertyDecorator =>
  integerField({ ...NUMBER, read: readInteger }, { ...options, optional: true });

const integerField = (shape: FieldShape, options: IntegerOptions & { default?: number }): PropertyDecorator =>
  field(
    shape,
    options,
    { type: 'integer', minimum: options.min, maximum: options.max, default: options.default },
    [
      IsInt(),
      Min(options.min),
      Max(options.max, options.tooLarge === undefined ? undefined : { message: options.tooLarge }),
    ],
  );

const readInteger = (value: unknown): unknown =>
  typeof value === 'string' && /^-?\d{1,15}$/.test(value) ? Number(value) : value;

export const BooleanField = (options: FieldOptions): PropertyDecorator =>
  field({ holds: 'Boolean' }, options, { type: Boolean }, [IsBoolean()]);

/** `true` or `false` in a query string; false by default. */
export const BooleanQuery = (options: FieldOptions): PropertyDecorator =>
  field(
    { holds: 'Boolean', read: readBoolean },
    { ...options, optional: true },
    { type: Boolean, default: false },
    [IsBoolean()],
  );

const readBoolean = (value: unknown): unknown =>
  value === 'true' ? true : value === 'false' ? false : value;

/** A UUID. It is accepted in any letter case and converted to lower case. */
export const UuidField = (options: FieldOptions): PropertyDecorator =>
  field({ ...TEXT, read: lowerCase }, options, { type: String, format: 'uuid' }, [IsUUID()]);

const lowerCase = (value: unknown): unknown => (typeof value === 'string' ? value.toLowerCase() : value);

/** A time zone by its IANA name, at most 64 characters. */
export const TimeZoneField = (options: FieldOptions): PropertyDecorator =>
  field(TEXT, options, { type: String, minLength: 1, maxLength: 64 }, [
    IsString(),
    MinLength(1),
    MaxLength(64),
    IsTimeZone(),
  ]);

/**
 * An e-mail address of at most 254 characters, which may have letters of any script (RFC 6531).
 * @param options.normalize converts an address to the form in which addresses are compared.
 */
export const EmailField = ({
  normalize,
  ...options
}: FieldOptions & { normalize?: (address: string) => string }): PropertyDecorator =>
  field(
    {
      ...TEXT,
      ...(normalize
        ? { read: (value: unknown) => (typeof value === 'string' ? normalize(value) : value) }
        : {}),
    },
    options,
    { type: String, format: 'idn-email', maxLength: 254 },
    [IsString(), MaxLength(254), IsText(), IsVisible(), IsEmail()],
  );

/** An instant. On the wire ISO 8601 with an offset, in code a Date. It is answered in UTC with milliseconds. */
export const InstantField = (options: FieldOptions): PropertyDecorator =>
  field(
    { holds: 'Date', read: readInstant, write: writeInstant },
    options,
    { type: String, format: 'date-time' },
    [IsInstant()],
  );

/** A calendar day, `YYYY-MM-DD`, from the years 1900 to 2199. */
export const DayField = (options: FieldOptions): PropertyDecorator =>
  field(TEXT, options, { type: String, format: 'date' }, [IsDay()]);

/** An object that another standard defines. The code that uses it checks its members; new members are accepted. */
export const ForeignField = (options: FieldOptions): PropertyDecorator =>
  field({ holds: 'Object' }, options, { type: 'object', additionalProperties: true }, [IsObject()]);

type NestedOptions = Omit<FieldOptions, 'example'>;

/** An object of another contract class. It is checked together with the class that contains it. */
export const ObjectField = (options: NestedOptions & { type: () => Dto }): PropertyDecorator =>
  field({ holds: 'Object', type: options.type }, { ...options, example: undefined }, { type: options.type }, [
    IsObject(),
  ]);

interface ListOptions {
  readonly min?: number;
  /** Required in a request: a list that is too long is refused before its entries are read. */
  readonly max?: number;
}

/** A list of another contract class. One wrong entry refuses the whole request. */
export const ListField = (options: NestedOptions & ListOptions & { type: () => Dto }): PropertyDecorator =>
  listField({ ...unbounded(options), type: options.type }, { type: options.type, isArray: true }, options, [
    // For a list in a list, the nested check alone would check only the entries of the inner list.
    IsObject({ each: true }),
  ]);

/** A list in which each entry fits one of several contract classes. The service checks the entries one by one. */
export const MixedListField = (
  options: NestedOptions & ListOptions & { anyOf: readonly Dto[] },
): PropertyDecorator =>
  listField(
    { ...unbounded(options), anyOf: options.anyOf },
    { type: 'array', items: anyOf(references(options.anyOf)) },
    options,
    [],
  );

/** An object that a client sent earlier and that fits one of several contract classes. Only for answers. */
export const EchoField = (options: NestedOptions & { anyOf: readonly Dto[] }): PropertyDecorator =>
  field(
    { holds: 'Object', anyOf: options.anyOf, answerOnly: 'an EchoField takes anything' },
    { ...options, example: undefined },
    { type: Object, anyOf: references(options.anyOf) },
    [],
  );

interface WordListOptions extends FieldOptions {
  readonly values?: readonly string[];
  /** The form of words that are none of fixed `values`; `mustBe` completes "each entry must be …". */
  readonly words?: { readonly pattern: RegExp; readonly mustBe: string };
  readonly min?: number;
  readonly max: number;
}

/**
 * A list of distinct words of at most 64 characters, such as field names or scopes. A request needs `values` or `words`,
 * because other words are not checked. Where null says that there are none, so does an empty list.
 */
export const WordListField = ({ words, ...options }: WordListOptions): PropertyDecorator => {
  const isEmptyNull = options.nullable && !options.min;
  return field(
    {
      holds: 'Array',
      ...(options.values || words ? {} : { answerOnly: 'a list of words in a request needs `values`' }),
      ...(isEmptyNull ? { read: emptyAsNull } : {}),
    },
    options,
    {
      type: 'array',
      items: {
        type: 'string',
        ...(options.values ? { enum: options.values as string[] } : { maxLength: 64 }),
        ...(words ? { pattern: words.pattern.source } : {}),
      },
      uniqueItems: true,
      minItems: options.min,
      maxItems: options.max,
      // Our client reads it.
      ...(isEmptyNull ? { 'x-empty-as-null': true } : {}),
    } as ApiPropertyOptions,
    [
      ...sizeChecks(options),
      ArrayUnique(),
      ...(options.values ? [IsIn(options.values, { each: true })] : [IsString({ each: true })]),
      ...(words ? wordChecks(words) : []),
    ],
  );
};

const emptyAsNull = (value: unknown): unknown => (Array.isArray(value) && value.length === 0 ? null : value);

const wordChecks = ({ pattern, mustBe }: NonNullable<WordListOptions['words']>): PropertyDecorator[] => [
  MaxWordLength(64, { each: true }),
  Matches(pattern, { each: true, message: `each entry of $property must be ${mustBe}` }),
];

const listField = (
  shape: Partial<FieldShape>,
  schema: ApiPropertyOptions,
  options: NestedOptions & ListOptions,
  checks: readonly PropertyDecorator[],
): PropertyDecorator =>
  field(
    { holds: 'Array', ...shape },
    { ...options, example: undefined },
    { ...schema, minItems: options.min, maxItems: options.max } as ApiPropertyOptions,
    [...sizeChecks(options), ...checks],
  );

const sizeChecks = ({ min, max }: ListOptions): PropertyDecorator[] => [
  IsArray(),
  ...(min === undefined ? [] : [ArrayMinSize(min)]),
  ...(max === undefined ? [] : [ArrayMaxSize(max)]),
];

const unbounded = ({ max }: ListOptions): Partial<FieldShape> =>
  max === undefined ? { answerOnly: 'a list in a request needs `max`' } : {};

const anyOf = (schemas: readonly { $ref: string }[]) =>
  schemas.length === 1 && schemas[0] ? schemas[0] : { anyOf: [...schemas] };

const references = (types: readonly Dto[]) => types.map((type) => ({ $ref: getSchemaPath(type) }));
