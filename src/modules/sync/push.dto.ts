import { Documented } from '../../kernel/http/documented.js';
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
} from '../../kernel/http/fields.js';
import { ApiExtraModels } from '@nestjs/swagger';
import { RecordDataField } from '../../kernel/records/record-fields.js';
import { ChangeDto, clientId, epoch, kindName, recordId, seq, serverTime, version } from './change.dto.js';
import { cursor } from './pull.dto.js';
import { push, pushed } from './sync.examples.js';

export const MAX_MUTATIONS = 100;

const mutationId = {
  description: 'Id of the mutation, made by the client: the same on every retry.',
  example: '6f3a1c0e-5d0a-4c1c-9d53-0f3f7a9b8c11',
};
const clientSeq = {
  description: 'Its place in the order of this client’s mutations: 1, 2, 3 …; gaps are allowed.',
  example: 481,
  min: 1,
  max: Number.MAX_SAFE_INTEGER,
};
const conflictId = {
  description: 'The conflict that keeps the version that lost.',
  example: '5b1f0c66-6f7e-5d0b-9d6c-4c0f8a2b7e11',
};

export const mutationOp = {
  values: ['create', 'update', 'delete'],
  name: 'MutationOp',
  meaning: '`create`: all fields; `update`: the fields that changed, in whole groups; `delete`: no fields.',
};
export const mutationStatus = {
  values: ['applied', 'merged', 'duplicate', 'superseded', 'conflict', 'gone', 'rejected'],
  name: 'MutationStatus',
  meaning:
    '`applied`: it holds; `merged`: some of its fields hold, others have a newer edit; `duplicate`: the record said so already; `superseded`: a newer edit holds; `conflict`: another edit was made at the same time, and a person should choose; `gone`: a change of a record that is not there; `rejected`: see `error`.',
};

@Documented({ description: 'Something the person did on this device.' })
export class MutationDto {
  @UuidField(mutationId)
  mutation_id!: string;

  @IntegerField(clientSeq)
  client_seq!: number;

  @StringField(kindName)
  kind!: string;

  @UuidField({ ...recordId, description: 'Id of the record, made by the client that created it.' })
  id!: string;

  @EnumField({
    description: 'What was done.',
    example: 'create',
    ...mutationOp,
  })
  op!: 'create' | 'update' | 'delete';

  @IntegerField({
    ...version,
    description:
      'The version of the client’s copy the edit was made on, whatever waited on top of it; none for a creation.',
    optional: true,
    nullable: true,
  })
  base_version?: number | null;

  @InstantField({
    description: 'When the person did it, by the clock that `client_time` is read from.',
    example: '2026-01-06T20:30:02.000Z',
  })
  modified_at!: string;

  @RecordDataField({
    description:
      'What was entered. Fields of one group travel together; what is left out of an update stays.',
    of: 'fields',
    optional: true,
    nullable: true,
  })
  fields?: object | null;

  @UuidField({
    description: 'Mutations of one group, in one request, all apply or none does.',
    example: '0d4f2f5c-7a3b-4a44-8f0e-8d1f3f1b2c3d',
    optional: true,
    nullable: true,
  })
  group_id?: string | null;
}

@Documented({ description: 'The outbox of a device, or its next part.', examples: push })
@ApiExtraModels(MutationDto)
export class PushDto {
  @CodeField(clientId)
  client_id!: string;

  @StringField({ ...epoch, description: 'The epoch of the last pull.' })
  epoch!: string;

  @InstantField({
    description: 'The device’s clock at the moment of sending; a wrong clock is then corrected.',
    example: '2026-01-06T20:30:04.000Z',
    optional: true,
  })
  client_time?: string;

  @StringField({
    ...cursor,
    description: 'With it the answer carries the next page of a pull, of the kinds of the last one.',
    optional: true,
  })
  cursor?: string;

  @MixedListField({
    description: 'What was done, each judged by itself.',
    anyOf: [MutationDto],
    min: 1,
    max: MAX_MUTATIONS,
  })
  mutations!: unknown[];
}

@Documented({
  description: 'Why a mutation was refused. Show it to the person; sent unchanged it is refused again.',
})
export class MutationErrorDto {
  @StringField({
    description:
      'required, wrong-type, out-of-range, not-allowed, unknown-field, invalid, unknown-kind, mutation-id-reused, client-seq-reused, group-rejected, record-gone or group-forgotten.',
    example: 'out-of-range',
    max: 32,
  })
  code!: string;

  @StringField({ description: 'The field at fault.', example: 'fields.weight_value', min: 0, max: 64 })
  field!: string;

  @StringField({
    description: 'For the developer.',
    example: 'weight_value must be between 1 and 700 kg',
    max: 300,
  })
  message!: string;
}

@Documented({ description: 'What became of one mutation. It is final: nothing here is to be sent again.' })
export class MutationResultDto {
  @UuidField({
    ...mutationId,
    description: 'Of the mutation; null when it could not be read.',
    nullable: true,
  })
  mutation_id!: string | null;

  @UuidField({ ...recordId, description: 'Of the record; null when it could not be read.', nullable: true })
  id!: string | null;

  @EnumField({
    description: 'What became of it.',
    example: 'applied',
    ...mutationStatus,
  })
  status!: string;

  @IntegerField({ ...version, description: 'Version of the record afterwards.', optional: true })
  version?: number;

  @CodeField({ ...seq, optional: true })
  seq?: string;

  @InstantField({
    description:
      'When the newest edit of the record counts as made. Keep it: it is compared after a restore.',
    example: '2026-01-06T20:30:02.000Z',
    optional: true,
  })
  modified_at?: string;

  @BooleanField({
    description: 'True when the time that was sent was wrong, and another one counts.',
    example: true,
    optional: true,
  })
  clock_adjusted?: boolean;

  @ObjectField({
    description: 'What holds, whenever it may differ from what was sent.',
    type: () => ChangeDto,
    optional: true,
  })
  record?: ChangeDto;

  @UuidField({ ...conflictId, optional: true })
  conflict_id?: string;

  @ObjectField({ description: 'Why it was refused.', type: () => MutationErrorDto, optional: true })
  error?: MutationErrorDto;
}

@Documented({ description: 'What became of each mutation, in the order they were sent.', examples: pushed })
export class PushResultDto {
  @StringField(epoch)
  epoch!: string;

  @InstantField(serverTime)
  server_time!: string;

  @IntegerField({
    ...clientSeq,
    min: 0,
    description:
      'The greatest `client_seq` the service has from this client. Above your own: make a new client id.',
  })
  last_client_seq!: number;

  @ListField({ description: 'One for each mutation.', type: () => MutationResultDto })
  results!: MutationResultDto[];

  @ListField({
    description: 'The next page of a pull, if `cursor` was sent and still holds.',
    type: () => ChangeDto,
    optional: true,
  })
  changes?: ChangeDto[];

  @StringField({ ...cursor, optional: true })
  cursor?: string;

  @CodeField({ ...seq, description: 'The place `cursor` stands at.', optional: true })
  seq?: string;

  @BooleanField({ description: 'Whether to pull at once.', example: false, optional: true })
  has_more?: boolean;
}
