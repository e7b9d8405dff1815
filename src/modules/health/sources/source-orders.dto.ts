import { IntersectionType } from '@nestjs/swagger';
import { Documented } from '../../../kernel/http/documented.js';
import { IntegerField, ListField, UuidField, WordListField } from '../../../kernel/http/fields.js';
import { Page } from '../../../kernel/http/paging.js';
import { CreateRecordDto, RecordDto } from '../../../records/define/record.dto.js';
import { source } from '../health-metrics/health-metrics.fields.js';
import { order, orderPage } from './sources.examples.js';

/** More than a person has. */
export const MAX_ORDERED = 100;

@Documented({ description: 'An order of sources.', examples: order })
export class SourceOrderFieldsDto {
  @WordListField({
    description:
      'Sources, the most trusted first; none of them needs to have data. Sources that are not named follow: `manual`, then the others by name.',
    example: order.watch.value.sources,
    words: { pattern: source.pattern, mustBe: source.mustBe },
    max: MAX_ORDERED,
  })
  sources!: string[];
}

@Documented({ description: 'The order that shall count.', examples: order })
export class PutSourceOrderDto extends SourceOrderFieldsDto {
  @IntegerField({
    description:
      'The version of the order that you have seen; 0 if there was none. If another order counts now, you get `version-conflict`. Without it, whatever order counts is replaced.',
    example: 1,
    min: 0,
    max: 2_147_483_647,
    optional: true,
  })
  version?: number;

  @UuidField({
    description:
      'The id of the order that you have seen, for a person with several: those have versions of their own. Only with `version`.',
    example: '019b9500-a0c8-7c2e-8f4d-2a9b7c6d5e10',
    optional: true,
  })
  id?: string;
}

@Documented({ description: 'A new order of sources.', examples: order })
export class CreateSourceOrderDto extends IntersectionType(SourceOrderFieldsDto, CreateRecordDto) {}

@Documented({ description: 'One order of sources.' })
export class SourceOrderDto extends IntersectionType(SourceOrderFieldsDto, RecordDto) {}

@Documented({ description: 'A page of orders of sources.', examples: orderPage })
export class SourceOrderPageDto extends Page {
  @ListField({
    description: 'Orders. The first one, which was stored last, counts.',
    type: () => SourceOrderDto,
  })
  data!: SourceOrderDto[];
}
