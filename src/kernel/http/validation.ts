import { type ArgumentMetadata, Injectable, type PipeTransform } from '@nestjs/common';
import { check } from './check.js';
import { type FieldError, Problem } from './problem.js';

/**
 * The instance, or what is wrong with each field.
 * @param isForgiven which errors do not count.
 */
export function validate<Dto extends object>(
  type: new () => Dto,
  plain: unknown,
  isForgiven: (error: FieldError) => boolean = () => false,
): Dto | FieldError[] {
  if (typeof plain !== 'object' || plain === null || Array.isArray(plain))
    return [{ field: '', code: 'wrong-type', message: 'must be an object' }];
  const { instance, errors } = check(type, plain);
  const refused = errors.filter((error) => !isForgiven(error));
  return refused.length === 0 ? instance : refused;
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
