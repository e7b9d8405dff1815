import type { Database as SqliteHandle } from 'better-sqlite3';
import mysql from 'mysql2';
import { createConnection } from 'mysql2/promise';
import { DataSource, type DataSourceOptions } from 'typeorm';
import type { BetterSqlite3Driver } from 'typeorm/driver/better-sqlite3/BetterSqlite3Driver.js';
import type { Config } from '../../config/config.js';
import { WriteOutsideUnitError } from './errors.js';
import { SnakeNaming } from './naming.js';
import { makePrivate } from './private-file.js';
import { exactDoubles } from './statements.js';

/** The entities and migrations of the product. `src/schema.ts` collects them. */
export interface Schema {
  readonly entities: readonly (new () => object)[];
  readonly migrations: readonly (new () => object)[];
}

/**
 * The settings of every session: UTC, strict mode, READ COMMITTED. With REPEATABLE READ, a read before the lock would return
 * a stale snapshot, and an older write could silently replace a newer one.
 */
const sessionOf = ({ env }: Config): readonly string[] => [
  `SET time_zone = '+00:00', sql_mode = 'STRICT_TRANS_TABLES,NO_ZERO_DATE,NO_ZERO_IN_DATE,ERROR_FOR_DIVISION_BY_ZERO'`,
  `SET SESSION innodb_lock_wait_timeout = ${Math.ceil(env.DATABASE_WRITE_WAIT / 1_000)}`,
  `SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED`,
];

const preparedDriver = (session: readonly string[]) => ({
  ...mysql,
  createPool: (options: mysql.PoolOptions) => {
    const pool = mysql.createPool(options);
    pool.on('connection', (connection) => {
      // A connection without these settings must not be used: it would read and write wrong instants.
      for (const statement of session)
        connection.query(statement, (error: Error | null) => {
          if (error) connection.destroy();
        });
    });
    return pool;
  },
});

const common = (schema: Schema) => ({
  entities: [...schema.entities],
  migrations: [...schema.migrations],
  migrationsTableName: 'migrations',
  namingStrategy: new SnakeNaming(),
  synchronize: false,
  logging: false as const,
});

/** Asks the server whether it is MySQL or MariaDB, because TypeORM reads their catalogues differently. */
async function mysqlFlavour(url: string): Promise<'mysql' | 'mariadb'> {
  const connection = await createConnection({ uri: url, connectTimeout: 2_000 });
  try {
    const [rows] = await connection.query<mysql.RowDataPacket[]>('SELECT VERSION() AS version');
    return /mariadb/i.test(String(rows[0]?.version)) ? 'mariadb' : 'mysql';
  } finally {
    await connection.end();
  }
}

async function mysqlOptions(config: Config, schema: Schema): Promise<DataSourceOptions> {
  return {
    ...common(schema),
    type: await mysqlFlavour(config.env.DATABASE_URL),
    driver: preparedDriver(sessionOf(config)),
    url: config.env.DATABASE_URL,
    charset: 'utf8mb4',
    timezone: 'Z',
    poolSize: config.env.DATABASE_POOL_SIZE,
    connectTimeout: 2_000,
    supportBigNumbers: true,
    bigNumberStrings: true,
    extra: { queueLimit: 5_000, flags: ['FOUND_ROWS'], typeCast: exactDoubles },
  };
}

function sqliteOptions(file: string, { env }: Config, schema: Schema, readonly: boolean): DataSourceOptions {
  return {
    ...common(schema),
    type: 'better-sqlite3',
    database: file,
    readonly,
    timeout: env.DATABASE_WRITE_WAIT,
    statementCacheSize: 500,
    // FULL: an acknowledged write survives a power failure, and not only a crash of this process.
    prepareDatabase: (database: SqliteHandle) => {
      if (readonly) database.defaultSafeIntegers(true);
      else database.pragma('journal_mode = WAL');
      database.pragma('synchronous = FULL');
      // SQLite blocks the thread while it waits for a lock. `Transaction` waits for the write lock instead.
      if (!readonly) database.pragma('busy_timeout = 0');
    },
  };
}

/** SQLite has one text type for any length. TypeORM must be told that MySQL's MEDIUMTEXT is the same type in SQLite. */
function sqliteSource(file: string, config: Config, schema: Schema, readonly: boolean): DataSource {
  const source = new DataSource(sqliteOptions(file, config, schema, readonly));
  const { driver } = source;
  const normalize = driver.normalizeType.bind(driver);
  driver.normalizeType = (column) => (column.type === 'mediumtext' ? 'text' : normalize(column));
  return source;
}

/**
 * Makes TypeORM read SQLite's integers as BigInt, because better-sqlite3 otherwise rounds them past 2^53. The transformer of
 * each column converts them to the column's type. Call it after the migrations, which compare integers with numbers.
 */
export function exactIntegers({ driver }: DataSource): void {
  const { databaseConnection } = driver as Partial<BetterSqlite3Driver>;
  if (databaseConnection) (databaseConnection as SqliteHandle).defaultSafeIntegers(true);
}

/** The data source that writes; on MySQL a pool that also reads. It is not yet initialised. */
export async function writerOf(config: Config, schema: Schema): Promise<DataSource> {
  const file = config.sqliteFile;
  if (file === undefined) return new DataSource(await mysqlOptions(config, schema));
  makePrivate(file);
  return sqliteSource(file, config, schema, false);
}

/**
 * The data source that reads outside a unit of work. On SQLite it is a second, read-only one: TypeORM shares one connection
 * per DataSource, so a reader on the writer's connection would see another request's uncommitted rows.
 */
export function readerOf(config: Config, schema: Schema, writer: DataSource): DataSource {
  const file = config.sqliteFile;
  return file === undefined ? writer : sqliteSource(file, config, schema, true);
}

/**
 * A view of a data source on the same connections that cannot write. TypeORM requests a query runner of mode `slave` for
 * reading, and of mode `master` for everything else.
 */
export function readOnly(source: DataSource): DataSource {
  const view = Object.create(source) as DataSource;
  view.createQueryRunner = (mode = 'master') => {
    if (mode === 'master') throw new WriteOutsideUnitError();
    return source.createQueryRunner(mode);
  };
  return Object.assign(view, { manager: view.createEntityManager() });
}
