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
} from '../../../kernel/http/fields.js';
import { ApiExtraModels, ApiProperty } from '@nestjs/swagger';
import { Documented } from '../../../kernel/http/documented.js';
import type { WeightUnit } from '../../../kernel/quantities/weight.js';
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
    'One entry of a phone’s outbox. An entry of `GET …/sync` may be sent back whole, with a `local_id`.',
})
export class WeightSyncEntryDto {
  @LocalIdField()
  localId!: string;

  @UuidField({
    ...serverId,
    description: 'Id of the entry, if the phone knows it. Without it the entry is found by `local_id`.',
    optional: true,
  })
  serverId?: string;

  @WeightField()
  weightValue!: number;

  @EnumField(unit)
  unit!: WeightUnit;

  @InstantField(timestamp)
  timestamp!: Date;

  @InstantField({
    ...modifiedAt,
    description: `${modifiedAt.description} Default: \`updated_at\`, then \`timestamp\`.`,
    optional: true,
  })
  modifiedAt?: Date;

  @InstantField({ ...updatedAt, description: 'The same as `modified_at`.', optional: true })
  updatedAt?: Date;

  @IntegerField({
    ...version,
    description: 'The version that was edited. An edit of the current version wins, whatever the clocks are.',
    optional: true,
  })
  version?: number;

  @BooleanField({
    description: 'True deletes the entry; the values may then be left out.',
    example: false,
    optional: true,
  })
  deleted?: boolean;

  @InstantField({ ...createdAt, description: 'Ignored; may be sent back.', optional: true, nullable: true })
  createdAt?: Date | null;

  @InstantField({
    description:
      'When the entry was deleted. Without `deleted`, an instant deletes the entry; then the values are needed too.',
    example: '2026-01-07T08:00:00.000Z',
    optional: true,
    nullable: true,
  })
  deletedAt?: Date | null;
}

@Documented({ description: 'A deletion in a phone’s outbox: it needs no values.' })
export class WeightSyncDeletionDto extends WeightSyncEntryDto {
  @ApiProperty({ description: 'True deletes the entry.', example: true, enum: [true], required: true })
  declare deleted: true;

  @WeightField({ optional: true, nullable: true })
  declare weightValue: number;

  @EnumField({ ...unit, optional: true, nullable: true })
  declare unit: WeightUnit;

  @InstantField({ ...timestamp, optional: true, nullable: true })
  declare timestamp: Date;
}

@Documented({ description: 'The changes of a phone.', examples: push })
@ApiExtraModels(WeightSyncEntryDto, WeightSyncDeletionDto)
export class WeightSyncRequestDto {
  @MixedListField({
    description: 'Entries that changed on the phone. Each is checked on its own.',
    anyOf: [WeightSyncEntryDto, WeightSyncDeletionDto],
    min: 1,
    max: 100,
  })
  entries!: unknown[];

  @InstantField({
    description:
      'The device’s clock at the moment of sending, so that the service can correct a wrong clock.',
    example: '2026-01-06T20:30:04.000Z',
    optional: true,
  })
  clientTime?: Date;

  @CodeField({
    description: 'Id of the installation, if neither `X-Device-Id` nor the sign-in gave it.',
    example: 'a1f4c8e2-phone',
    pattern: /^[A-Za-z0-9._:-]{1,64}$/,
    mustBe: '1 to 64 letters, digits, dots, colons, dashes or underscores',
    max: 64,
    optional: true,
  })
  deviceId?: string;
}

@Documented({ description: 'An entry that the service has stored.' })
export class WeightSyncedDto {
  @StringField(localId)
  localId!: string;

  @UuidField({
    ...serverId,
    description: 'Id of the entry on the server; null if there was nothing to delete.',
    nullable: true,
  })
  serverId!: string | null;

  @EnumField({
    description: 'The result.',
    example: 'created',
    values: ['created', 'updated', 'deleted', 'duplicate'],
    name: 'WeightSyncStatus',
    meaning: '`duplicate`: the service had it already (a retry).',
  })
  status!: string;

  @IntegerField({
    ...version,
    description: 'Version after this entry; absent if the server does not have the entry any more.',
    optional: true,
  })
  version?: number;
}

@Documented({
  description: 'An entry that lost against a newer edit. Store `server` and drop the sent entry.',
})
export class WeightConflictDto {
  @StringField(localId)
  localId!: string;

  @UuidField(serverId)
  serverId!: string;

  @EnumField({
    description: 'Why the entry was not applied.',
    example: 'server_newer',
    values: ['server_newer'],
    name: 'WeightConflictReason',
    meaning: '`server_newer`: another edit of the entry was made later.',
  })
  reason!: string;

  @EnumField({
    description: 'Which version is kept.',
    example: 'server_wins',
    values: ['server_wins'],
    name: 'WeightConflictResolution',
    meaning: '`server_wins`: the version of the server is kept.',
  })
  resolution!: string;

  @ObjectField({ description: 'The version that is kept.', type: () => WeightChangeDto })
  server!: WeightChangeDto;

  @EchoField({
    description: 'The entry as it was sent.',
    anyOf: [WeightSyncEntryDto, WeightSyncDeletionDto],
  })
  client!: unknown;

  @UuidField({
    description: 'The conflict that keeps the sent entry, if it differs from the stored version.',
    example: '5b1f0c66-6f7e-5d0b-9d6c-4c0f8a2b7e11',
    optional: true,
  })
  conflictId?: string;
}

@Documented({
  description: 'An invalid entry. Show it to the person; the same entry is refused on every retry.',
})
export class WeightRejectedDto {
  @StringField({
    ...localId,
    description: 'The `local_id` of the entry, cut to 64 characters; null if it could not be read.',
    min: 0,
    nullable: true,
  })
  localId!: string | null;

  @StringField({
    description: 'required, wrong-type, out-of-range, not-allowed, unknown-field, invalid or not-found.',
    example: 'out-of-range',
    max: 32,
  })
  code!: string;

  @StringField({
    description: 'The field with the error; empty if the entry is not an object.',
    example: 'weight_value',
    min: 0,
    max: 64,
  })
  field!: string;

  @StringField({
    description: 'An explanation for developers.',
    example: 'weight_value must be between 1 and 700 kg',
    max: 300,
  })
  message!: string;
}

@Documented({ description: 'The result of each entry; each is in exactly one list.', examples: pushed })
export class WeightSyncResultDto {
  @ListField({ description: 'Entries that the service has now stored.', type: () => WeightSyncedDto })
  synced!: WeightSyncedDto[];

  @ListField({ description: 'Entries that lost against a newer edit.', type: () => WeightConflictDto })
  conflicts!: WeightConflictDto[];

  @ListField({
    description: 'Invalid entries; all others are processed. Show them to the person and do not retry them.',
    type: () => WeightRejectedDto,
  })
  rejected!: WeightRejectedDto[];

  @InstantField({ description: 'The server’s clock.', example: '2026-01-06T20:30:05.123Z' })
  serverTime!: Date;
}
