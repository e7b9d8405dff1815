import { camelCase, snakeCase } from '../../platform/database/naming.js';
import type { Database } from '../../platform/database/database.js';
import type { SqlValue } from '../../platform/database/statements.js';
import { type FieldError, Problem } from '../../kernel/http/problem.js';
import { write, writeValue } from '../../kernel/http/answer.js';
import { validate } from '../../kernel/http/check.js';
import { contractOf, type ContractField } from '../../kernel/http/contract.js';
import { canonical } from '../../kernel/canonical.js';
import { digest } from '../../platform/random-token.js';
import type { GroupState, RecordState } from '../merge/merge.js';
import type { Entered, RecordDefinition } from './define-record.js';
import { clocksOf, readClock, stampOf } from './group-clocks.js';
import type { OwnerType } from './owner.js';
import type { RecordTable, Selection } from './record-table.js';
import {
  BOOKKEEPING,
  type ChangedRecord,
  FRAME,
  GroupedRecord,
  type GroupClocks,
  type SyncedRecord,
  UploadedRecord,
} from './synced-record.js';

interface Group {
  /** The wire name of its first field. It is stored with each record. */
  readonly name: string;
  readonly properties: readonly string[];
}

/** One kind of the catalog. It converts between the wire form, the state that is merged, and the row. */
export class RecordKind {
  readonly name: string;
  readonly owner: OwnerType;
  /** The columns that a list reads. */
  readonly listed: Selection;
  /** The columns that a pull reads. */
  readonly pulled: Selection;
  /** The property of a record with the owner's id. */
  private readonly ownerProperty: string;
  private readonly groups: readonly Group[];
  /** The groups by the wire names of their fields. */
  private readonly groupOf = new Map<string, Group>();
  private readonly fieldOf = new Map<string, ContractField>();
  /** The names of groups that were added later. */
  readonly later: ReadonlySet<string>;
  private readonly keepsClocks: boolean;
  /** Whether sources upload its records. */
  readonly isUploaded: boolean;

  constructor(
    readonly definition: RecordDefinition,
    readonly table: RecordTable<SyncedRecord>,
  ) {
    this.name = definition.kind;
    this.owner = definition.owner;
    this.ownerProperty = camelCase(definition.owner.column);
    this.listed = table.without(BOOKKEEPING);
    const shown = contractOf(definition.data).fields.map(({ property }) => property);
    this.pulled = table.only([...FRAME, ...shown]);
    this.groups = definition.groups.map((properties) => ({
      name: snakeCase(properties[0] ?? ''),
      properties,
    }));
    for (const group of this.groups)
      for (const property of group.properties) this.groupOf.set(snakeCase(property), group);
    this.later = new Set(
      definition.addedLater.flatMap((property) => this.groupOf.get(snakeCase(property))?.name ?? []),
    );
    const fields = definition.fields ? contractOf(definition.fields).fields : [];
    for (const field of fields) this.fieldOf.set(field.property, field);
    this.keepsClocks = definition.entity.prototype instanceof GroupedRecord;
    this.isUploaded = definition.entity.prototype instanceof UploadedRecord;
  }

  /** Reads the records of one owner for which `where` is true. There is no method that reads records without an owner. */
  select(
    database: Database,
    ownerId: string,
    where: string,
    values: readonly SqlValue[],
  ): Promise<SyncedRecord[]> {
    return this.table.select(database, `${this.owner.column} = ? AND ${where}`, [ownerId, ...values]);
  }

  /** The same, but only with the columns that a pull shows. */
  selectChanged(
    database: Database,
    ownerId: string,
    where: string,
    values: readonly SqlValue[],
  ): Promise<ChangedRecord[]> {
    const all = [ownerId, ...values];
    return this.table.selectSome(database, this.pulled, `${this.owner.column} = ? AND ${where}`, all);
  }

  /** What no change exceeds that a pull shows, in bytes of JSON. Undefined for a kind that may be large. */
  get mostBytes(): number | undefined {
    const { bytesOf } = this.pulled;
    return typeof bytesOf === 'number' ? bytesOf : undefined;
  }

