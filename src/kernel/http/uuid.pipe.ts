import { Injectable, type PipeTransform } from '@nestjs/common';
import { ApiParam } from '@nestjs/swagger';
import { isUUID } from 'class-validator';
import { invalidField } from './problem.js';

/** The id in a path: a UUID in any case, compared in lower case. */
@Injectable()
export class UuidPipe implements PipeTransform<string, string> {
  transform(value: string): string {
    if (!isUUID(value)) throw invalidField('id', 'invalid', 'id must be a UUID');
    return value.toLowerCase();
  }
}

/** Documents `:id`. */
export const IdParam = (description: string) =>
  ApiParam({
    name: 'id',
    description,
    schema: { type: 'string', format: 'uuid' },
    example: '0199f3a2-6f57-7d3a-9a61-5d6a5b1f4c33',
  });
