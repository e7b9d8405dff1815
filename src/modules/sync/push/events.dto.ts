import { ApiExtraModels } from '@nestjs/swagger';
import { cut } from '../../../kernel/http/cut.js';
import { Documented } from '../../../kernel/http/documented.js';
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
} from '../../../kernel/http/fields.js';
import { RecordDataField } from '../../../records/define/record-fields.js';
import { clientId, kindName, recordId, serverTime, version } from '../pull/change.dto.js';
import {
  MAX_FIELD,
  MAX_MUTATIONS,
  MutationErrorDto,
  mutationOp,
  MutationResultDto,
  mutationStatus,
} from './push.dto.js';
import { events } from '../sync.examples.js';

@Documented({ description: 'An event on a device.' })
export class EventDto {
  @UuidField({
    description: 'Id of the event. The device creates it and sends the same id on every retry.',
    example: '8b5c3e20-7f2c-4e3e-9f75-2b5b9c1d0e33',
  })
  eventId!: string;

  @IntegerField({
    description: 'Position in the sequence of this device’s events: 1, 2, 3 …; gaps are allowed.',
    example: 1,
    min: 1,
    max: Number.MAX_SAFE_INTEGER,
  })
  clientSeq!: number;

  @StringField({ ...kindName, description: 'The kind of the record.' })
  type!: string;

  @UuidField({
    ...recordId,
    description: 'Id of the record. The device that creates the record creates the id.',
  })
  id!: string;

  @EnumField({
    description: 'What happened to the record; default `create`.',
    example: 'create',
    ...mutationOp,
    optional: true,
  })
  op?: string;

  @IntegerField({ ...version, description: 'The version that was edited.', optional: true, nullable: true })
  baseVersion?: number | null;

  @InstantField({
    description: 'When it happened, by the same clock as `client_time`.',
    example: '2026-01-06T20:30:02.000Z',
  })
  occurredAt!: Date;

  @RecordDataField({
    description: 'The entered values.',
    of: 'fields',
    kind: 'type',
    optional: true,
    nullable: true,
  })
  payload?: object | null;
}

@Documented({ description: 'The event queue of a device, or the next part of it.', examples: events })
@ApiExtraModels(EventDto)
export class EventsDto {
  @CodeField(clientId)
  clientId!: string;

  @InstantField({
    description:
      'The device’s clock at the moment of sending, so that the service can correct a wrong clock.',
    example: '2026-01-06T20:30:04.000Z',
    optional: true,
  })
  clientTime?: Date;

  @MixedListField({
    description: 'The events. Each is checked on its own.',
    anyOf: [EventDto],
    min: 1,
    max: MAX_MUTATIONS,
  })
  events!: unknown[];
}

@Documented({ description: 'The final result of one event.' })
export class EventResultDto {
  @UuidField({ description: 'Id of the event; null if it could not be read.', example: null, nullable: true })
  eventId!: string | null;

  @UuidField({ ...recordId, description: 'Id of the record; null if it could not be read.', nullable: true })
  id!: string | null;

  @EnumField({
    description: 'The result.',
    example: 'applied',
    ...mutationStatus,
  })
  status!: string;

  @IntegerField({ ...version, description: 'Version of the record after the event.', optional: true })
  version?: number;

  @UuidField({
    description: 'The conflict that keeps the losing version.',
    example: '5b1f0c66-6f7e-5d0b-9d6c-4c0f8a2b7e11',
    optional: true,
  })
  conflictId?: string;

  @ObjectField({
    description: 'Why it was refused; absent otherwise.',
    type: () => MutationErrorDto,
    optional: true,
  })
  error?: MutationErrorDto;
}

@Documented({ description: 'The result of each event, in the order of the request.' })
export class EventsResultDto {
  @InstantField(serverTime)
  serverTime!: Date;

  @IntegerField({
    description: 'The greatest `client_seq` that the service has from this device.',
    example: 1,
    min: 0,
    max: Number.MAX_SAFE_INTEGER,
  })
  lastClientSeq!: number;

  @ListField({ description: 'One for each event.', type: () => EventResultDto })
  results!: EventResultDto[];
}

const NAMES: Readonly<Record<string, string>> = {
  event_id: 'mutation_id',
  type: 'kind',
  occurred_at: 'modified_at',
  payload: 'fields',
};

/** Translates an event into a mutation of push. */
export function mutationOf(event: unknown): unknown {
  if (typeof event !== 'object' || event === null || Array.isArray(event)) return event;
  const renamed = Object.entries(event).map(([name, value]) => [NAMES[name] ?? name, value as unknown]);
  return { op: 'create', ...Object.fromEntries(renamed) };
}

/** Translates the field names in errors back. The event's name of a field may be longer, so it is cut again. */
export const eventField = (field: string): string => {
  const [head = '', ...rest] = field.split('.');
  const [own] = Object.entries(NAMES).find(([, name]) => name === head) ?? [head];
  return cut([own, ...rest].join('.'), MAX_FIELD);
};

export const eventResultOf = ({
  mutationId: eventId,
  id,
  status,
  version: reached,
  ...result
}: MutationResultDto): EventResultDto => ({
  eventId,
  id,
  status,
  ...(reached === undefined ? {} : { version: reached }),
  ...(result.conflictId === undefined ? {} : { conflictId: result.conflictId }),
  ...(result.error ? { error: { ...result.error, field: eventField(result.error.field) } } : {}),
});
