import { AsyncLocalStorage } from 'node:async_hooks';
import type { DataSource, EntityManager, FindOneOptions, QueryRunner } from 'typeorm';
import { readOnly } from './connect.js';
import { WriteOutsideUnitError } from './errors.js';
import { instantOfColumn, isoText } from '../instant-text.js';
import { type SqlRow, type SqlValue, type Statements, statementsOf } from './statements.js';

/** The running unit of work: its connection, and what to do before and after its commit. */
export interface Unit {
  /** False after the unit has committed or rolled back. Work that still runs then is no longer part of it. */
  isOpen: boolean;
  readonly runner: QueryRunner;
  /** Statements on the runner's connection. */
  readonly statements: Statements;
  readonly beforeCommit: (() => Promise<void>)[];
  readonly afterCommit: (() => void)[];
  /** Values that live as long as the unit, for example the lock of one owner's sequence. */
  readonly held: Map<string, unknown>;
}

/**
 * The only access to the database. Inside a unit of work every statement runs on the unit's connection. Outside, statements
 * read committed rows, and writing is refused.
 */
export class Database {
  readonly units = new AsyncLocalStorage<Unit>();
  readonly dialect: 'mysql' | 'sqlite';
  /** Reads committed rows, and refuses to write. */
  private readonly outside: EntityManager;

  constructor(
    readonly writer: DataSource,
    readonly reader: DataSource,
    /** How long a write waits for its turn or for a lock, in milliseconds. */
    readonly writeWaitMs: number,
  ) {
    this.dialect = writer.options.type === 'better-sqlite3' ? 'sqlite' : 'mysql';
    this.outside = readOnly(reader).manager;
  }

  /** The unit of work this call runs in, or undefined. */
  get unit(): Unit | undefined {
    const unit = this.units.getStore();
    return unit?.isOpen ? unit : undefined;
  }

  /** TypeORM's entity manager of the current unit of work. Outside a unit: the manager of the read-only connection. */
  get manager(): EntityManager {
    return this.unit?.runner.manager ?? this.outside;
  }

  /** Find options that lock the rows until COMMIT. SQLite has one writer, so it has no row locks and needs none. */
  get locked(): Pick<FindOneOptions, 'lock'> {
    return this.dialect === 'mysql' ? { lock: { mode: 'pessimistic_write' } } : {};
  }

  /** The same lock for raw SQL: append it to a SELECT. */
  get forUpdate(): string {
    return this.dialect === 'mysql' ? ' FOR UPDATE' : '';
  }

  private get statements(): Statements {
    return this.unit?.statements ?? statementsOf(this.reader);
  }

  /** Runs a SELECT. @param hasDoubles false makes it faster, if no column that it returns is a DOUBLE */
  rows<Row extends object = SqlRow>(
    sql: string,
    values: readonly SqlValue[] = [],
    hasDoubles?: boolean,
  ): Promise<Row[]> {
    return this.statements.rows(sql, values, hasDoubles) as Promise<Row[]>;
  }

  /**
   * The time of the database, some milliseconds from now. What several instances compare, such as the end of a lease, is measured by
   * it: their own clocks may differ by minutes.
   */
  async timeIn(milliseconds: number): Promise<Date> {
    const now = this.dialect === 'mysql' ? 'UTC_TIMESTAMP(3)' : "strftime('%Y-%m-%d %H:%M:%f', 'now')";
    const [row] = await this.statements.rows(`SELECT ${now} AS now`, []);
    return new Date(readInstant(row?.['now']).getTime() + milliseconds);
  }

  /**
   * Runs a statement that writes.
   * @returns the number of rows that it matched.
   * @throws WriteOutsideUnitError outside a unit of work: a defect of the calling code, never of the request.
   */
  async execute(sql: string, values: readonly SqlValue[] = []): Promise<number> {
    const { unit } = this;
    if (!unit) throw new WriteOutsideUnitError();
    return unit.statements.execute(sql, values);
  }
}

let lastInstant = NaN;
let lastText = '';

/** The text of an instant as both databases store it: UTC with milliseconds. It sorts correctly as text. */
export function instantText(instant: Date): string {
  const time = instant.getTime();
  // A transaction writes the same instant many times, so the last text is kept.
  if (time !== lastInstant) {
    lastText = isoText(instant).replace('T', ' ').slice(0, -1);
    lastInstant = time;
  }
  return lastText;
}

/** Reads an instant from a column: the text of {@link instantText}, or the Date that TypeORM made from it. */
export const readInstant = (value: unknown): Date =>
  value instanceof Date ? value : instantOfColumn(String(value));

/** The placeholders `?, ?, ?` of an IN list. */
export const placeholders = (count: number): string => Array.from({ length: count }, () => '?').join(', ');
