import type { Resource } from '../../kernel/access/scopes.js';
import type { Dto } from '../../kernel/http/field.js';
import type { FieldError } from '../../kernel/http/problem.js';
import type { Database } from '../../platform/database/database.js';
import type { OwnerType } from './owner.js';
import { personType } from './person/person.owner.js';
import type { SyncedRecord } from './synced-record.js';

/** The values of a record that a person entered, by their property names. */
export type Entered = Readonly<Record<string, unknown>>;

/** The stored records among which new ones are compared. */
export interface OtherRecords {
  readonly database: Database;
  readonly ownerId: string;
  /** The time zone that the owner has now. */
  readonly timeZone: () => Promise<string>;
}

/** Where records come from, by the names of their properties. An index on (owner, source, deletedAt, part, instant, id) serves it. */
export interface RecordSource<Property = string> {
  /** The name of the source. */
  readonly source: Property;
  /** What its records are counted by, such as the metric; undefined to count all of the kind together. */
  readonly part?: Property;
  /** When a record was measured. */
  readonly instant: Property;
}

/** How records stand in the timeline, by the names of their properties. An index on (owner, deletedAt, instant, id) serves it. */
export interface RecordMoment<Property = string> {
  readonly instant: Property;
  /** The local day; undefined for a kind without one: then it is that of the owner's time zone. */
  readonly day?: Property;
  /** Whoever may read this resource may read the records. */
  readonly resource: Resource;
}

/** Local days, both included. */
export type DaySpan = readonly [from: string, to: string];

/** How a source places its records in local time, by the names of their properties. */
export interface RecordPlace<Property = string> {
  readonly timeZone: Property;
  /** What the zone places. While a source says the same of all of these, another zone is no news. */
  readonly instants: readonly Property[];
}

/** A value that others replace, and a deletion removes, only if their author has seen it: see `merge/precedence.ts`. */
export interface PrevailingValue<Property = string> {
  readonly property: Property;
  readonly value: string;
}

/** A record that another one refers to. */
export interface RecordReference {
  readonly kind: string;
  readonly id: string;
}

/** An edit, before it is checked. */
export interface ArrivedEdit<Fields = Entered> {
  /** Undefined for a new record that gets its id from the service. */
  readonly id?: string | undefined;
  readonly entered: Fields;
}

/** What is stored when an edit arrives. */
export interface StoredRecords<Entity extends SyncedRecord = SyncedRecord> {
  /** The id of the record that is edited. */
  readonly id: string;
  /** The record that is edited; undefined for a new one. */
  readonly current: Entity | undefined;
  /** Reads one of the records that `refersTo` names or that the transaction has edited, tombstones included. */
  readonly find: (reference: RecordReference) => SyncedRecord | undefined;
  /** What `gather` has read: the records as they were before the transaction. */
  readonly gathered: unknown;
  /** The time of the transaction. */
  readonly now: Date;
  /**
   * Whether the author writes by REST, and so has what is stored. What a phone made offline may refer to records that arrive
   * after it.
   */
  readonly isOnline: boolean;
  /** Whether the author has seen what the stored record has in this property. What was not seen is no reason to refuse an edit. */
  readonly hasSeen: (property: string) => boolean;
}

/** How a transaction moves a record. A side is undefined while the record is not live; one of them is defined. */
export interface RecordMove<Entity extends SyncedRecord = SyncedRecord> {
  readonly before: Entity | undefined;
  readonly after: Entity | undefined;
}

