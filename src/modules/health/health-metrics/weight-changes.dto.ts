import {
  BooleanField,
  EnumField,
  InstantField,
  IntegerField,
  IntegerQuery,
  ListField,
  StringField,
  UuidField,
} from '../../../kernel/http/fields.js';
import { Documented } from '../../../kernel/http/documented.js';
import { DEFAULT_LIMIT, MAX_LIMIT } from '../../../kernel/http/paging.js';
import type { WeightUnit } from '../../../kernel/quantities/weight.js';
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
    'The newest version of an entry. A deleted entry is a tombstone: `deleted` is true, and there are no values.',
})
export class WeightChangeDto {
  @UuidField(serverId)
  serverId!: string;

  @StringField({
    ...localId,
    description: 'The `local_id` that this device sent for the entry; absent if it sent none.',
    optional: true,
  })
  localId?: string;

  @BooleanField({
    description: 'True on the tombstone of a deleted entry, which has no values.',
    example: false,
    optional: true,
  })
  deleted?: boolean;

  @WeightField({ optional: true })
  weightValue?: number;

  @EnumField({ ...unit, optional: true })
  unit?: WeightUnit;

  @InstantField({ ...timestamp, optional: true })
  timestamp?: Date;

  @InstantField({ ...createdAt, optional: true })
  createdAt?: Date;

  @InstantField(updatedAt)
  updatedAt!: Date;

  @InstantField(modifiedAt)
  modifiedAt!: Date;

  @InstantField({ description: 'When it was deleted.', example: '2026-01-07T08:00:00.000Z', optional: true })
  deletedAt?: Date;

  @IntegerField(version)
  version!: number;
}

export class WeightChangesQuery {
  @StringField({
    description:
      'The `next_since` of the last answer; leave it out in the first request. An ISO 8601 instant with offset, or milliseconds since 1970.',
    example: '2026-01-06T20:30:05.000Z',
    max: 40,
    optional: true,
  })
  since?: string;

  @IntegerQuery({
    description:
      'Maximum number of entries in the answer. Entries that were stored together are returned together.',
    example: 100,
    min: 1,
    max: MAX_LIMIT,
    default: DEFAULT_LIMIT,
  })
  limit: number = DEFAULT_LIMIT;
}

@Documented({ description: 'The changes since the last pull.', examples: changes })
export class WeightChangesDto {
  @ListField({
    description: 'Newest version of each entry that changed, in the order of the changes.',
    type: () => WeightChangeDto,
  })
  entries!: WeightChangeDto[];

  @InstantField({
    description: 'Send it as `since` in the next request.',
    example: '2026-01-06T20:30:05.000Z',
  })
  nextSince!: Date;

  @BooleanField({ description: 'Whether to request again at once.', example: false })
  hasMore!: boolean;

  @BooleanField({
    description:
      'True if `since` is so old that later deletions are no longer listed. Then begin again without `since`, and delete local entries that do not arrive.',
    example: true,
    optional: true,
  })
  fullResyncRequired?: boolean;

  @InstantField({ description: 'The server’s clock.', example: '2026-01-06T20:30:05.123Z' })
  serverTime!: Date;
}
