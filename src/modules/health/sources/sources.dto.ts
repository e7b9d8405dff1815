import { Documented } from '../../../kernel/http/documented.js';
import {
  BooleanField,
  CodeField,
  InstantField,
  IntegerField,
  ListField,
  WordListField,
} from '../../../kernel/http/fields.js';
import { SourceField } from '../health-metrics/health-metrics.fields.js';
import { MAX_ORDERED } from './source-orders.dto.js';
import { MAX_PARTS, MAX_SOURCES } from './source-records.js';
import { order, part, sourcesExample } from './sources.examples.js';

/** What records are counted as. */
export const PartField = () =>
  CodeField({
    description:
      'What they are: a kind of reading, such as `steps`, or the kind of record, such as `sleep`, where records are of one sort.',
    example: part.kind,
    pattern: /^[a-z][a-z0-9_]*(:[\da-f-]{36})?$/,
    mustBe: 'the name of a kind',
    max: 64,
  });

export const CountField = (description: string, example: number) =>
  IntegerField({ description, example, min: 0, max: Number.MAX_SAFE_INTEGER });

@Documented({ description: 'The records of one kind that a source has.' })
export class SourceKindDto {
  @PartField() kind!: string;
  @CountField('Number of records.', part.count) count!: number;

  @InstantField({ description: 'When the earliest of them was measured.', example: part.first_at })
  firstAt!: Date;

  @InstantField({ description: 'When the latest of them was measured.', example: part.last_at })
  lastAt!: Date;
}

@Documented({ description: 'One source.' })
export class SourceDto {
  @SourceField() source!: string;
  @CountField('Number of records of all kinds.', part.count) count!: number;

  @InstantField({ description: 'When the earliest record was measured.', example: part.first_at })
  firstAt!: Date;

  @InstantField({ description: 'When the latest record was measured.', example: part.last_at })
  lastAt!: Date;

  @ListField({ description: `By kind; at most ${MAX_PARTS}.`, type: () => SourceKindDto })
  kinds!: SourceKindDto[];
}

@Documented({ description: 'All sources.', examples: sourcesExample })
export class SourcesDto {
  @WordListField({
    description: 'The order that the person has set; empty without one.',
    example: order.watch.value.sources,
    max: MAX_ORDERED,
  })
  order!: readonly string[];

  @IntegerField({
    description: 'The version of that order, for `PUT /api/sources/order`; 0 without one.',
    example: 1,
    min: 0,
    max: 2_147_483_647,
  })
  orderVersion!: number;

  @ListField({
    description: 'Sources with data, the most trusted first, in the order that sums use.',
    type: () => SourceDto,
  })
  data!: SourceDto[];

  @BooleanField({
    description: `False when there are more than ${MAX_SOURCES} sources of a kind of record, or very many kinds: then some are left out.`,
    example: true,
  })
  isComplete!: boolean;
}
