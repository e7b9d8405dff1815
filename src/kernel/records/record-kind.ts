import { camelCase } from '../../platform/database/naming.js';
import type { Table } from '../../platform/database/table.js';
import type { FieldError } from '../http/problem.js';
import { validate } from '../http/validation.js';
import { fromWire, toWire, wireFields } from '../http/wire.js';
import { canonical } from './canonical.js';
import type { EditStamp, GroupState, RecordState } from './merge.js';
import type { Entered, RecordDefinition } from './record.js';
import { GroupedRecord, type GroupClocks, type SyncedRecord } from './synced-record.js';

interface Group {
  readonly name: string;
  readonly fields: readonly string[];
  readonly properties: readonly string[];
}

/** One kind of the catalog at work: from the wire to what is merged, and from there to a row. */
export class RecordKind {
  readonly name: string;
  private readonly groups: readonly Group[];
  private readonly groupOf = new Map<string, Group>();
  private readonly keepsClocks: boolean;

  constructor(
    readonly definition: RecordDefinition,
    readonly table: Table<SyncedRecord>,
  ) {
    this.name = definition.kind;
    this.groups = definition.groups.map((fields) => ({
      name: fields[0] ?? '',
      fields,
      properties: fields.map(camelCase),
    }));
    for (const group of this.groups) for (const field of group.fields) this.groupOf.set(field, group);
    this.keepsClocks = definition.entity.prototype instanceof GroupedRecord;
  }

  /** Whether clients may write it; the service writes the others. */
  get isWritable(): boolean {
    return this.definition.fields !== undefined;
  }

  private get writable(): new () => object {
    const { fields } = this.definition;
    if (!fields) throw new Error(`${this.name} is written by the service`);
    return fields;
  }

  /** What a phone sent of a new record, or what is wrong with it. */
  readAll(fields: unknown): Entered | FieldError[] {
    const type = this.writable;
    const dto = validate(type, fields);
    return Array.isArray(dto) ? dto : this.complete(fromWire(type, dto));
  }

  /** What a phone sent of a change: whole groups, and nothing of the others. */
  readSome(fields: unknown): Entered | FieldError[] {
    const type = this.writable;
    if (typeof fields !== 'object' || fields === null) return this.readAll(fields);
    const groups = new Set(Object.keys(fields).flatMap((field) => this.groupOf.get(field) ?? []));
    // Of the record's own fields: an entry of a list is written as a whole.
    const isAbsent = ({ code, field }: FieldError) => {
      const group = this.groupOf.get(field);
      return code === 'required' && group !== undefined && !groups.has(group);
    };
    const dto = validate(type, fields, isAbsent);
    if (Array.isArray(dto)) return dto;
    if (groups.size === 0)
      return [{ field: 'fields', code: 'required', message: 'fields must not be empty' }];
    return this.complete(fromWire(type, dto), [...groups]);
  }

  /** A group is written as a whole: what was left out of it is none. */
  complete(entered: Entered, groups = this.groups): Entered {
    const nothing = groups.flatMap(({ properties }) => properties.map((property) => [property, null]));
    return { ...Object.fromEntries(nothing), ...entered };
  }

  /** A change of some fields of a record, as a change of the groups they are in. */
  onto(record: SyncedRecord, entered: Entered): Entered {
    const groups = this.groups.filter(({ properties }) =>
      properties.some((name) => entered[name] !== undefined),
    );
    const current = this.pick(
      this.entered(record),
      groups.map(({ name }) => name),
    );
    return { ...current, ...entered };
  }

  saysSame(record: SyncedRecord, entered: Entered): boolean {
    return canonical(this.contents(this.entered(record))) === canonical(this.contents(entered));
  }

  /** Whether the record holds all that was entered, whatever else it holds. */
  says(record: SyncedRecord, entered: Entered): boolean {
    const held = this.contents(this.entered(record));
    return Object.entries(this.contents(entered)).every(([name, content]) => held[name] === content);
  }

  /** Canonical text of each group that is there. */
  contents(entered: Entered): Record<string, string> {
    const present = this.groups.filter(({ properties }) =>
      properties.some((name) => entered[name] !== undefined),
    );
    return Object.fromEntries(
      present.map(({ name, properties }) => [
        name,
        canonical(properties.map((property) => entered[property])),
      ]),
    );
  }

  /** What the merge has to know of a row. */
  stateOf(record: SyncedRecord): RecordState {
    const stamp = stampOf(record);
    const clocks: GroupClocks = this.keepsClocks ? (record as GroupedRecord).clocks : {};
    const groups: Record<string, GroupState> = {};
    for (const [name, content] of Object.entries(this.contents(this.entered(record)))) {
      const clock = clocks[name];
      groups[name] = clock
        ? { content, stamp: readClock(clock), version: clock[4] }
        : { content, stamp, version: record.version };
    }
    return { version: record.version, deleted: record.deletedAt !== null, stamp, groups };
  }

  /** The columns that say where the edits stand. */
  columnsOf({ version, stamp, groups }: RecordState): object {
    return {
      version,
      modifiedAt: new Date(stamp.time),
      modifiedCounter: stamp.counter,
      modifiedBy: stamp.device,
      modifiedSeq: BigInt(stamp.deviceSeq),
      ...(this.keepsClocks ? { clocks: clocksOf(groups) } : {}),
    };
  }

  /** What a person entered of a row. */
  entered(record: object): Entered {
    const source = record as Entered;
    const properties = this.groups.flatMap((group) => group.properties);
    return Object.fromEntries(properties.map((property) => [property, source[property]]));
  }

  /** The part of `entered` that belongs to these groups. */
  pick(entered: Entered, groups: readonly string[]): Entered {
    const chosen = this.groups.filter(({ name }) => groups.includes(name));
    return Object.fromEntries(
      chosen.flatMap(({ properties }) => properties.map((property) => [property, entered[property] ?? null])),
    );
  }

  /** What is shown of a live record. */
  data(record: object): object {
    return toWire(this.definition.data, record);
  }

  /** What was entered, in the names of the wire. */
  fieldsWire(entered: Entered): object {
    return this.definition.fields ? toWire(this.definition.fields, entered) : {};
  }

  /** Fields of the DTO that no group has, or that a group has and the DTO has not. */
  get strayFields(): string[] {
    const declared = this.definition.fields ? wireFields(this.definition.fields).map(({ name }) => name) : [];
    const grouped = this.groups.flatMap(({ fields }) => fields);
    return [
      ...declared.filter((name) => !grouped.includes(name)),
      ...grouped.filter((name) => !declared.includes(name)),
    ];
  }

  get needsClocks(): boolean {
    return this.groups.length > 1 && !this.keepsClocks;
  }
}

const stampOf = (record: SyncedRecord): EditStamp => ({
  time: record.modifiedAt.getTime(),
  counter: record.modifiedCounter,
  device: record.modifiedBy,
  deviceSeq: Number(record.modifiedSeq),
});

const readClock = ([time, counter, device, deviceSeq]: GroupClocks[string]): EditStamp => ({
  time,
  counter,
  device,
  deviceSeq,
});

const clocksOf = (groups: RecordState['groups']): GroupClocks =>
  Object.fromEntries(
    Object.entries(groups).map(([name, { stamp, version }]) => [
      name,
      [stamp.time, stamp.counter, stamp.device, stamp.deviceSeq, version],
    ]),
  );
