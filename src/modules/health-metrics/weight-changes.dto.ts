import {
  BooleanField,
  EnumField,
  InstantField,
  IntegerField,
  IntegerQuery,
  ListField,
  StringField,
  UuidField,
} from '../../kernel/http/fields.js';
import { Documented } from '../../kernel/http/documented.js';
import { DEFAULT_LIMIT, MAX_LIMIT } from '../../kernel/http/paging.js';
import type { WeightUnit } from '../../kernel/quantities/weight.js';
import { changes } from './weight-examples.js';
import {
  WeightField,
  createdAt,
  localId,
  modifiedAt,
  serverId,
  timestamp,
  unit,
  updatedAt,
  version,
} from './weight.fields.js';

@Documented({
  description:
    'The newest version of an entry. One that was deleted is a tombstone: `deleted` is true, and there are no values.',
})
export class WeightChangeDto {
  @UuidField(serverId)
  server_id!: string;

  @StringField({
    ...localId,
    description: 'This device’s own id of the entry, if it has sent one.',
    optional: true,
  })
  local_id?: string;

  @BooleanField({
    description: 'True on the tombstone of a deleted entry, which has no values.',
    example: false,
    optional: true,
  })
  deleted?: boolean;

  @WeightField({ optional: true })
  weight_value?: number;

  @EnumField({ ...unit, optional: true })
  unit?: WeightUnit;

  @InstantField({ ...timestamp, optional: true })
  timestamp?: string;

  @InstantField({ ...createdAt, optional: true })
  created_at?: string;

  @InstantField(updatedAt)
  updated_at!: string;

  @InstantField(modifiedAt)
  modified_at!: string;

  @InstantField({ description: 'When it was deleted.', example: '2026-01-07T08:00:00.000Z', optional: true })
  deleted_at?: string;

  @IntegerField(version)
  version!: number;
}

export class WeightChangesQuery {
  @StringField({
    description:
      'The `next_since` of the last answer; nothing at first. An ISO 8601 instant with offset, or milliseconds since 1970.',
    example: '2026-01-06T20:30:05.000Z',
    max: 40,
    optional: true,
  })
  since?: string;

  @IntegerQuery({
    description: 'How many entries to answer at most; entries stored together stay together.',
    example: 100,
    min: 1,
    max: MAX_LIMIT,
    default: DEFAULT_LIMIT,
  })
  limit: number = DEFAULT_LIMIT;
}

@Documented({ description: 'What changed since last time.', examples: changes })
export class WeightChangesDto {
  @ListField({
    description: 'Newest version of every entry that changed, in the order of change.',
    type: () => WeightChangeDto,
  })
  entries!: WeightChangeDto[];

  @InstantField({ description: 'Send as `since` next time.', example: '2026-01-06T20:30:05.000Z' })
  next_since!: string;

  @BooleanField({ description: 'Whether to ask again at once.', example: false })
  has_more!: boolean;

  @BooleanField({
    description:
      'True when `since` is so old that deletions after it are no longer told: begin anew without `since`, and drop what does not come.',
    example: true,
    optional: true,
  })
  full_resync_required?: boolean;

  @InstantField({ description: 'The server’s clock.', example: '2026-01-06T20:30:05.123Z' })
  server_time!: string;
}
