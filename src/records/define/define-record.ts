import type { Dto } from '../../kernel/http/field.js';
import type { OwnerType } from './owner.js';
import { personType } from './person/person.owner.js';
import type { SyncedRecord } from './synced-record.js';

/** The values of a record that a person entered, by their property names. */
export type Entered = Readonly<Record<string, unknown>>;

/** One kind of record. It is declared once; sync, isolation, the API's schemas and the contract tests are derived from it. */
export interface RecordDefinition<Entity extends SyncedRecord = SyncedRecord> {
  /** The name on the wire and in the database; never change it. Lower case, words joined by `_`, at most 32 characters. */
  readonly kind: string;
  /** Increase it when the data of old records gets another shape: every phone then receives all records of the kind again. */
  readonly revision: number;
  readonly entity: Dto<Entity>;
  /** The type of owner of its records. */
  readonly owner: OwnerType;
  /** The contract class of what clients write; undefined for a kind that only the service writes. */
  readonly fields: Dto | undefined;
  /** The contract class of a live record in sync and export. */
  readonly data: Dto;
  /** Groups of fields that are always written together. A field that is added later needs its own group. */
  readonly groups: readonly (readonly string[])[];
  /** Computes values from those that were entered. */
  readonly derive: (entered: Entered) => Entered;
  /** Whether a person should choose between the value in effect and the lost one. Both are kept in any case. */
  readonly needsDecision: (kept: Entered, lost: Entered) => boolean;
}

interface WritableKind<Entity extends SyncedRecord, Fields extends object> {
  readonly kind: string;
  readonly revision?: number;
  readonly entity: Dto<Entity>;
  /** A person by default. */
  readonly owner?: OwnerType;
  readonly fields: Dto<Fields>;
  readonly data: Dto;
  readonly groups: readonly (readonly (keyof Fields & string)[])[];
  readonly derive?: (entered: Fields) => Partial<Entity>;
  /** Always true by default. */
  readonly needsDecision?: (kept: Fields, lost: Fields) => boolean;
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
  derive: (kind.derive ?? (() => ({}))) as RecordDefinition['derive'],
  needsDecision: (kind.needsDecision ?? (() => true)) as RecordDefinition['needsDecision'],
});

/** Makes the definition of a kind that clients only read. It does not add it to the catalog. */
export const readOnlyRecord = <Entity extends SyncedRecord>(
  kind: Pick<RecordDefinition<Entity>, 'kind' | 'revision' | 'entity' | 'data' | 'owner'>,
): RecordDefinition<Entity> => ({
  ...kind,
  fields: undefined,
  groups: [],
  derive: () => ({}),
  needsDecision: () => false,
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
