import { applyDecorators } from '@nestjs/common';
import { ApiProperty, type ApiPropertyOptions, getSchemaPath } from '@nestjs/swagger';
import { Transform, Type } from 'class-transformer';
import {
  ArrayMaxSize,
  ArrayMinSize,
  ArrayUnique,
  IsArray,
  IsBoolean,
  IsDefined,
  IsEmail,
  IsIn,
  IsInt,
  IsNumber,
  IsObject,
  IsString,
  IsTimeZone,
  IsUUID,
  Matches,
  Max,
  Min,
  ValidateBy,
  ValidateIf,
  ValidateNested,
} from 'class-validator';
import { IsText, MaxLength, MinLength } from './text-checks.js';
import { type FieldKind, registerField } from './wire.js';

/*
 * One decorator a field: what Swagger shows and what is checked are the same declaration. DTO properties carry the
 * names of the wire, so an error names the field that was sent.
 */

interface FieldOptions {
  /** Meaning, unit and source of the value. */
  readonly description: string;
  readonly example: unknown;
  /** May be absent. */
  readonly optional?: boolean;
  /** May be null: an explicit "none". */
  readonly nullable?: boolean;
}

type Checks = readonly PropertyDecorator[];

function field(
  kind: FieldKind,
  options: FieldOptions,
  schema: ApiPropertyOptions,
  checks: Checks,
): PropertyDecorator {
  const { description, example, optional = false, nullable = false } = options;
  const absent = (value: unknown) => (optional && value === undefined) || (nullable && value === null);
  return applyDecorators(
    registerField(kind),
    ApiProperty({ description, example, required: !optional, nullable, ...schema } as ApiPropertyOptions),
    optional || nullable ? ValidateIf((_, value: unknown) => !absent(value)) : IsDefined(),
    // In this order, and the first that fails speaks: presence, then type, then range.
    ...checks,
  );
}

/** Text without control characters, of `min` to `max` characters. */
export const StringField = (options: FieldOptions & { min?: number; max: number }): PropertyDecorator =>
  field('plain', options, { type: String, minLength: options.min ?? 1, maxLength: options.max }, [
    IsString(),
    IsText(),
    MinLength(options.min ?? 1),
    MaxLength(options.max),
  ]);

/** A short code that matches `pattern`. */
export const CodeField = (
  options: FieldOptions & { pattern: RegExp; says: string; max: number },
): PropertyDecorator =>
  field('plain', options, { type: String, pattern: options.pattern.source, maxLength: options.max }, [
    IsString(),
    MaxLength(options.max),
    Matches(options.pattern, { message: `$property must be ${options.says}` }),
  ]);

interface EnumOptions extends FieldOptions {
  readonly values: readonly string[];
  /** Of the schema that all fields with these values share. */
  readonly name: string;
  /** What each value says, wherever it appears. */
  readonly meaning: string;
}

export const EnumField = ({ values, name, meaning, ...options }: EnumOptions): PropertyDecorator =>
  field(
    'plain',
    // Beside a reference only one of the two descriptions is shown.
    { ...options, description: `${options.description} ${meaning}` },
    // Nest's type knows few members of a schema; all are passed on.
    { enum: [...values], enumName: name, enumSchema: { description: meaning, example: values[0] } as object },
    [IsIn(values, { message: `$property must be one of: ${values.join(', ')}` })],
  );

/** A finite number. */
export const NumberField = (options: FieldOptions & { min?: number; max?: number }): PropertyDecorator =>
  field('plain', options, { type: Number, minimum: options.min, maximum: options.max }, [
    IsNumber({ allowNaN: false, allowInfinity: false }),
    ...(options.min === undefined ? [] : [Min(options.min)]),
    ...(options.max === undefined ? [] : [Max(options.max)]),
  ]);

export const IntegerField = (
  options: FieldOptions & { min: number; max: number; default?: number },
): PropertyDecorator =>
  field(
    'plain',
    options,
    { type: 'integer', minimum: options.min, maximum: options.max, default: options.default },
    [IsInt(), Min(options.min), Max(options.max)],
  );

/** A whole number in a query string. */
export const IntegerQuery = (
  options: FieldOptions & { min: number; max: number; default: number },
): PropertyDecorator =>
  applyDecorators(
    IntegerField({ ...options, optional: true }),
    Transform(({ value }: { value: unknown }) =>
      typeof value === 'string' && /^-?\d{1,15}$/.test(value) ? Number(value) : value,
    ),
  );

export const BooleanField = (options: FieldOptions): PropertyDecorator =>
  field('plain', options, { type: Boolean }, [IsBoolean()]);

export const UuidField = (options: FieldOptions): PropertyDecorator =>
  applyDecorators(
    field('plain', options, { type: String, format: 'uuid' }, [IsUUID()]),
    Transform(({ value }: { value: unknown }) => (typeof value === 'string' ? value.toLowerCase() : value)),
  );

/** A place's rules of local time, by IANA name. */
export const TimeZoneField = (options: FieldOptions): PropertyDecorator =>
  field('plain', options, { type: String, minLength: 1, maxLength: 64 }, [
    IsString(),
    MinLength(1),
    MaxLength(64),
    IsTimeZone(),
  ]);

export const EmailField = (options: FieldOptions): PropertyDecorator =>
  field('plain', options, { type: String, format: 'email', maxLength: 254 }, [
    IsString(),
    MaxLength(254),
    IsText(),
    IsEmail(),
  ]);

