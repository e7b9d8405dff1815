import {
  BooleanField,
  CodeField,
  EnumField,
  InstantField,
  IntegerField,
  IntegerQuery,
  ListField,
  ObjectField,
  StringField,
  UuidField,
} from '../../kernel/http/fields.js';
import { DEFAULT_LIMIT, MAX_LIMIT } from '../../kernel/http/paging.js';
import type { WeightUnit } from '../../kernel/quantities/weight.js';
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

/** One entry of a phone's outbox. What GET …/sync answered may be sent back whole. */
export class WeightSyncEntryDto {
  @StringField(localId)
  local_id!: string;

  @UuidField({
    ...serverId,
    description: 'Id of the entry, if the phone knows it. Otherwise `local_id` finds it.',
    optional: true,
  })
  server_id?: string;

  @WeightField()
  weight_value!: number;

  @EnumField(unit)
  unit!: WeightUnit;

  @InstantField(timestamp)
  timestamp!: string;

  @InstantField({
    ...modifiedAt,
    description: `${modifiedAt.description} Without it \`updated_at\` counts, then \`timestamp\`.`,
    optional: true,
  })
  modified_at?: string;

  @InstantField({ ...updatedAt, description: 'Another name for `modified_at`.', optional: true })
  updated_at?: string;

  @IntegerField({
    ...version,
    description:
      'The version the edit was made on. An edit of the current version wins whatever the clocks say.',
    optional: true,
  })
  version?: number;

  @BooleanField({
    description: 'True deletes the entry; the other values may then be left out.',
    example: false,
    optional: true,
  })
  deleted?: boolean;

  @InstantField({ ...createdAt, description: 'Ignored; may be sent back.', optional: true, nullable: true })
  created_at?: string | null;

  @InstantField({
    description: 'Ignored; may be sent back.',
    example: '2026-01-07T08:00:00.000Z',
    optional: true,
    nullable: true,
  })
  deleted_at?: string | null;
}

/** The same for a deletion, which needs no values. */
export class WeightSyncDeletionDto extends WeightSyncEntryDto {
  @WeightField({ optional: true, nullable: true })
  declare weight_value: number;

  @EnumField({ ...unit, optional: true, nullable: true })
  declare unit: WeightUnit;

  @InstantField({ ...timestamp, optional: true, nullable: true })
  declare timestamp: string;
}

export class WeightSyncRequestDto {
  @ListField({
    description: 'Entries that changed on the phone, each judged by itself.',
    type: () => WeightSyncEntryDto,
    min: 1,
    max: 100,
  })
  entries!: unknown[];

  @InstantField({
    description: 'The device’s clock at the moment of sending; a wrong clock is then corrected.',
    example: '2026-01-06T20:30:04.000Z',
    optional: true,
  })
  client_time?: string;

  @CodeField({
    description: 'Id of the installation, if neither `X-Device-Id` nor the sign-in named it.',
    example: 'a1f4c8e2-phone',
    pattern: /^[A-Za-z0-9._:-]{1,64}$/,
    says: '1 to 64 letters, digits, dots, colons, dashes or underscores',
    max: 64,
    optional: true,
  })
  device_id?: string;
}

export class WeightSyncedDto {
  @StringField(localId)
  local_id!: string;

  @UuidField({
    ...serverId,
    description: 'Id of the entry on the server; null when there was nothing to delete.',
    nullable: true,
  })
  server_id!: string | null;

  @EnumField({
    description: '`duplicate`: the server had it already (a retry).',
    example: 'created',
    values: ['created', 'updated', 'deleted', 'duplicate'],
    name: 'WeightSyncStatus',
  })
  status!: string;

  @IntegerField({ ...version, description: 'Version after this entry.', optional: true })
  version?: number;
}

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

export class WeightConflictDto {
  @StringField(localId)
  local_id!: string;

  @UuidField(serverId)
  server_id!: string;

  @EnumField({
    description: 'Why the entry was not applied.',
    example: 'server_newer',
    values: ['server_newer'],
    name: 'WeightConflictReason',
  })
  reason!: string;

  @EnumField({
    description: 'What holds now.',
    example: 'server_wins',
    values: ['server_wins'],
    name: 'WeightConflictResolution',
  })
  resolution!: string;

  @ObjectField({ description: 'The version that holds.', type: () => WeightChangeDto })
  server!: WeightChangeDto;

  @ObjectField({ description: 'The entry as it was sent.', type: () => WeightSyncEntryDto })
  client!: unknown;
}

export class WeightRejectedDto {
  @StringField({
    ...localId,
    description: 'Of the entry; null when it had none that could be read.',
    nullable: true,
  })
  local_id!: string | null;

  @StringField({
    description: 'required, wrong-type, out-of-range, not-allowed, unknown-field, invalid or not-found.',
    example: 'out-of-range',
    max: 32,
  })
  code!: string;

  @StringField({ description: 'The field at fault.', example: 'weight_value', max: 64 })
  field!: string;

  @StringField({
    description: 'For the developer.',
    example: 'weight_value must be between 1 and 700 kg',
    max: 300,
  })
  message!: string;
}

export class WeightSyncResultDto {
  @ListField({ description: 'Entries the server now has.', type: () => WeightSyncedDto })
  synced!: WeightSyncedDto[];

  @ListField({ description: 'Entries that lost against a newer edit.', type: () => WeightConflictDto })
  conflicts!: WeightConflictDto[];

  @ListField({
    description:
      'Entries that are not valid; the others are kept. Show them to the person, do not retry them.',
    type: () => WeightRejectedDto,
  })
  rejected!: WeightRejectedDto[];

  @InstantField({ description: 'The server’s clock.', example: '2026-01-06T20:30:05.123Z' })
  server_time!: string;
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

  @InstantField({ description: 'The server’s clock.', example: '2026-01-06T20:30:05.123Z' })
  server_time!: string;
}