/** One kind of record. It is declared once; sync, isolation, the API's schemas and the contract tests are derived from it. */
export interface RecordDefinition<Entity extends SyncedRecord = SyncedRecord> {
  /** The name on the wire and in the database; never change it. Lower case, words joined by `_`, at most 32 characters. */
  readonly kind: string;
  /** Increase it when the data of old records gets another shape: every phone then receives all records of the kind again. */
  readonly revision: number;
  readonly entity: Dto<Entity>;
  /** The type of owner of its records. */
  readonly owner: OwnerType;
  /** How many live records one owner may store; undefined for the limit of the service. */
  readonly most: number | undefined;
  /** The contract class of what clients write; undefined for a kind that only the service writes. */
  readonly fields: Dto | undefined;
  /** The contract class of a live record in sync and export. */
  readonly data: Dto;
  /** Groups of fields that are always written together. A field that is added later needs its own group. */
  readonly groups: readonly (readonly string[])[];
  /**
   * The fields of groups that were added when apps already wrote the kind. An app that sends nothing of such a group leaves it as it
   * is, also when it creates the record again; `derive` or `compare` set what a new record lacks.
   */
  readonly addedLater: readonly string[];
  /** Undefined for a kind whose newest values always take effect. */
  readonly prevails: PrevailingValue | undefined;
  /** Computes values from those that were entered. */
  readonly derive: (entered: Entered) => Entered;
  /** The fields that `derive` reads; undefined for all. Only a change of one of their groups computes the values again. */
  readonly derivedFrom: readonly string[] | undefined;
  /**
   * Sets derived columns that depend on other records of the owner, or on the owner. It is called under the owner's lock, with records that are
   * about to be written, and changes them in place. Records of kinds without `compare` that the same transaction writes are stored
   * already.
   * @param before the live records that they replace, by id
   */
  readonly compare:
    | ((
        records: readonly SyncedRecord[],
        all: OtherRecords,
        before: ReadonlyMap<string, SyncedRecord>,
      ) => Promise<void>)
    | undefined;
  /**
   * Keeps in step what is computed from records. It is called under the owner's lock, in the transaction that writes the records,
   * after their rows: whoever writes them, and with all of one transaction together.
   */
  readonly follow: ((moves: readonly RecordMove[], all: OtherRecords) => Promise<void>) | undefined;
  /**
   * Finds stored records of other kinds that were written before records to which they refer, and whose `compare` needs them. It is called
   * under the owner's lock with records that are about to be added. What it finds is written again, with another version, and so compared
   * again. The number must be bounded.
   */
  readonly awaitedBy:
    ((added: readonly SyncedRecord[], all: OtherRecords) => Promise<readonly RecordReference[]>) | undefined;
  /** Checks rules between fields, for which a field's own checks are too narrow. @returns what is wrong; fields by their wire names */
  readonly check: (entered: Entered, id: string | undefined) => readonly FieldError[];
  /** The records on which `admit` depends. They are read before. */
  readonly refersTo: (entered: Entered) => readonly RecordReference[];
  /**
   * Reads what else `admit` depends on, once for the edits of a transaction, under the owner's lock: for a rule that reaches further than
   * to the records that an edit names.
   * @returns undefined if the edits depend on nothing else
   */
  readonly gather: ((edits: readonly ArrivedEdit[], all: OtherRecords) => Promise<unknown>) | undefined;
  /** Checks rules that depend on stored records, under the owner's lock. @returns what is wrong; fields by their wire names */
  readonly admit: (entered: Entered, stored: StoredRecords) => readonly FieldError[];
  /**
   * Keeps a rule between groups when the edits of two authors, each of which keeps it, are merged. It gets the values of a live
   * record after a visible change. What it takes away is kept as a conflict. @returns the whole groups that have other values
   */
  readonly reconcile: ((merged: Entered) => Entered) | undefined;
  /** Whether a person should choose between the value in effect and the lost one. Both are kept in any case. */
  readonly needsDecision: (kept: Entered, lost: Entered) => boolean;
  /** The values of a second record, for who keeps both sides of a conflict; undefined if there cannot be two. `lost`: its own groups. */
  readonly apart: (values: Entered, lost: Entered) => Entered | undefined;
  /** Undefined for a kind without sources. */
  readonly source: RecordSource | undefined;
  /** Undefined for a kind that is not in the timeline. */
  readonly timeline: RecordMoment | undefined;
  /** The days whose values may change with a record; undefined for a kind without days, which may change those of all days. */
  readonly days: ((record: SyncedRecord) => DaySpan) | undefined;
  /** Undefined for a kind whose records sources do not upload, or that has no time zone. */
  readonly placed: RecordPlace | undefined;
}