/** An instant: ISO 8601 with an offset; kept and answered in UTC with milliseconds. */
export const InstantField = (options: FieldOptions): PropertyDecorator =>
  field('instant', options, { type: String, format: 'date-time' }, [IsInstant()]);

type Dto = new () => object;

/** An object that another standard describes: whoever uses it looks into it, and its members may grow. */
export const ForeignField = (options: FieldOptions): PropertyDecorator =>
  field('plain', options, { type: 'object', additionalProperties: true }, [IsObject()]);

/** Another DTO, or a list of them, in an answer. Lists in a request are checked entry by entry where they are used. */
export const ObjectField = (
  options: Omit<FieldOptions, 'example'> & { type: () => Dto },
): PropertyDecorator =>
  applyDecorators(
    field('plain', { ...options, example: undefined }, { type: options.type }, []),
    Type(options.type),
  );

/** A list in a request whose entries are checked with it: one that is wrong refuses the whole. */
export const CheckedListField = (
  options: Omit<FieldOptions, 'example'> & { type: () => Dto; max: number },
): PropertyDecorator =>
  applyDecorators(
    ListField(options),
    // Of a list in a list the nested check would only look at the entries.
    IsObject({ each: true }),
    ValidateNested({ each: true }),
    Type(options.type),
  );

/** A calendar day. */
export const DayField = (options: FieldOptions): PropertyDecorator =>
  field('plain', options, { type: String, format: 'date' }, [IsDay()]);

/** Whatever a client sent that fits one of several DTOs. */
export const EchoField = (
  options: Omit<FieldOptions, 'example'> & { anyOf: readonly Dto[] },
): PropertyDecorator =>
  field('plain', { ...options, example: undefined }, { type: Object, anyOf: references(options.anyOf) }, []);

const anyOf = (schemas: readonly { $ref: string }[]) =>
  schemas.length === 1 && schemas[0] ? schemas[0] : { anyOf: [...schemas] };

const references = (types: readonly Dto[]) => types.map((type) => ({ $ref: getSchemaPath(type) }));

export const ListField = (
  options: Omit<FieldOptions, 'example'> & { type: () => Dto; min?: number; max?: number },
): PropertyDecorator => listField({ type: options.type, isArray: true }, options);

/** A list of words, such as names of fields or scopes, each once. */
export const WordListField = (
  options: FieldOptions & { values?: readonly string[]; min?: number; max: number },
) =>
  field(
    'plain',
    options,
    {
      type: 'array',
      items: { type: 'string', ...(options.values ? { enum: [...options.values] } : { maxLength: 64 }) },
      uniqueItems: true,
      minItems: options.min,
      maxItems: options.max,
    } as ApiPropertyOptions,
    [
      IsArray(),
      ...(options.min === undefined ? [] : [ArrayMinSize(options.min)]),
      ArrayMaxSize(options.max),
      ArrayUnique(),
      ...(options.values ? [IsIn([...options.values], { each: true })] : [IsString({ each: true })]),
    ],
  );

/** A list whose entries each fit one of several DTOs. */
export const MixedListField = (
  options: Omit<FieldOptions, 'example'> & { anyOf: readonly Dto[]; min?: number; max?: number },
): PropertyDecorator => listField({ type: 'array', items: anyOf(references(options.anyOf)) }, options);

const listField = (
  schema: ApiPropertyOptions,
  options: Omit<FieldOptions, 'example'> & { min?: number; max?: number },
): PropertyDecorator =>
  field(
    'plain',
    { ...options, example: undefined },
    { ...schema, minItems: options.min, maxItems: options.max } as ApiPropertyOptions,
    [
      IsArray(),
      ...(options.min === undefined ? [] : [ArrayMinSize(options.min)]),
      ...(options.max === undefined ? [] : [ArrayMaxSize(options.max)]),
    ],
  );

const ISO = /^(\d{4})-(\d{2})-(\d{2})T\d{2}:\d{2}(:\d{2}([.,]\d{1,9})?)?(Z|[+-]\d{2}:?\d{2})$/i;

/** The instant an ISO 8601 text with offset names, between the years 1900 and 2200, or undefined. */
export function parseInstant(text: string): Date | undefined {
  const parts = ISO.exec(text);
  if (!parts) return undefined;
  const [year, month, day] = parts.slice(1, 4).map(Number) as [number, number, number];
  const instant = new Date(text.replace(',', '.').toUpperCase());
  const isDay =
    month >= 1 && month <= 12 && day >= 1 && day <= new Date(Date.UTC(year, month, 0)).getUTCDate();
  return isDay && year >= 1900 && year < 2200 && !Number.isNaN(instant.getTime()) ? instant : undefined;
}

const IsDay = (): PropertyDecorator =>
  ValidateBy({
    name: 'isDay',
    validator: {
      validate: (value: unknown) =>
        typeof value === 'string' &&
        /^\d{4}-\d{2}-\d{2}$/.test(value) &&
        parseInstant(`${value}T00:00:00Z`) !== undefined,
      defaultMessage: () => '$property must be a calendar day, such as 2026-01-06',
    },
  });

const IsInstant = (): PropertyDecorator =>
  ValidateBy({
    name: 'isInstant',
    validator: {
      validate: (value: unknown) => typeof value === 'string' && parseInstant(value) !== undefined,
      defaultMessage: () =>
        '$property must be an ISO 8601 date and time with an offset, such as 2026-01-06T20:30:00Z',
    },
  });
