import { setImmediate as nextTurn } from 'node:timers/promises';
import { v7 as uuidv7 } from 'uuid';
import { Keyset } from '../../kernel/http/keyset.js';
import { readPage, type RowSource } from '../../kernel/http/page-reader.js';
import type { Listing, Place } from '../../kernel/http/paging.js';
import { Problem } from '../../kernel/http/problem.js';
import { type Database, instantText, placeholders } from '../../platform/database/database.js';
import { snakeCase } from '../../platform/database/naming.js';
import type { SqlRow, SqlValue } from '../../platform/database/statements.js';
import { TimeSlice } from '../../platform/time-slice.js';
import type { Entered, RecordDefinition } from '../define/define-record.js';
import type { Owner } from '../define/owner.js';
import type { RecordKind } from '../define/record-kind.js';
import { type Listed, type SyncedRecord } from '../define/synced-record.js';
import type { EditStamp } from '../merge/edit-stamp.js';
import type { RecordChanges } from '../merge/record-changes.js';
import type { RecordEdit } from '../merge/record-edit.js';
import { type Condition, conditions } from '../read/conditions.js';
import type { Records } from './records.js';

/** Takes about 5 ms. */
const COUNTED_AT_ONCE = 20_000;

/** The author of an edit. The merge compares edits by device; the repository already knows the owner. */
export interface Author {
  readonly deviceId?: string;
}

/** The period of a list, compared with the instant that sorts the records. */
export interface Period {
  /** Inclusive: records at or after this instant. */
  readonly since?: Date | undefined;
  /** Exclusive: records before this instant. */
  readonly until?: Date | undefined;
}

/** The rows of a list that are left when others are left out, and how many they are. */
export interface Choice {
  /** Lists with other names have other cursors. */
  readonly name: string;
  readonly rowsOf: (all: RowSource<SqlRow>) => RowSource<SqlRow>;
  readonly count: () => Promise<number>;
}

/**
 * The records of one kind and one owner. A module extends this class with what its own kind needs, and makes a repository
 * for each request: `new MealsRepository(records, person(id))`. No method can reach the records of another owner.
 */
export abstract class RecordRepository<Entity extends SyncedRecord> {
  protected readonly database: Database;
  private readonly kind: RecordKind;

  constructor(
    private readonly records: Records,
    definition: Pick<RecordDefinition<Entity>, 'kind'>,
    protected readonly owner: Owner,
  ) {
    this.database = records.database;
    this.kind = records.catalog.get(definition.kind);
    if (this.kind.owner !== owner.type) throw new Error(`A ${definition.kind} has another type of owner`);
  }

  /**
   * Creates a record for a client that is online.
   * @param id the client's own id, a UUID. The same id with the same content returns the record that already exists.
   * @param restores whether a deleted record with the id is restored: for an id that follows from the content
   * @throws Problem `id-taken` when the id exists with other content, or is deleted; `quota-exceeded`; `validation` when the
   * kind's `check` finds something wrong
   */
  create(author: Author, id: string | undefined, entered: Entered, restores = false): Promise<Entity> {
    const { kind } = this;
    return this.change(async (changes) => {
      const whole = kind.checked(kind.complete(entered), id);
      if (id !== undefined) await changes.load(kind, [id]);
      const known = id === undefined ? undefined : changes.find(kind, id);
      if (known && known.deletedAt === null && kind.contains(known, whole)) return known;
      if (known && !(restores && known.deletedAt !== null)) throw new Problem('id-taken');
      const stamp = stampNow(author, changes);
      await changes.loadReferences([{ kind, entered: whole }]);
      const op = known ? 'update' : 'create';
      const edit = { kind, id: id ?? uuidv7(), op, entered: whole, stamp } as const;
      return changes.apply({ ...edit, baseVersion: known?.version, isOnline: true }).record;
    });
  }

