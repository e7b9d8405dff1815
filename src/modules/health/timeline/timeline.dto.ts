import { Documented } from '../../../kernel/http/documented.js';
import {
  CodeField,
  DayField,
  InstantField,
  IntegerField,
  IntegerQuery,
  ListField,
  StringField,
} from '../../../kernel/http/fields.js';
import { RecordDataField } from '../../../records/define/record-fields.js';
import { RecordDto } from '../../../records/define/record.dto.js';
import { feed } from './timeline.examples.js';

export const MAX_ITEMS = 100;
const DEFAULT_ITEMS = 50;

const cursor = {
  example: 'WyJvVlN4bTFiTmZrM1EiLCIyMDI2LTAxLTA2IDIwOjMwOjAwLjAwMCJd',
  pattern: /^[\w-]+$/,
  mustBe: 'the `next` of an earlier answer, unchanged',
  max: 1_024,
  optional: true,
} as const;

export class TimelineQuery {
  @CodeField({
    ...cursor,
    description: '`next` of the last answer, with the same filters: the page after it.',
  })
  cursor?: string;

  @DayField({
    description:
      'The first day: of a record with a day of its own that day (`local_date`), of others the day in the time zone of the profile.',
    example: '2026-01-01',
    optional: true,
  })
  from?: string;

  @DayField({
    description: 'The last day, as `from`.',
    example: '2026-01-31',
    optional: true,
  })
  to?: string;

  @StringField({
    description:
      'Only these kinds of records, separated by commas; the error for an unknown one names all. Default: all that you may read. With an API key, a kind that its scopes do not include is refused.',
    example: 'weight,meal',
    max: 500,
    optional: true,
  })
  kinds?: string;

  @IntegerQuery({
    description: 'The maximum number of items. There are fewer when they are larger than 1 MiB.',
    example: 50,
    min: 1,
    max: MAX_ITEMS,
    default: DEFAULT_ITEMS,
  })
  limit: number = DEFAULT_ITEMS;
}

@Documented({ description: 'One record of the timeline.' })
export class TimelineItemDto extends RecordDto {
  @StringField({ description: 'The kind of the record.', example: 'weight', max: 32 })
  kind!: string;

  @InstantField({
    description:
      'When it was measured, eaten or begun; of a session of sleep, when it ended, or noon UTC if only its day is known.',
    example: '2026-01-06T20:30:00.000Z',
  })
  at!: Date;

  @DayField({
    description:
      'The local day that it belongs to; of a kind without a day of its own, that in the time zone of the profile.',
    example: '2026-01-06',
  })
  localDate!: string;

  @RecordDataField({
    description: 'The record as sync and its own endpoints show it.',
    of: 'data',
    kind: 'kind',
  })
  data!: object;
}

@Documented({ description: 'A page of the timeline.', examples: feed })
export class TimelineDto {
  @ListField({ description: 'Records, the newest first.', type: () => TimelineItemDto })
  data!: TimelineItemDto[];

  @IntegerField({ description: 'The limit that was used.', example: 50, min: 1, max: MAX_ITEMS })
  limit!: number;

  @CodeField({
    ...cursor,
    description:
      'Send it as `cursor` to get the next page. Absent at the end. A page may have fewer items than `limit` and still have a next one.',
  })
  next?: string;
}
