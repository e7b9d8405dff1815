import { Documented } from '../../../kernel/http/documented.js';
import {
  BooleanField,
  CodeField,
  EnumField,
  InstantField,
  IntegerField,
  ListField,
  MixedListField,
  ObjectField,
  StringField,
  UuidField,
} from '../../../kernel/http/fields.js';
import { ApiExtraModels } from '@nestjs/swagger';
import { RecordDataField } from '../../../records/define/record-fields.js';
import {
  ChangeDto,
  clientId,
  epoch,
  kindName,
  recordId,
  seq,
  serverTime,
  version,
} from '../pull/change.dto.js';
import { cursor } from '../pull/pull.dto.js';
import { push, pushed } from '../sync.examples.js';

export const MAX_MUTATIONS = 100;
/** The longest name of a field in an error, in characters. */
export const MAX_FIELD = 64;

const mutationId = {
  description: 'Id of the mutation. The client creates it and sends the same id on every retry.',
  example: '6f3a1c0e-5d0a-4c1c-9d53-0f3f7a9b8c11',
};
const clientSeq = {
  description: 'Position in the sequence of this client’s mutations: 1, 2, 3 …; gaps are allowed.',
  example: 481,
  min: 1,
  max: Number.MAX_SAFE_INTEGER,
};
const conflictId = {
  description: 'The conflict that keeps the losing version.',
  example: '5b1f0c66-6f7e-5d0b-9d6c-4c0f8a2b7e11',
};

export const mutationOp = {
  values: ['create', 'update', 'delete'],
  name: 'MutationOp',
  meaning: '`create`: all fields; `update`: the changed fields, in whole groups; `delete`: no fields.',
};
export const mutationStatus = {
  values: ['applied', 'merged', 'duplicate', 'superseded', 'conflict', 'gone', 'rejected'],
  name: 'MutationStatus',
  meaning:
    '`applied`: stored; `merged`: some fields were stored, for the others a newer edit is kept; `duplicate`: the record already had these values, or this is a retry; `superseded`: a newer edit is kept; `conflict`: another edit was made independently, and a person should choose; `gone`: the record does not exist; `rejected`: see `error`.',
};

@Documented({ description: 'A change that the person made on this device.' })
export class MutationDto {
  @UuidField(mutationId)
  mutationId!: string;

  @IntegerField(clientSeq)
  clientSeq!: number;

  @StringField(kindName)
  kind!: string;

  @UuidField({
    ...recordId,
    description: 'Id of the record. The client that creates the record creates the id.',
  })
  id!: string;

  @EnumField({
    description: 'What the person did.',
    example: 'create',
    ...mutationOp,
  })
  op!: 'create' | 'update' | 'delete';

  @IntegerField({
    ...version,
    description:
      'The version of the client’s copy that the person saw: if mutations of the record were still waiting, that of the first of them; absent for a creation.',
    optional: true,
    nullable: true,
  })
  baseVersion?: number | null;

  @InstantField({
    description: 'When the person did it, by the same clock as `client_time`.',
    example: '2026-01-06T20:30:02.000Z',
  })
  modifiedAt!: Date;

  @RecordDataField({
    description:
      'The entered values. The fields of one group are sent together; a field left out of an update does not change.',
    of: 'fields',
    kind: 'kind',
    optional: true,
    nullable: true,
  })
  fields?: object | null;

  @UuidField({
    description: 'Mutations with the same group id in one request are applied together or not at all.',
    example: '0d4f2f5c-7a3b-4a44-8f0e-8d1f3f1b2c3d',
    optional: true,
    nullable: true,
  })
  groupId?: string | null;

  @BooleanField({
    description:
      'True for the copy of a record that is sent again after a restore while edits wait that were made without having seen it. Later mutations of this client then do not count as made on it.',
    example: true,
    optional: true,
  })
  unseen?: boolean;
}

@Documented({ description: 'The outbox of a device, or the next part of it.', examples: push })
@ApiExtraModels(MutationDto)
export class PushDto {
  @CodeField(clientId)
  clientId!: string;

