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

/** A value that both drivers bind. Instants are bound as text: see `instantText`. */
export type SqlValue = string | number | bigint | boolean | null;
export type SqlRow = Readonly<Record<string, unknown>>;

/**
 * Statements on the driver itself: what TypeORM's query runner does around each one costs more than reading a row by
 * its key. Both drivers give an instant as text.
 */
export interface Statements {
  rows(sql: string, values: readonly SqlValue[]): Promise<SqlRow[]>;
  /** @returns how many rows it matched. */
  execute(sql: string, values: readonly SqlValue[]): Promise<number>;
}

/** With a pool each statement runs on whichever connection is free. */
class MysqlStatements implements Statements {
  constructor(private readonly target: Pool | PoolConnection) {}

  rows(sql: string, values: readonly SqlValue[]): Promise<SqlRow[]> {
    return this.query<RowDataPacket[]>(sql, values);
  }

  async execute(sql: string, values: readonly SqlValue[]): Promise<number> {
    return (await this.query<ResultSetHeader>(sql, values)).affectedRows;
  }

  private async query<Result extends RowDataPacket[] | ResultSetHeader>(
    sql: string,
    values: readonly SqlValue[],
  ): Promise<Result> {
    try {
      return await new Promise<Result>((resolve, reject) => {
        this.target.query<Result>({ ...OPTIONS, sql, values: [...values] }, (error, result) =>
          error ? reject(error) : resolve(result),
        );
      });
    } catch (error) {
      throw isOverloaded(error) ? error : failed(sql, values, error);
    }
  }
}

/** mysql2 adds up the digits of a double itself and may miss its last bit; JavaScript's own parser does not. */
export const exactDoubles = (field: TypeCastField, next: () => unknown): unknown => {
  if (field.type !== 'DOUBLE') return next();
  const text = field.string();
  return text === null ? null : Number(text);
};

const OPTIONS: Omit<QueryOptions, 'sql'> & { dateStrings: boolean } = {
  dateStrings: true,
  typeCast: exactDoubles,
};

/** Prepared statements kept; beyond that the oldest goes. */
const MAX_PREPARED = 500;

/** On one connection, which answers before the next statement is asked. */
class SqliteStatements implements Statements {
  private readonly prepared = new Map<string, Statement<unknown[], SqlRow>>();

  constructor(private readonly handle: SqliteHandle) {}

  async rows(sql: string, values: readonly SqlValue[]): Promise<SqlRow[]> {
    return this.run(sql, values, (statement, bound) => statement.all(...bound));
  }

  async execute(sql: string, values: readonly SqlValue[]): Promise<number> {
    return this.run(sql, values, (statement, bound) => statement.run(...bound).changes);
  }

  private run<Result>(
    sql: string,
    values: readonly SqlValue[],
    work: (statement: Statement<unknown[], SqlRow>, bound: unknown[]) => Result,
  ): Result {
    try {
      const bound = values.map((value) => (typeof value === 'boolean' ? Number(value) : value));
      return work(this.prepare(sql), bound);
    } catch (error) {
      throw failed(sql, values, error);
    }
  }

  private prepare(sql: string): Statement<unknown[], SqlRow> {
    const known = this.prepared.get(sql);
    if (known) return known;
    const statement = this.handle.prepare<unknown[], SqlRow>(sql);
    setBounded(this.prepared, sql, statement, MAX_PREPARED);
    return statement;
  }
}

/** Of whichever connection of an initialised data source is free. */
export function statementsOf({ driver }: DataSource): Statements {
  const { databaseConnection, pool } = driver as BetterSqlite3Driver & MysqlDriver;
  return statementsOn((pool as Pool | undefined) ?? databaseConnection);
}

const known = new WeakMap<object, Statements>();

/** Of one connection, such as the one a transaction runs on. */
export function statementsOn(target: Pool | PoolConnection | SqliteHandle): Statements {
  const statements =
    known.get(target) ?? ('pragma' in target ? new SqliteStatements(target) : new MysqlStatements(target));
  known.set(target, statements);
  return statements;
}

/** As TypeORM reports it, with the caller in its stack. */
const failed = (sql: string, values: readonly SqlValue[], error: unknown): QueryFailedError =>
  new QueryFailedError(sql, [...values], error as Error);
