import { type ArgumentMetadata, Injectable, type PipeTransform } from '@nestjs/common';
import { plainToInstance } from 'class-transformer';
import { type ValidationError, validateSync } from 'class-validator';
import { type FieldError, Problem } from './problem.js';
import { swiftCheck } from './swift-check.js';

/** Codes of {@link FieldError}, by the check that failed. */
const codes: Readonly<Record<string, string>> = {
  isDefined: 'required',
  whitelistValidation: 'unknown-field',
  isIn: 'not-allowed',
  isString: 'wrong-type',
  isNumber: 'wrong-type',
  isInt: 'wrong-type',
  isBoolean: 'wrong-type',
  isArray: 'wrong-type',
  isObject: 'wrong-type',
  nestedValidation: 'wrong-type',
  min: 'out-of-range',
  max: 'out-of-range',
  minLength: 'out-of-range',
  maxLength: 'out-of-range',
  isBodyWeight: 'out-of-range',
  arrayMinSize: 'out-of-range',
  arrayMaxSize: 'out-of-range',
};

/**
 * The instance, or what is wrong with each field. Unknown fields are refused: a typo must not be lost in silence.
 * @param isForgiven which errors do not count.
 */
export function validate<Dto extends object>(
  type: new () => Dto,
  plain: unknown,
  isForgiven: (error: FieldError) => boolean = () => false,
): Dto | FieldError[] {
  if (typeof plain !== 'object' || plain === null || Array.isArray(plain))
    return [{ field: '', code: 'wrong-type', message: 'must be an object' }];
  const right = swiftCheck(type, plain);
  if (right) return right;
  const instance = plainToInstance(type, plain);
  const failures = validateSync(instance, {
    whitelist: true,
    forbidNonWhitelisted: true,
    stopAtFirstError: true,
  });
  const errors = [
    ...droppedKeys(plain, instance, ''),
    ...failures.flatMap((failure) => describe(failure, '')),
  ].filter((error) => !isForgiven(error));
  return errors.length === 0 ? instance : errors;
}

/** class-transformer leaves out, in silence, every key that is called like a method of all objects, such as `toString`. */
function droppedKeys(plain: object, instance: object, parent: string): FieldError[] {
  return Object.entries(plain).flatMap(([key, value]: [string, unknown]) => {
    const field = parent + key;
    if (!Object.hasOwn(instance, key)) return { field, code: 'unknown-field', message: unknownField(field) };
    const kept: unknown = (instance as Record<string, unknown>)[key];
    return isObject(value) && isObject(kept) && isDeclared(kept) ? droppedKeys(value, kept, `${field}.`) : [];
  });
}

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null;

/** A plain object is looked at where it is used. */
const isDeclared = (value: object): boolean => value.constructor !== Object;

const unknownField = (name: string): string => `${name} is not a field of this request`;

function describe(failure: ValidationError, parent: string): FieldError[] {
  const field = parent + failure.property;
  const own = Object.entries(failure.constraints ?? {}).map(([check, message]) => ({
    field,
    code: codes[check] ?? 'invalid',
    message: check === 'whitelistValidation' ? unknownField(failure.property) : message,
  }));
  return [...own, ...(failure.children ?? []).flatMap((child) => describe(child, `${field}.`))];
}

/** Checks every body and query against its DTO: 422 with each field, before the handler runs. */
@Injectable()
export class ValidationPipe implements PipeTransform {
  transform(value: unknown, { type, metatype }: ArgumentMetadata): unknown {
    if ((type !== 'body' && type !== 'query') || !metatype || metatype === Object) return value;
    const result = validate(metatype as new () => object, value);
    if (!Array.isArray(result)) return result;
    throw new Problem('validation', {
      errors: result.map((error) => ({ ...error, field: error.field || type })),
    });
  }
}
