import type { FromWire } from '../http/wire.js';
import type { SyncedRecord } from './synced-record.js';

type Dto<Shape extends object = object> = new () => Shape;

/** What a person entered, in the names of the code. */
export type Entered = Readonly<Record<string, unknown>>;

/** One kind of thing a person owns, declared once: sync, isolation, the API's schemas and the tests follow from it. */
export interface RecordDefinition<Entity extends SyncedRecord = SyncedRecord> {
  /** On the wire and in the database, for ever: lower case, words joined by `_`. */
  readonly kind: string;
  /** Moves when the data of old records changes its shape: every phone then gets them again. */
  readonly revision: number;
  readonly entity: Dto<Entity>;
  /** What may be written; undefined for a kind that only the service writes. */
  readonly fields: Dto | undefined;
  /** What is shown of a live record in sync and export. */
  readonly data: Dto;
  /** Fields that are one thing and travel together. A field that is added later makes a group of its own. */
  readonly groups: readonly (readonly string[])[];
  /** Values that follow from what was entered. */
  readonly derive: (entered: Entered) => Entered;
  /** Whether a person should choose between what holds and what lost; both are kept in any case. */
  readonly asks: (kept: Entered, lost: Entered) => boolean;
}

interface WritableKind<Entity extends SyncedRecord, Fields extends object> {
  readonly kind: string;
  readonly revision?: number;
  readonly entity: Dto<Entity>;
  readonly fields: Dto<Fields>;
  readonly data: Dto;
  readonly groups: readonly (readonly (keyof Fields & string)[])[];
  readonly derive?: (entered: FromWire<Fields>) => Partial<Entity>;
  /** Always, unless given. */
  readonly asks?: (kept: FromWire<Fields>, lost: FromWire<Fields>) => boolean;
}

const definitions: RecordDefinition[] = [];
let isSealed = false;

/** Adds a kind to the catalog; its module calls this once, when it is loaded. */
export function defineRecord<Entity extends SyncedRecord, Fields extends object>(
  kind: WritableKind<Entity, Fields>,
): RecordDefinition<Entity> {
  return register({
    revision: 1,
    ...kind,
    derive: (kind.derive ?? (() => ({}))) as RecordDefinition['derive'],
    asks: (kind.asks ?? (() => true)) as RecordDefinition['asks'],
  });
}

/** Adds a kind that phones only read. */
export function defineReadOnlyRecord(
  kind: Pick<RecordDefinition, 'kind' | 'revision' | 'entity' | 'data'>,
): RecordDefinition {
  return register({ ...kind, fields: undefined, groups: [], derive: () => ({}), asks: () => false });
}

function register<Entity extends SyncedRecord>(
  definition: RecordDefinition<Entity>,
): RecordDefinition<Entity> {
  if (isSealed) throw new Error(`The kind "${definition.kind}" was defined after the start`);
  definitions.push(definition);
  return definition;
}

/** Every kind that was defined. From now on none can be added: what was told at the start would not hold for it. */
export function sealRecords(): readonly RecordDefinition[] {
  isSealed = true;
  return definitions;
}

const reasons = new WeakMap<object, string>();

/** Marks a table that belongs to a person and yet holds no record of theirs. The reason is for the reader. */
export const NotARecord =
  (reason: string): ClassDecorator =>
  (entity) => {
    reasons.set(entity, reason);
  };

export const isNotARecord = (entity: object): boolean => reasons.has(entity);