  /** The property of a new record with the owner's id. */
  ownedBy(ownerId: string): object {
    return { [this.ownerProperty]: ownerId };
  }

  /** Whether clients may write records of this kind. Otherwise only the service writes them. */
  get isWritable(): boolean {
    return this.definition.fields !== undefined;
  }

  private get writable(): new () => object {
    const { fields } = this.definition;
    if (!fields) throw new Error(`Only the service writes records of the kind "${this.name}"`);
    return fields;
  }

  /** Reads the fields of a new record from a phone. @returns the values, or the errors */
  readAll(fields: unknown, id?: string): Entered | FieldError[] {
    const dto = validate(this.writable, fields);
    return Array.isArray(dto) ? dto : this.sound(this.complete(dto as Entered), id);
  }

  /** Reads the fields of a change from a phone. It must contain whole groups. @returns the values, or the errors */
  readSome(fields: unknown, id?: string): Entered | FieldError[] {
    if (typeof fields !== 'object' || fields === null) return this.readAll(fields, id);
    const groups = new Set(Object.keys(fields).flatMap((field) => this.groupOf.get(field) ?? []));
    // Only fields of the record itself may be absent: an entry of a list is always written as a whole.
    const isAbsent = ({ code, field }: FieldError) => {
      const group = this.groupOf.get(field);
      return code === 'required' && group !== undefined && !groups.has(group);
    };
    const dto = validate(this.writable, fields, isAbsent);
    if (Array.isArray(dto)) return dto;
    if (groups.size === 0)
      return [{ field: 'fields', code: 'required', message: 'fields must not be empty' }];
    const entered = this.complete(dto as Entered, [...groups]);
    if (Object.values(entered).some((value) => value !== undefined)) return this.sound(entered, id);
    return [...groups].map(({ name: field }) => ({
      field,
      code: 'required',
      message: `${field} is required`,
    }));
  }

  private sound(entered: Entered, id: string | undefined): Entered | FieldError[] {
    const faults = this.definition.check(entered, id);
    return faults.length > 0 ? [...faults] : entered;
  }

  /** Returns the values if the rules between fields hold. @throws Problem `validation` */
  checked(entered: Entered, id: string | undefined): Entered {
    const errors = this.definition.check(entered, id);
    if (errors.length > 0) throw new Problem('validation', { errors });
    return entered;
  }

  /** Sets the missing fields of the groups to null, because a group is written as a whole. Leaves out groups that are {@link isUnsaid}. */
  complete(entered: Entered, groups = this.groups): Entered {
    const whole: Record<string, unknown> = {};
    for (const { properties } of groups) for (const property of properties) whole[property] = null;
    Object.assign(whole, entered);
    for (const group of groups)
      if (this.isUnsaid(group, entered)) for (const property of group.properties) delete whole[property];
    return whole;
  }

  /**
   * Whether nothing is said of a group that was added later. Only nulls say nothing either when the group cannot be all null: so an
   * app that writes null for what it does not know is understood.
   */
  private isUnsaid({ name, properties }: Group, entered: Entered): boolean {
    if (!this.later.has(name) || properties.some((property) => entered[property] != null)) return false;
    return (
      properties.every((property) => entered[property] === undefined) ||
      properties.some((property) => this.fieldOf.get(property)?.nullable !== true)
    );
  }

  /** Extends a change of some fields to their whole groups, with the other values of the record. */
  withCurrent(record: SyncedRecord, entered: Entered): Entered {
    const groups = this.groups.filter(({ properties }) =>
      properties.some((name) => entered[name] !== undefined),
    );
    const current = this.pick(
      this.entered(record),
      groups.map(({ name }) => name),
    );
    return { ...current, ...entered };
  }

  /** Whether the record has all entered values. It may also have values in other groups. */
  contains(record: SyncedRecord, entered: Entered): boolean {
    const held = this.contents(this.entered(record));
    return Object.entries(this.contents(entered)).every(([name, content]) => held[name] === content);
  }