  /**
   * Creates several records for a client that is online: all or none. Others are served in between.
   * @throws Problem `quota-exceeded`; `validation` when the kind's `check` finds something wrong
   */
  createAll(author: Author, all: readonly Entered[]): Promise<Entity[]> {
    const { kind } = this;
    return this.records.change(this.owner, async (changes) => {
      const stamp = stampNow(author, changes);
      const edits = all.map((entered) => {
        const whole = kind.checked(kind.complete(entered), undefined);
        return { kind, id: uuidv7(), op: 'create', entered: whole, stamp, isOnline: true } as const;
      });
      await changes.loadReferences(edits);
      const slice = new TimeSlice();
      const created: (SyncedRecord | undefined)[] = [];
      for (const edit of edits) {
        if (slice.isOver) await slice.next();
        created.push(changes.apply(edit).record);
      }
      return created as Entity[];
    });
  }

  /** Reads a live record. @throws Problem `not-found` when it never existed, is deleted, or has another owner */
  async get(id: string): Promise<Entity> {
    const [record] = await this.select('id = ? AND deleted_at IS NULL', [id]);
    if (!record) throw new Problem('not-found');
    return record;
  }

  /** Reads records by id, tombstones included. */
  findAll(ids: readonly string[]): Promise<Entity[]> {
    return ids.length === 0 ? Promise.resolve([]) : this.select(`id IN (${placeholders(ids.length)})`, ids);
  }

  /**
   * Changes the given fields of a record, and leaves the others unchanged.
   * @param baseVersion the version that the client has seen; undefined means the current version.
   * @throws Problem `not-found`; `version-conflict` when the record has another version now; `validation` when the kind's
   * `check` finds the changed record wrong
   */
  update(author: Author, id: string, entered: Entered, baseVersion: number | undefined): Promise<Entity> {
    return this.edit(author, id, (current) => {
      if (baseVersion !== undefined && baseVersion !== current.version) throw new Problem('version-conflict');
      const whole = { ...this.kind.entered(current), ...entered };
      this.kind.checked(whole, id);
      return { op: 'update', entered: this.kind.withCurrent(current, entered) };
    });
  }

  /** Deletes a record and leaves a tombstone, so that every phone learns of the deletion. @throws Problem `not-found` */
  remove(author: Author, id: string): Promise<Entity> {
    return this.edit(author, id, () => ({ op: 'delete', entered: {} }));
  }

  /** One page of the live records of a period, newest first, sorted by the instant in `property`. */
  protected pageBy(
    property: keyof Entity & string,
    period: Period,
    place: Place,
  ): Promise<Listing<Listed<Entity>>> {
    return this.page(this.during(property, period), property, place);
  }

  /** The condition that the instant in `property` is in a period. */
  protected during(property: keyof Entity & string, { since, until }: Period): Condition {
    const column = this.kind.table.columnOf(property);
    return conditions(
      [`${column} >= ?`, since && instantText(since)],
      [`${column} < ?`, until && instantText(until)],
    );
  }

  /**
   * One page of the live records, newest first, sorted by the instant in `property`, and their total. An index on the owner
   * and this property must serve it.
   * @param choice leaves out rows for a reason that the condition does not say.
   * @throws Problem `validation` for a cursor of another list
   */
  protected async page(
    condition: Condition,
    property: keyof Entity & string,
    place: Place,
    choice?: Choice,
  ): Promise<Listing<Listed<Entity>>> {
    const { table, listed } = this.kind;
    const keyset = this.keyset(condition, property, choice?.name);
    const source: RowSource<SqlRow> = {
      bytesOf: listed.bytesOf,
      mostBytes: listed.mostBytes,
      positionOf: (row) => [String(row[snakeCase(property)]), String(row['id'])],
      read: ({ after, offset }, count) => {
        const [live, values] = this.live(after ? joined(condition, keyset.after(after)) : condition);
        const rest = `${live} ORDER BY ${keyset.order} LIMIT ? OFFSET ?`;
        return table.selectRows(this.database, listed, rest, [...values, count, offset]);
      },
    };
    const [{ rows, next }, total] = await Promise.all([
      readPage(keyset, place, choice ? choice.rowsOf(source) : source),
      choice ? choice.count() : this.countLive(condition, property),
    ]);
    return { data: rows.map(listed.read) as Listed<Entity>[], total, next };
  }

