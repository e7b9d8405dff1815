import { Injectable, type PipeTransform } from '@nestjs/common';
import { ApiParam } from '@nestjs/swagger';
import { isUUID } from 'class-validator';
import { invalidField } from './problem.js';

/** Accepts a UUID in the path in any letter case, and converts it to lower case. @throws Problem `validation` */
@Injectable()
export class UuidPipe implements PipeTransform<string, string> {
  transform(value: string): string {
    if (!isUUID(value)) throw invalidField('id', 'invalid', 'id must be a UUID');
    return value.toLowerCase();
  }
}

/** Documents the path parameter `:id`. */
export const IdParam = (description: string) =>
  ApiParam({
    name: 'id',
    description,
    schema: { type: 'string', format: 'uuid', example: '019b9500-a0c8-7c2e-8f4d-2a9b7c6d5e10' },
  });
