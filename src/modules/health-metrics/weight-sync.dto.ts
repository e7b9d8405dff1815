import {
  BooleanField,
  CodeField,
  EchoField,
  EnumField,
  InstantField,
  IntegerField,
  ListField,
  MixedListField,
  ObjectField,
  StringField,
  UuidField,
} from '../../kernel/http/fields.js';
import { ApiExtraModels, ApiProperty } from '@nestjs/swagger';
import { Documented } from '../../kernel/http/documented.js';
import type { WeightUnit } from '../../kernel/quantities/weight.js';
import { WeightChangeDto } from './weight-changes.dto.js';
import { push, pushed } from './weight-examples.js';
import {
  LocalIdField,
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
    'One entry of a phone’s outbox. What `GET …/sync` answered may be sent back whole, with a `local_id`.',
})
export class WeightSyncEntryDto {
  @LocalIdField()
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

@Documented({ description: 'A deletion in a phone’s outbox: it needs no values.' })
export class WeightSyncDeletionDto extends WeightSyncEntryDto {
  @ApiProperty({ description: 'True deletes the entry.', example: true, enum: [true], required: true })
  declare deleted: true;

  @WeightField({ optional: true, nullable: true })
  declare weight_value: number;

  @EnumField({ ...unit, optional: true, nullable: true })
  declare unit: WeightUnit;

  @InstantField({ ...timestamp, optional: true, nullable: true })
  declare timestamp: string;
}

@Documented({ description: 'What changed on a phone.', examples: push })
@ApiExtraModels(WeightSyncEntryDto, WeightSyncDeletionDto)
export class WeightSyncRequestDto {
  @MixedListField({
    description: 'Entries that changed on the phone, each judged by itself.',
    anyOf: [WeightSyncEntryDto, WeightSyncDeletionDto],
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

@Documented({ description: 'An entry the server has.' })
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
    description: 'What became of it.',
    example: 'created',
    values: ['created', 'updated', 'deleted', 'duplicate'],
    name: 'WeightSyncStatus',
    meaning: '`duplicate`: the server had it already (a retry).',
  })
  status!: string;

  @IntegerField({
    ...version,
    description: 'Version after this entry; absent when the server has no such entry any more.',
    optional: true,
  })
  version?: number;
}

@Documented({ description: 'An entry that lost against a newer edit. Keep `server`, drop the entry.' })
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
    meaning: '`server_newer`: another edit of the entry was made later.',
  })
  reason!: string;

  @EnumField({
    description: 'What holds now.',
    example: 'server_wins',
    values: ['server_wins'],
    name: 'WeightConflictResolution',
    meaning: '`server_wins`: the version of the server holds.',
  })
  resolution!: string;

  @ObjectField({ description: 'The version that holds.', type: () => WeightChangeDto })
  server!: WeightChangeDto;

  @EchoField({
    description: 'The entry as it was sent.',
    anyOf: [WeightSyncEntryDto, WeightSyncDeletionDto],
  })
  client!: unknown;

  @UuidField({
    description: 'The conflict in which the entry is kept, if it differs from what holds.',
    example: '5b1f0c66-6f7e-5d0b-9d6c-4c0f8a2b7e11',
    optional: true,
  })
  conflict_id?: string;
}

@Documented({
  description: 'An entry that is not valid. Show it to the person; sent unchanged it is refused again.',
})
export class WeightRejectedDto {
  @StringField({
    ...localId,
    description: 'Of the entry, cut to 64 characters; null when it had none that could be read.',
    min: 0,
    nullable: true,
  })
  local_id!: string | null;

  @StringField({
    description: 'required, wrong-type, out-of-range, not-allowed, unknown-field, invalid or not-found.',
    example: 'out-of-range',
    max: 32,
  })
  code!: string;

  @StringField({
    description: 'The field at fault; empty when the entry is not an object.',
    example: 'weight_value',
    min: 0,
    max: 64,
  })
  field!: string;

  @StringField({
    description: 'For the developer.',
    example: 'weight_value must be between 1 and 700 kg',
    max: 300,
  })
  message!: string;
}

@Documented({ description: 'What became of each entry, exactly once.', examples: pushed })
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