  /** The canonical text of each group that has a value in `entered`. */
  contents(entered: Entered): Record<string, string> {
    const contents: Record<string, string> = {};
    for (const { name, properties } of this.groups)
      if (properties.some((property) => entered[property] !== undefined))
        contents[name] = canonical(properties.map((property) => this.stored(property, entered[property])));
    return contents;
  }

  /** A short hash of each value, by the wire name of its field; empty for null. Groups without a value are left out. */
  hashesOf(entered: Entered): Record<string, string> {
    const hashes: Record<string, string> = {};
    for (const { properties } of this.groups)
      if (properties.some((property) => entered[property] != null))
        for (const property of properties) {
          const value = this.stored(property, entered[property]);
          if (value !== undefined)
            hashes[snakeCase(property)] = value === null ? '' : digest(canonical(value)).slice(0, 8);
        }
    return hashes;
  }

  /** The names of the groups that these fields, by their wire names, are in. */
  groupsOf(fields: readonly string[]): string[] {
    return [...new Set(fields.flatMap((field) => this.groupOf.get(field)?.name ?? []))];
  }

  /** Whether the derived values depend on one of these groups. */
  isDerivedFrom(groups: readonly string[]): boolean {
    const { derivedFrom } = this.definition;
    if (!derivedFrom) return groups.length > 0;
    return this.groupsOf(derivedFrom.map(snakeCase)).some((name) => groups.includes(name));
  }

  /** Converts an object to its wire form: the texts of groups are stored, and wire names never change. */
  private stored(property: string, value: unknown): unknown {
    const field = this.fieldOf.get(property);
    return field?.type && value !== null && value !== undefined ? writeValue(field, value) : value;
  }

  /** The state of a row for the merge. A group that was added later, and of which nobody has said anything, has no edit. */
  stateOf(record: SyncedRecord): RecordState {
    const stamp = stampOf(record);
    const clocks: GroupClocks = this.keepsClocks ? (record as GroupedRecord).clocks : {};
    const entered = this.entered(record);
    const prevails = this.prevailsIn(entered);
    const groups: Record<string, GroupState> = {};
    for (const [name, content] of Object.entries(this.contents(entered))) {
      const clock = clocks[name];
      if (!clock && this.later.has(name)) continue;
      const edit = clock ? readClock(clock, prevails?.[name] === true) : { stamp, version: record.version };
      groups[name] = { content, ...edit };
    }
    return { version: record.version, deleted: record.deletedAt !== null, stamp, groups };
  }

  /** Whether entered values have the one that prevails, by the name of its group. */
  prevailsIn(entered: Entered): Readonly<Record<string, boolean>> | undefined {
    const { property = '', value } = this.definition.prevails ?? {};
    const group = entered[property] === undefined ? undefined : this.groupOf.get(snakeCase(property));
    return group && { [group.name]: entered[property] === value };
  }

  /** The columns of a state: the version, and the stamps of the edits. */
  columnsOf({ version, stamp, groups }: RecordState): object {
    return {
      version,
      modifiedAt: new Date(stamp.time),
      modifiedCounter: stamp.counter,
      modifiedBy: stamp.device,
      modifiedSeq: stamp.deviceSeq,
      ...(this.keepsClocks ? { clocks: clocksOf(groups) } : {}),
    };
  }

  /** The entered values of a row. */
  entered(record: object): Entered {
    const source = record as Entered;
    const entered: Record<string, unknown> = {};
    for (const { properties } of this.groups)
      for (const property of properties) entered[property] = source[property];
    return entered;
  }

  /** The part of `entered` that belongs to these groups. */
  pick(entered: Entered, groups: readonly string[]): Entered {
    const chosen = this.groups.filter(({ name }) => groups.includes(name));
    return Object.fromEntries(
      chosen.flatMap(({ properties }) => properties.map((property) => [property, entered[property] ?? null])),
    );
  }

  /** The wire form of a live record in sync and export. */
  data(record: object): object {
    return write(this.definition.data, record);
  }

  /** The wire form of entered values. */
  fieldsWire(entered: Entered): object {
    return this.definition.fields ? write(this.definition.fields, entered) : {};
  }
}