  @StringField({
    ...epoch,
    description: 'The epoch of the last pull. It may be left out in the first push of a device.',
    optional: true,
  })
  epoch?: string;

  @InstantField({
    description:
      'The device’s clock at the moment of sending, so that the service can correct a wrong clock.',
    example: '2026-01-06T20:30:04.000Z',
    optional: true,
  })
  clientTime?: Date;

  @StringField({
    ...cursor,
    description:
      'If it is sent, the answer also contains the next page of a pull, for the kinds of the last one.',
    optional: true,
  })
  cursor?: string;

  @MixedListField({
    description: 'The mutations. Each is checked on its own.',
    anyOf: [MutationDto],
    min: 1,
    max: MAX_MUTATIONS,
  })
  mutations!: unknown[];
}

@Documented({
  description:
    'Why a mutation was refused. Show it to the person; the same mutation is refused on every retry.',
})
export class MutationErrorDto {
  @StringField({
    description:
      'required, wrong-type, out-of-range, not-allowed, unknown-field, invalid, unknown-kind, mutation-id-reused, client-seq-reused, quota-exceeded, group-rejected, record-gone, record-deleted or group-forgotten.',
    example: 'out-of-range',
    max: 32,
  })
  code!: string;

  @StringField({
    description: 'The field with the error.',
    example: 'fields.weight_value',
    min: 0,
    max: MAX_FIELD,
  })
  field!: string;

  @StringField({
    description: 'An explanation for developers.',
    example: 'weight_value must be between 1 and 700 kg',
    max: 300,
  })
  message!: string;
}

@Documented({ description: 'The final result of one mutation. Do not send the mutation again.' })
export class MutationResultDto {
  @UuidField({
    ...mutationId,
    description: 'Id of the mutation; null if it could not be read.',
    nullable: true,
  })
  mutationId!: string | null;

  @UuidField({ ...recordId, description: 'Id of the record; null if it could not be read.', nullable: true })
  id!: string | null;

  @EnumField({
    description: 'The result.',
    example: 'applied',
    ...mutationStatus,
  })
  status!: string;

  @IntegerField({ ...version, description: 'Version of the record after the mutation.', optional: true })
  version?: number;

  @CodeField({ ...seq, optional: true })
  seq?: string;

  @InstantField({
    description: 'The time of the newest edit of the record. Store it: it is compared after a restore.',
    example: '2026-01-06T20:30:02.000Z',
    optional: true,
  })
  modifiedAt?: Date;

  @BooleanField({
    description: 'True if the time in the request was wrong and the service replaced it.',
    example: true,
    optional: true,
  })
  clockAdjusted?: boolean;

  @ObjectField({
    description: 'The stored record, whenever it may differ from the request.',
    type: () => ChangeDto,
    optional: true,
  })
  record?: ChangeDto;

  @UuidField({ ...conflictId, optional: true })
  conflictId?: string;

  @ObjectField({
    description: 'Why it was refused; absent otherwise.',
    type: () => MutationErrorDto,
    optional: true,
  })
  error?: MutationErrorDto;
}

@Documented({ description: 'The result of each mutation, in the order of the request.', examples: pushed })
export class PushResultDto {
  @StringField(epoch)
  epoch!: string;

  @InstantField(serverTime)
  serverTime!: Date;

  @IntegerField({
    ...clientSeq,
    min: 0,
    description:
      'The greatest `client_seq` that the service has from this client. If it is greater than your own, create a new client id.',
  })
  lastClientSeq!: number;

  @ListField({ description: 'One for each mutation.', type: () => MutationResultDto })
  results!: MutationResultDto[];

  @ListField({
    description: 'The next page of a pull, if `cursor` was sent and is still valid.',
    type: () => ChangeDto,
    optional: true,
  })
  changes?: ChangeDto[];

  @StringField({ ...cursor, optional: true })
  cursor?: string;

  @CodeField({
    ...seq,
    description: 'The `seq` up to which `cursor` has delivered all changes.',
    optional: true,
  })
  seq?: string;

  @BooleanField({ description: 'Whether to pull at once.', example: false, optional: true })
  hasMore?: boolean;
}
