import { ApiExtraModels } from '@nestjs/swagger';
import { Documented } from '../../kernel/http/documented.js';
import {
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
import { RecordDataField } from '../../kernel/records/record-fields.js';
import { clientId, kindName, recordId, serverTime, version } from './change.dto.js';
import {
  MAX_MUTATIONS,
  MutationErrorDto,
  mutationOp,
  MutationResultDto,
  mutationStatus,
} from './push.dto.js';
import { events } from './sync.examples.js';

@Documented({ description: 'Something that happened on a device.' })
export class EventDto {
  @UuidField({
    description: 'Id of the event, made by the device: the same on every retry.',
    example: '8b5c3e20-7f2c-4e3e-9f75-2b5b9c1d0e33',
  })
  event_id!: string;

  @IntegerField({
    description: 'Its place in the order of this device’s events: 1, 2, 3 …; gaps are allowed.',
    example: 1,
    min: 1,
    max: Number.MAX_SAFE_INTEGER,
  })
  client_seq!: number;

  @StringField({ ...kindName, description: 'The kind of record it is about.' })
  type!: string;

  @UuidField({ ...recordId, description: 'Id of the record, made by the device that created it.' })
  id!: string;

  @EnumField({
    description: 'What happened to it; `create` unless given.',
    example: 'create',
    ...mutationOp,
    optional: true,
  })
  op?: string;

  @IntegerField({ ...version, description: 'The version it was made on.', optional: true, nullable: true })
  base_version?: number | null;

  @InstantField({
    description: 'When it happened, by the clock that `client_time` is read from.',
    example: '2026-01-06T20:30:02.000Z',
  })
  occurred_at!: string;

  @RecordDataField({ description: 'What was entered.', of: 'fields', optional: true, nullable: true })
  payload?: object | null;
}

@Documented({ description: 'The event queue of a device, or its next part.', examples: events })
@ApiExtraModels(EventDto)
export class EventsDto {
  @CodeField(clientId)
  client_id!: string;

  @InstantField({
    description: 'The device’s clock at the moment of sending; a wrong clock is then corrected.',
    example: '2026-01-06T20:30:04.000Z',
    optional: true,
  })
  client_time?: string;

  @MixedListField({
    description: 'What happened, each judged by itself.',
    anyOf: [EventDto],
    min: 1,
    max: MAX_MUTATIONS,
  })
  events!: unknown[];
}

@Documented({ description: 'What became of one event. It is final.' })
export class EventResultDto {
  @UuidField({ description: 'Of the event; null when it could not be read.', example: null, nullable: true })
  event_id!: string | null;

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

  @UuidField({
    description: 'The conflict that keeps the version that lost.',
    example: '5b1f0c66-6f7e-5d0b-9d6c-4c0f8a2b7e11',
    optional: true,
  })
  conflict_id?: string;

  @ObjectField({ description: 'Why it was refused.', type: () => MutationErrorDto, optional: true })
  error?: MutationErrorDto;
}

@Documented({ description: 'What became of each event, in the order they were sent.' })
export class EventsResultDto {
  @InstantField(serverTime)
  server_time!: string;

  @IntegerField({
    description: 'The greatest `client_seq` the service has from this device.',
    example: 1,
    min: 0,
    max: Number.MAX_SAFE_INTEGER,
  })
  last_client_seq!: number;

  @ListField({ description: 'One for each event.', type: () => EventResultDto })
  results!: EventResultDto[];
}

const NAMES: Readonly<Record<string, string>> = {
  event_id: 'mutation_id',
  type: 'kind',
  occurred_at: 'modified_at',
  payload: 'fields',
};

/** An event in the words of push. */
export function mutationOf(event: unknown): unknown {
  if (typeof event !== 'object' || event === null || Array.isArray(event)) return event;
  const renamed = Object.entries(event).map(([name, value]) => [NAMES[name] ?? name, value as unknown]);
  return { op: 'create', ...Object.fromEntries(renamed) };
}

/** The other way round, for what is said of a field. */
export const eventField = (field: string): string => {
  const [head = '', ...rest] = field.split('.');
  const [own] = Object.entries(NAMES).find(([, name]) => name === head) ?? [head];
  return [own, ...rest].join('.');
};

export const eventWire = ({
  mutation_id: eventId,
  id,
  status,
  version: reached,
  ...result
}: MutationResultDto): EventResultDto => ({
  event_id: eventId,
  id,
  status,
  ...(reached === undefined ? {} : { version: reached }),
  ...(result.conflict_id === undefined ? {} : { conflict_id: result.conflict_id }),
  ...(result.error ? { error: { ...result.error, field: eventField(result.error.field) } } : {}),
});