interface WritableKind<Entity extends SyncedRecord, Fields extends object> {
  readonly kind: string;
  readonly revision?: number;
  readonly entity: Dto<Entity>;
  /** A person by default. */
  readonly owner?: OwnerType;
  readonly most?: number;
  readonly fields: Dto<Fields>;
  readonly data: Dto;
  readonly groups: readonly (readonly (keyof Fields & string)[])[];
  /** None by default. */
  readonly addedLater?: readonly (keyof Fields & string)[];
  readonly prevails?: PrevailingValue<keyof Fields & string>;
  readonly derive?: (entered: Fields) => Partial<Entity>;
  readonly derivedFrom?: readonly (keyof Fields & string)[];
  readonly compare?: (
    records: readonly Entity[],
    all: OtherRecords,
    before: ReadonlyMap<string, Entity>,
  ) => Promise<void>;
  readonly follow?: (moves: readonly RecordMove<Entity>[], all: OtherRecords) => Promise<void>;
  readonly awaitedBy?: (added: readonly Entity[], all: OtherRecords) => Promise<readonly RecordReference[]>;
  /** Finds nothing wrong by default. A change by sync has only whole groups, so every other field may be undefined. */
  readonly check?: (entered: Partial<Fields>, id: string | undefined) => readonly FieldError[];
  readonly refersTo?: (entered: Partial<Fields>) => readonly RecordReference[];
  readonly gather?: (edits: readonly ArrivedEdit<Partial<Fields>>[], all: OtherRecords) => Promise<unknown>;
  /** Finds nothing wrong by default. As with `check`, fields of other groups are undefined. */
  readonly admit?: (entered: Partial<Fields>, stored: StoredRecords<Entity>) => readonly FieldError[];
  readonly reconcile?: (merged: Fields) => Partial<Fields>;
  /** Always true by default. */
  readonly needsDecision?: (kept: Fields, lost: Fields) => boolean;
  readonly apart?: (values: Fields, lost: Partial<Fields>) => Fields | undefined;
  readonly source?: RecordSource<keyof Entity & string>;
  readonly timeline?: RecordMoment<keyof Entity & string>;
  /** By default the day in the timeline. */
  readonly days?: (record: Entity) => DaySpan;
  readonly placed?: RecordPlace<keyof Fields & string>;
}

const definitions: RecordDefinition[] = [];
let isSealed = false;

/** Adds a kind to the catalog. A module calls it once for each of its kinds, when the module is loaded. */
export const defineRecord = <Entity extends SyncedRecord, Fields extends object>(
  kind: WritableKind<Entity, Fields>,
): RecordDefinition<Entity> => register(recordOf(kind));

/** Makes the definition of a kind that clients write. It does not add it to the catalog. */
export const recordOf = <Entity extends SyncedRecord, Fields extends object>(
  kind: WritableKind<Entity, Fields>,
): RecordDefinition<Entity> => ({
  revision: 1,
  owner: personType,
  ...kind,
  addedLater: kind.addedLater ?? [],
  prevails: kind.prevails,
  derive: (kind.derive ?? (() => ({}))) as RecordDefinition['derive'],
  most: kind.most,
  derivedFrom: kind.derivedFrom,
  compare: kind.compare as RecordDefinition['compare'],
  follow: kind.follow as RecordDefinition['follow'],
  awaitedBy: kind.awaitedBy as RecordDefinition['awaitedBy'],
  check: (kind.check ?? (() => [])) as RecordDefinition['check'],
  refersTo: (kind.refersTo ?? (() => [])) as RecordDefinition['refersTo'],
  gather: kind.gather as RecordDefinition['gather'],
  admit: (kind.admit ?? (() => [])) as RecordDefinition['admit'],
  reconcile: kind.reconcile as RecordDefinition['reconcile'],
  needsDecision: (kind.needsDecision ?? (() => true)) as RecordDefinition['needsDecision'],
  apart: (kind.apart ?? ((values) => values)) as RecordDefinition['apart'],
  source: kind.source,
  timeline: kind.timeline,
  days: (kind.days as RecordDefinition['days']) ?? dayOf(kind.timeline?.day),
  placed: kind.placed,
});

const dayOf = (property: string | undefined): RecordDefinition['days'] =>
  property === undefined ? undefined : (record) => [textOf(record, property), textOf(record, property)];

const textOf = (record: object, property: string): string => String((record as Entered)[property]);

/** Makes the definition of a kind that clients only read. It does not add it to the catalog. */
export const readOnlyRecord = <Entity extends SyncedRecord>(
  kind: Pick<RecordDefinition<Entity>, 'kind' | 'revision' | 'entity' | 'data' | 'owner'>,
): RecordDefinition<Entity> => ({
  ...kind,
  most: undefined,
  fields: undefined,
  groups: [],
  addedLater: [],
  prevails: undefined,
  derive: () => ({}),
  derivedFrom: undefined,
  compare: undefined,
  follow: undefined,
  awaitedBy: undefined,
  check: () => [],
  refersTo: () => [],
  gather: undefined,
  admit: () => [],
  reconcile: undefined,
  needsDecision: () => false,
  apart: (values) => values,
  source: undefined,
  timeline: undefined,
  days: undefined,
  placed: undefined,
});

/** Adds a definition to the catalog. @throws Error after the start. */
export function register<Entity extends SyncedRecord>(
  definition: RecordDefinition<Entity>,
): RecordDefinition<Entity> {
  if (isSealed) throw new Error(`The kind "${definition.kind}" was defined after the start`);
  definitions.push(definition);
  return definition;
}

/** Returns all definitions. After this call no kind can be added, because the checks of the start would not cover it. */
export function sealRecords(): readonly RecordDefinition[] {
  isSealed = true;
  return definitions;
}
