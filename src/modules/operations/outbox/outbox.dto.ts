import { REASON, type Reason } from '../../../kernel/audit/reasons.js';
import { Documented } from '../../../kernel/http/documented.js';
import {
  EnumField,
  InstantField,
  IntegerField,
  ListField,
  StringField,
  UuidField,
} from '../../../kernel/http/fields.js';
import { Page, PageQuery } from '../../../kernel/http/paging.js';

export class DeadLetterQuery extends PageQuery {
  @EnumField(REASON)
  reason!: Reason;
}

export class RetryQuery {
  @EnumField(REASON)
  reason!: Reason;

  @StringField({
    description: 'Only the events of this subscriber; all if omitted.',
    example: 'goals-of-meals',
    max: 64,
    optional: true,
  })
  subscriber?: string;
}

@Documented({ description: 'The number of events that are retried.' })
export class RetriedDto {
  @IntegerField({
    description: 'How many events are retried.',
    example: 12,
    min: 0,
    max: Number.MAX_SAFE_INTEGER,
  })
  retried!: number;
}

@Documented({
  description:
    'An event that could not be delivered to one subscriber. It does not name the person it concerns.',
})
export class DeadLetterDto {
  @UuidField({ description: 'Id of the message.', example: '019b9500-a0c8-7e55-8f21-4c7d9a3b6e02' })
  id!: string;

  @StringField({ description: 'What happened.', example: 'record.meal', max: 64 })
  topic!: string;

  @StringField({
    description: 'The subscriber that should have received it.',
    example: 'goals-of-meals',
    max: 64,
  })
  subscriber!: string;

  @IntegerField({
    description: 'Number of delivery attempts.',
    example: 20,
    min: 0,
    max: Number.MAX_SAFE_INTEGER,
  })
  attempts!: number;

  @StringField({
    description: 'The class of the last error, and its code if it has one.',
    example: 'FetchError ECONNREFUSED',
    max: 100,
    nullable: true,
  })
  lastError!: string | null;

  @InstantField({ description: 'When the event happened.', example: '2026-01-06T20:30:05.000Z' })
  createdAt!: Date;

  @InstantField({ description: 'When the last attempt failed.', example: '2026-01-07T07:52:11.000Z' })
  deadAt!: Date;
}

@Documented({ description: 'A page of events that could not be delivered.' })
export class DeadLetterPageDto extends Page {
  @ListField({ description: 'The events, the oldest first.', type: () => DeadLetterDto })
  data!: DeadLetterDto[];
}
