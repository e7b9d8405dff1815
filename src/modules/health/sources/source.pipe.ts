import { Injectable, type PipeTransform } from '@nestjs/common';
import { ApiParam } from '@nestjs/swagger';
import { invalidField } from '../../../kernel/http/problem.js';
import { source } from '../health-metrics/health-metrics.fields.js';

export const SourceParam = () =>
  ApiParam({
    name: 'source',
    description: 'The source.',
    schema: {
      type: 'string',
      pattern: source.pattern.source,
      maxLength: source.max,
      example: source.example,
    },
  });

/** Reads the name of a source in a path. */
@Injectable()
export class SourcePipe implements PipeTransform<string, string> {
  /** @throws Problem `validation` */
  transform(value: string): string {
    if (value.length <= source.max && source.pattern.test(value)) return value;
    throw invalidField('source', 'invalid', `source must be ${source.mustBe}`);
  }
}
