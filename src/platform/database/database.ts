import { AsyncLocalStorage } from 'node:async_hooks';
import type { DataSource, EntityManager, QueryRunner } from 'typeorm';
import { type SqlRow, type SqlValue, type Statements, statementsOf } from './statements.js';

/** What the running unit of work knows: its connection, and what to do once it has committed. */
export interface Unit {
  readonly runner: QueryRunner;
  /** On the runner's connection. */
  readonly statements: Statements;
  readonly beforeCommit: (() => Promise<void>)[];
  readonly afterCommit: (() => void)[];
  /** Things that live as long as the unit, such as the lock of one user's sequence. */
  readonly held: Map<string, unknown>;
}

/**
 * The one way to the database. Inside a unit of work every statement runs on its connection; outside, statements read
 * committed rows, and writing is refused.
 */
export class Database {
  readonly units = new AsyncLocalStorage<Unit>();
  readonly dialect: 'mysql' | 'sqlite';

  constructor(
    readonly writer: DataSource,
    readonly reader: DataSource,
  ) {
    this.dialect = writer.options.type === 'better-sqlite3' ? 'sqlite' : 'mysql';
  }

  /** The unit of work this call runs in, or undefined. */
  get unit(): Unit | undefined {
    return this.units.getStore();
  }

  /** TypeORM's manager on the right connection. Writes through it need a unit of work as well. */
  get manager(): EntityManager {
    return this.unit?.runner.manager ?? this.reader.manager;
  }

  /** Suffix that locks the rows a SELECT returns until COMMIT; SQLite has one writer and needs none. */
  get forUpdate(): string {
    return this.dialect === 'mysql' ? ' FOR UPDATE' : '';
  }

  /** Runs a SELECT. */
  rows<Row extends object = SqlRow>(sql: string, values: readonly SqlValue[] = []): Promise<Row[]> {
    return (this.unit?.statements ?? statementsOf(this.reader)).rows(sql, values) as Promise<Row[]>;
  }

  /**
   * Runs a statement that writes.
   * @returns how many rows it matched.
   * @throws Error outside a unit of work: that is a defect of the caller, never of the request.
   */
  async execute(sql: string, values: readonly SqlValue[] = []): Promise<number> {
    if (!this.unit) throw new Error('A write outside a unit of work');
    return this.unit.statements.execute(sql, values);
  }
}

let lastInstant = NaN;
let lastText = '';

/** An instant as both databases keep it: UTC, milliseconds, comparable as text. */
export function instantText(instant: Date): string {
  const time = instant.getTime();
  // A transaction writes one instant many times.
  if (time !== lastInstant) {
    lastText = instant.toISOString().replace('T', ' ').slice(0, -1);
    lastInstant = time;
  }
  return lastText;
}

/** The instant of a column: the text of {@link instantText}, or what TypeORM made of it. */
export const readInstant = (value: unknown): Date =>
  value instanceof Date ? value : new Date(`${String(value).replace(' ', 'T')}Z`);

/** `?, ?, ?` for an IN list. */
export const placeholders = (count: number): string => Array.from({ length: count }, () => '?').join(', ');
