import type { Database as SqliteHandle, Statement } from 'better-sqlite3';
import type {
  Pool,
  PoolConnection,
  QueryOptions,
  ResultSetHeader,
  RowDataPacket,
  TypeCastField,
} from 'mysql2';
import { type DataSource, QueryFailedError } from 'typeorm';
import type { BetterSqlite3Driver } from 'typeorm/driver/better-sqlite3/BetterSqlite3Driver.js';
import type { MysqlDriver } from 'typeorm/driver/mysql/MysqlDriver.js';
import { isOverloaded } from './errors.js';
import { setBounded } from '../bounded-map.js';
import { compileRow } from '../compiled-copy.js';

/** A value that both drivers can bind. Instants are bound as text: see `instantText`. */
export type SqlValue = string | number | bigint | boolean | null;
export type SqlRow = Readonly<Record<string, unknown>>;

/**
 * Runs statements directly on the driver, because TypeORM's query runner adds more time to a statement than it takes to
 * read a row by its key. Both drivers return an instant as text.
 */
export interface Statements {
  /** @param hasDoubles false for a statement that returns no DOUBLE: mysql2 then reads its rows in half the time. */
  rows(sql: string, values: readonly SqlValue[], hasDoubles?: boolean): Promise<SqlRow[]>;
  /** @returns the number of rows that the statement matched. */
  execute(sql: string, values: readonly SqlValue[]): Promise<number>;
}

/** If the target is a pool, each statement runs on a connection that is free. */
class MysqlStatements implements Statements {
  constructor(private readonly target: Pool | PoolConnection) {}

  rows(sql: string, values: readonly SqlValue[], hasDoubles = true): Promise<SqlRow[]> {
    return this.query<RowDataPacket[]>(hasDoubles ? EXACT : PLAIN, sql, values);
  }

  async execute(sql: string, values: readonly SqlValue[]): Promise<number> {
    return (await this.query<ResultSetHeader>(PLAIN, sql, values)).affectedRows;
  }

  private async query<Result extends RowDataPacket[] | ResultSetHeader>(
    options: Omit<QueryOptions, 'sql'>,
    sql: string,
    values: readonly SqlValue[],
  ): Promise<Result> {
    try {
      return await new Promise<Result>((resolve, reject) => {
        this.target.query<Result>(Object.assign({ sql, values: [...values] }, options), (error, result) =>
          error ? reject(error) : resolve(result),
        );
      });
    } catch (error) {
      throw isOverloaded(error) ? error : failed(sql, values, error);
    }
  }
}

/** Parses a double with JavaScript's own parser: mysql2's parser may get the last bit wrong. */
export const exactDoubles = (field: TypeCastField, next: () => unknown): unknown => {
  if (field.type !== 'DOUBLE') return next();
  const text = field.string();
  return text === null ? null : Number(text);
};

/** Instants as text. mysql2's types lack this option of a query. */
const PLAIN: Omit<QueryOptions, 'sql'> & { dateStrings: boolean } = { dateStrings: true };
const EXACT: typeof PLAIN = { ...PLAIN, typeCast: exactDoubles };

/** The number of prepared statements that are kept. When there are more, the oldest is dropped. */
const MAX_PREPARED = 500;

/** Statements on the one SQLite connection. They are synchronous, so they never overlap. */
class SqliteStatements implements Statements {
  private readonly prepared = new Map<string, Prepared>();

  constructor(private readonly handle: SqliteHandle) {}

  async rows(sql: string, values: readonly SqlValue[]): Promise<SqlRow[]> {
    return this.run(sql, values, ({ statement, read }, bound) => statement.all(...bound).map(read));
  }

  async execute(sql: string, values: readonly SqlValue[]): Promise<number> {
    return this.run(sql, values, ({ statement }, bound) => statement.run(...bound).changes);
  }

  private run<Result>(
    sql: string,
    values: readonly SqlValue[],
    work: (prepared: Prepared, bound: unknown[]) => Result,
  ): Result {
    try {
      const bound = values.map((value) => (typeof value === 'boolean' ? Number(value) : value));
      return work(this.prepare(sql), bound);
    } catch (error) {
      throw failed(sql, values, error);
    }
  }

  private prepare(sql: string): Prepared {
    const known = this.prepared.get(sql);
    if (known) return known;
    // The handle returns BigInts for TypeORM. No statement on the driver reads an integer beyond 2^53.
    const statement = this.handle.prepare<unknown[], unknown[]>(sql).safeIntegers(false);
    const prepared = statement.reader
      ? { statement: statement.raw(), read: compileRow(statement.columns().map(({ name }) => name)) }
      : { statement, read: NO_ROW };
    setBounded(this.prepared, sql, prepared, MAX_PREPARED);
    return prepared;
  }
}

interface Prepared {
  readonly statement: Statement<unknown[], unknown[]>;
  readonly read: (values: unknown[]) => SqlRow;
}

const NO_ROW = (): SqlRow => ({});

/** Statements on a free connection of an initialised data source. */
export function statementsOf({ driver }: DataSource): Statements {
  const { databaseConnection, pool } = driver as BetterSqlite3Driver & MysqlDriver;
  return statementsOn((pool as Pool | undefined) ?? databaseConnection);
}

const known = new WeakMap<object, Statements>();

/** Statements on one connection, for example the connection of a transaction. */
export function statementsOn(target: Pool | PoolConnection | SqliteHandle): Statements {
  const statements =
    known.get(target) ?? ('pragma' in target ? new SqliteStatements(target) : new MysqlStatements(target));
  known.set(target, statements);
  return statements;
}

/** The error that TypeORM would throw, with the caller in its stack trace. */
const failed = (sql: string, values: readonly SqlValue[], error: unknown): QueryFailedError =>
  new QueryFailedError(sql, [...values], error as Error);
