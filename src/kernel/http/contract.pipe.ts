import { type ArgumentMetadata, Injectable, type PipeTransform } from '@nestjs/common';
import { validate } from './check.js';
import type { Dto } from './field.js';
import { Problem } from './problem.js';

/** Checks every body and query against its contract class before the handler runs. @throws Problem `validation` */
@Injectable()
export class ContractPipe implements PipeTransform {
  transform(value: unknown, { type, metatype }: ArgumentMetadata): unknown {
    // A handler of a socket's messages that takes no parameters has no class for what it ignores.
    if ((type !== 'body' && type !== 'query') || metatype === undefined) return value;
    const result = validate(metatype as Dto, value);
    if (!Array.isArray(result)) return result;
    throw new Problem('validation', {
      errors: result.map((error) => ({ ...error, field: error.field || type })),
    });
  }
}
