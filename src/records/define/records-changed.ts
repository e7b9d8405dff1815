import { DomainEvent } from '../../kernel/events/domain-event.js';
import type { DaySpan } from './define-record.js';
import { type OnEventOptions, subscribe } from '../../kernel/events/on-event.js';

export const recordChanges = ['created', 'updated', 'deleted'] as const;
/** `created` includes a record that was deleted and is restored. */
export type RecordChangeType = (typeof recordChanges)[number];

/** What happened to one record. A subscriber that needs the values reads them; they may be newer by then, or deleted. */
export interface RecordChange {
  readonly id: string;
  readonly version: number;
  readonly type: RecordChangeType;
  /** The local days whose values it may change, from the first to the last, before and after; null for a kind without days. */
  readonly days: DaySpan | null;
  /** What it counts for, before and after, such as the metric of a reading: see `source.part` of `defineRecord`. */
  readonly parts: readonly string[];
}

/**
 * Records of one kind and one owner were stored, by REST, by sync or by the service. The changes come from one unit of work,
 * and each record appears at most once. More than {@link MAX_CHANGES} changes are split into several events.
 */
export class RecordsChanged extends DomainEvent {
  constructor(
    readonly kind: string,
    readonly ownerId: string,
    readonly changes: readonly RecordChange[],
  ) {
    super();
  }

  override get topic(): string {
    return topicOf(this.kind);
  }
}

/** The maximum number of changes in one event. It keeps an event far below the size of its column. */
export const MAX_CHANGES = 200;

const PREFIX = 'record.';

export const topicOf = (kind: string): string => PREFIX + kind;

/** The kind of a record topic; undefined for any other topic. */
export const kindOf = (topic: string): string | undefined =>
  topic.startsWith(PREFIX) ? topic.slice(PREFIX.length) : undefined;

export interface OnRecordOptions extends OnEventOptions {
  /** All three types by default. */
  readonly changes?: readonly RecordChangeType[];
}

/**
 * Calls the method after records of this kind were stored, in the same way as {@link OnEvent}. The method has the parameters
 * `(event: RecordsChanged, delivery: Delivery)`.
 * @param kind the `kind` of `defineRecord`. A kind that does not exist stops the start.
 * @param name unique in the application. Never change it, because stored messages refer to it.
 */
export const OnRecord = (
  kind: string,
  name: string,
  { order = 'owner', changes = recordChanges }: OnRecordOptions = {},
) =>
  subscribe<RecordsChanged>({
    name,
    topic: topicOf(kind),
    type: RecordsChanged,
    isOrdered: order === 'owner',
    isInTransaction: false,
    select: (event) => only(event, changes),
  });

function only(event: RecordsChanged, wanted: readonly RecordChangeType[]): RecordsChanged | undefined {
  const changes = event.changes.filter(({ type }) => wanted.includes(type));
  return changes.length === 0 ? undefined : new RecordsChanged(event.kind, event.ownerId, changes);
}
