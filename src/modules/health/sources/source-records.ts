import { Injectable } from '@nestjs/common';
import { Keyset } from '../../../kernel/http/keyset.js';
import { Database, instantText, readInstant } from '../../../platform/database/database.js';
import type { SqlValue } from '../../../platform/database/statements.js';
import { TimeSlice } from '../../../platform/time-slice.js';
import type { RecordSource } from '../../../records/define/define-record.js';
import { personType } from '../../../records/define/person/person.owner.js';
import { RecordCatalog } from '../../../records/define/record-catalog.js';
import type { RecordKind } from '../../../records/define/record-kind.js';
import type { SyncedRecord } from '../../../records/define/synced-record.js';

/** The records of one kind that a source has. */
export interface PartOfSource {
  /** The part, such as a metric, or the kind of record where it has no parts. */
  readonly kind: string;
  readonly count: number;
  readonly firstAt: Date;
  readonly lastAt: Date;
}

export interface RecordsOfKind {
  readonly kind: RecordKind;
  readonly records: readonly SyncedRecord[];
}

/** Which kinds somebody may see. */
export type KindFilter = (kind: RecordKind) => boolean;

/** More than a person has. */
export const MAX_SOURCES = 100;
export const MAX_PARTS = 200;
/** Takes about 5 ms on SQLite, which counts in this process. */
const COUNTED_AT_ONCE = 20_000;

/** A kind whose declaration says where its records come from, and its columns. */
interface SourceKind {
  readonly kind: RecordKind;
  readonly declared: RecordSource;
  readonly source: string;
  readonly part: string | undefined;
  readonly instant: string;
}

/**
 * The records of people by their source, of every kind that declares one. The statements are written from the declarations,
 * so they name the tables of all modules and no TypeORM repository could send them.
 */
@Injectable()
export class SourceRecords {
  private readonly kinds: readonly SourceKind[];

  constructor(
    private readonly database: Database,
    catalog: RecordCatalog,
  ) {
    this.kinds = catalog.ownedBy(personType).flatMap((kind) => {
      const declared = kind.definition.source;
      if (!declared) return [];
      const columnOf = (property: string): string => kind.table.columnOf(property);
      const part = declared.part && columnOf(declared.part);
      return [
        { kind, declared, part, source: columnOf(declared.source), instant: columnOf(declared.instant) },
      ];
    });
  }

  /** The names of the sources, in their order; also of some that have only deleted records. */
  async names(userId: string, kinds: KindFilter): Promise<string[]> {
    const found = new Set<string>();
    const slice = new TimeSlice();
    for (const { kind, source } of this.kinds.filter((one) => kinds(one.kind))) {
      let last = '';
      for (let count = 0; count < MAX_SOURCES; count++) {
        if (slice.isOver) await slice.next();
        // Each statement reads one entry of the index: to group all records takes a second for a million.
        const [row] = await this.database.rows<{ source: string }>(
          `SELECT ${source} AS source FROM ${kind.table.name} WHERE ${OWNER} = ? AND ${source} > ? ORDER BY ${source} LIMIT 1`,
          [userId, last],
        );
        if (!row) break;
        found.add((last = row.source));
      }
    }
    return [...found].toSorted();
  }

  /** What a source has, by kind; of each, no more than {@link MAX_PARTS}. */
  async parts(userId: string, source: string, kinds: KindFilter): Promise<PartOfSource[]> {
    const parts: PartOfSource[] = [];
    const slice = new TimeSlice();
    for (const one of this.kinds.filter(({ kind }) => kinds(kind)))
      for (let last = ''; parts.length < MAX_PARTS;) {
        if (slice.isOver) await slice.next();
        const part = one.part ? await this.partAfter(one, userId, source, last) : one.kind.name;
        if (part === undefined) break;
        const found = await this.part(one, userId, source, part, slice);
        if (found) parts.push(found);
        if (!one.part) break;
        last = part;
      }
    return parts;
  }

  /** Some live records of a source that nobody has stored, edited or restored since an instant. */
  async live(userId: string, source: string, before: Date, limit: number): Promise<RecordsOfKind[]> {
    const found: RecordsOfKind[] = [];
    let left = limit;
    for (const { kind, source: column } of this.kinds) {
      if (left === 0) break;
      const where = `${column} = ? AND deleted_at IS NULL AND updated_at < ? LIMIT ?`;
      const values = [source, instantText(before), left];
      const records = await kind.select(this.database, userId, where, values);
      left -= records.length;
      if (records.length > 0) found.push({ kind, records });
    }
    return found;
  }