  /**
   * How many live records there are, of which a list is sorted by the instant in `property`. All records of a kind are not
   * counted: their number is stored.
   */
  protected async countLive(condition: Condition, property: keyof Entity & string): Promise<number> {
    const isWhole = condition[0] === '';
    const stored = isWhole ? await this.records.liveCount(this.owner, this.kind.name) : undefined;
    if (stored !== undefined) return stored;
    return this.database.dialect === 'sqlite'
      ? this.countInSteps(condition, property, this.keyset(condition, property))
      : countedOf(await this.compute('COUNT(*) AS counted', condition));
  }

  /** SQLite counts in this process: other requests are served between two steps. A list of one step takes one statement. */
  private async countInSteps(condition: Condition, property: string, keyset: Keyset): Promise<number> {
    const { table } = this.kind;
    for (let [total, rest] = [0, condition]; ;) {
      const [live, values] = this.live(rest);
      const from = `FROM ${table.name} WHERE ${live}`;
      const counted = countedOf(
        await this.database.rows(`SELECT COUNT(*) AS counted FROM (SELECT 1 ${from} LIMIT ?)`, [
          ...values,
          COUNTED_AT_ONCE,
        ]),
      );
      if (counted < COUNTED_AT_ONCE) return total + counted;
      await nextTurn();
      const [last] = await this.database.rows(
        `SELECT ${table.columnOf(property)} AS at, id ${from} ORDER BY ${keyset.order} LIMIT 1 OFFSET ?`,
        [...values, COUNTED_AT_ONCE - 1],
      );
      total += COUNTED_AT_ONCE;
      // Undefined when rows were deleted since they were counted.
      if (!last) return total;
      rest = joined(condition, keyset.after([String(last['at']), String(last['id'])]));
      await nextTurn();
    }
  }

  private keyset([where, values]: Condition, property: string, choice?: string): Keyset {
    const columns = [
      { sql: this.kind.table.columnOf(property), holds: 'instant' },
      { sql: this.kind.table.columnOf('id'), holds: 'text' },
    ] as const;
    return new Keyset([this.kind.name, this.owner.id, where, values, choice], columns, 'DESC');
  }

  /**
   * Computes over the live records, for example `COUNT(*) AS total`. A driver may return a sum as text or BigInt.
   * @param rest may group and sort the rows.
   */
  protected compute(columns: string, condition: Condition, rest = ''): Promise<SqlRow[]> {
    const [live, values] = this.live(condition);
    return this.database.rows(`SELECT ${columns} FROM ${this.kind.table.name} WHERE ${live} ${rest}`, values);
  }

  /** Limits a condition to the records of the owner that are not deleted. */
  private live([where, values]: Condition): Condition {
    return [`${this.kind.owner.column} = ? AND deleted_at IS NULL${where}`, [this.owner.id, ...values]];
  }

  protected select(where: string, values: readonly SqlValue[]): Promise<Entity[]> {
    return this.kind.select(this.database, this.owner.id, where, values) as Promise<Entity[]>;
  }

  /** Applies an edit to the current version, so it never conflicts. @throws Problem `not-found` */
  private edit(
    author: Author,
    id: string,
    decide: (current: SyncedRecord) => Pick<RecordEdit, 'op' | 'entered'>,
  ): Promise<Entity> {
    const { kind } = this;
    return this.change(async (changes) => {
      await changes.load(kind, [id]);
      const current = changes.find(kind, id);
      if (!current || current.deletedAt !== null) throw new Problem('not-found');
      const stamp = stampNow(author, changes);
      const edit = { kind, id, stamp, baseVersion: current.version, isOnline: true, ...decide(current) };
      await changes.loadReferences([edit]);
      return changes.apply(edit).record;
    });
  }

  private change(work: (changes: RecordChanges) => Promise<SyncedRecord | undefined>): Promise<Entity> {
    return this.records.change(this.owner, work) as Promise<Entity>;
  }
}

const countedOf = ([row]: readonly (SqlRow | undefined)[]): number => Number(row?.['counted']);

const joined = ([where, values]: Condition, [sql, more]: Condition): Condition => [
  `${where} AND ${sql}`,
  [...values, ...more],
];

/** The stamp of an edit that an online client makes now. */
export const stampNow = ({ deviceId }: Author, { order }: RecordChanges): EditStamp => ({
  time: order.stamp.getTime(),
  counter: 0,
  device: deviceId ?? '',
  deviceSeq: 0,
});