  /** The first stamp after one, and up to another, with which records of a source were deleted. */
  async deletedAfter(userId: string, source: string, after: Date, upTo: Date): Promise<Date | undefined> {
    let first: Date | undefined;
    for (const { kind, source: column } of this.kinds) {
      const [row] = await this.database.rows(
        `SELECT deleted_at FROM ${kind.table.name}
         WHERE ${OWNER} = ? AND ${column} = ? AND deleted_at > ? AND deleted_at <= ? ORDER BY deleted_at LIMIT 1`,
        [userId, source, instantText(after), instantText(upTo)],
      );
      const stamp = row && readInstant(row['deleted_at']);
      if (stamp && (!first || stamp < first)) first = stamp;
    }
    return first;
  }

  /** The records of a source that were deleted with a stamp, and that nobody but this device has edited since. */
  async deleted(userId: string, source: string, stamp: Date, device: string): Promise<RecordsOfKind[]> {
    const found: RecordsOfKind[] = [];
    for (const { kind, source: column } of this.kinds) {
      const where = `${column} = ? AND deleted_at = ? AND modified_by = ?`;
      const records = await kind.select(this.database, userId, where, [source, instantText(stamp), device]);
      if (records.length > 0) found.push({ kind, records });
    }
    return found;
  }

  /** What a record is counted as. */
  partOf({ name }: RecordKind, record: SyncedRecord): string {
    const part = this.kinds.find(({ kind }) => kind.name === name)?.declared.part;
    return part === undefined ? name : String((record as unknown as Record<string, unknown>)[part]);
  }

  private async partAfter(
    { kind, source: column, part }: SourceKind,
    userId: string,
    source: string,
    last: string,
  ): Promise<string | undefined> {
    const [row] = await this.database.rows<{ part: string }>(
      `SELECT ${part} AS part FROM ${kind.table.name}
       WHERE ${OWNER} = ? AND ${column} = ? AND deleted_at IS NULL AND ${part} > ? ORDER BY ${part} LIMIT 1`,
      [userId, source, last],
    );
    return row?.part;
  }

  private async part(
    { kind, source: column, part, instant }: SourceKind,
    userId: string,
    source: string,
    name: string,
    slice: TimeSlice,
  ): Promise<PartOfSource | undefined> {
    const where = `FROM ${kind.table.name} WHERE ${OWNER} = ? AND ${column} = ? AND deleted_at IS NULL${part ? ` AND ${part} = ?` : ''}`;
    const values = [userId, source, ...(part ? [name] : [])];
    const end = async (direction: 'ASC' | 'DESC'): Promise<Date | undefined> => {
      const order = `ORDER BY ${instant} ${direction}, id ${direction} LIMIT 1`;
      const [row] = await this.database.rows(`SELECT ${instant} AS at ${where} ${order}`, values);
      return row && readInstant(row['at']);
    };
    const [firstAt, lastAt] = [await end('ASC'), await end('DESC')];
    if (!firstAt || !lastAt) return undefined;
    return { kind: name, count: await this.count(instant, where, values, slice), firstAt, lastAt };
  }

  /** Counts in steps, so that other requests are served between them. */
  private async count(
    instant: string,
    where: string,
    values: readonly SqlValue[],
    slice: TimeSlice,
  ): Promise<number> {
    const keyset = new Keyset(
      [where],
      [
        { sql: instant, holds: 'instant' },
        { sql: 'id', holds: 'text' },
      ],
      'ASC',
    );
    for (let [total, rest, more] = [0, where, values]; ;) {
      if (slice.isOver) await slice.next();
      const [row] = await this.database.rows(
        `SELECT COUNT(*) AS counted FROM (SELECT 1 AS one ${rest} LIMIT ?) AS some`,
        [...more, COUNTED_AT_ONCE],
      );
      const counted = Number(row?.['counted']);
      total += counted;
      if (counted < COUNTED_AT_ONCE) return total;
      const [last] = await this.database.rows(
        `SELECT ${instant} AS at, id ${rest} ORDER BY ${keyset.order} LIMIT 1 OFFSET ?`,
        [...more, COUNTED_AT_ONCE - 1],
      );
      if (!last) return total;
      const [sql, after] = keyset.after([instantText(readInstant(last['at'])), String(last['id'])]);
      [rest, more] = [`${where} AND ${sql}`, [...values, ...after]];
    }
  }
}

const OWNER = personType.column;
