import type { Database as SqliteHandle } from 'better-sqlite3';
import mysql from 'mysql2';
import { createConnection } from 'mysql2/promise';
import { DataSource, type DataSourceOptions } from 'typeorm';
import type { Config } from '../../config/config.js';
import { SnakeNaming } from './naming.js';
import { exactDoubles } from './statements.js';

/** What the composition root hands to the database: the product's entities and its migrations. */
export interface Schema {
  readonly entities: readonly (new () => object)[];
  readonly migrations: readonly (new () => object)[];
}

/** How long a statement waits for a row lock, and a SQLite connection for the file, before it gives up. */
const LOCK_WAIT_SECONDS = 5;

/**
 * Every session: UTC, strict mode, READ COMMITTED. Under REPEATABLE READ a read before the lock would give a stale
 * snapshot, and an older write could silently replace a newer one.
 */
const SESSION = [
  `SET time_zone = '+00:00', sql_mode = 'STRICT_TRANS_TABLES,NO_ZERO_DATE,NO_ZERO_IN_DATE,ERROR_FOR_DIVISION_BY_ZERO'`,
  `SET SESSION innodb_lock_wait_timeout = ${LOCK_WAIT_SECONDS}`,
  `SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED`,
];

const preparedDriver = {
  ...mysql,
  createPool: (options: mysql.PoolOptions) => {
    const pool = mysql.createPool(options);
    pool.on('connection', (connection) => {
      // One that cannot be set up so must not serve: it would read and write other instants.
      for (const statement of SESSION)
        connection.query(statement, (error: Error | null) => {
          if (error) connection.destroy();
        });
    });
    return pool;
  },
};

const common = (schema: Schema) => ({
  entities: [...schema.entities],
  migrations: [...schema.migrations],
  migrationsTableName: 'migrations',
  namingStrategy: new SnakeNaming(),
  synchronize: false,
  logging: false as const,
});

/** TypeORM reads MariaDB's catalogue differently from MySQL's; the URL does not say which one it is. */
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
    driver: preparedDriver,
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

function sqliteOptions(file: string, schema: Schema, readonly: boolean): DataSourceOptions {
  return {
    ...common(schema),
    type: 'better-sqlite3',
    database: file,
    readonly,
    timeout: LOCK_WAIT_SECONDS * 1_000,
    statementCacheSize: 500,
    // FULL: an acknowledged write survives a power cut, not only a crash of this process.
    prepareDatabase: (database: SqliteHandle) => {
      if (!readonly) database.pragma('journal_mode = WAL');
      database.pragma('synchronous = FULL');
    },
  };
}

/** SQLite has one type of text for any length; TypeORM has to be told that MySQL's larger one is the same there. */
function sqliteSource(file: string, schema: Schema, readonly: boolean): DataSource {
  const source = new DataSource(sqliteOptions(file, schema, readonly));
  const { driver } = source;
  const normalize = driver.normalizeType.bind(driver);
  driver.normalizeType = (column) => (column.type === 'mediumtext' ? 'text' : normalize(column));
  return source;
}

/** The connection that writes (on MySQL a pool that also reads). Not yet initialised. */
export async function writerOf(config: Config, schema: Schema): Promise<DataSource> {
  const file = config.sqliteFile;
  return file === undefined
    ? new DataSource(await mysqlOptions(config, schema))
    : sqliteSource(file, schema, false);
}

/**
 * The connection that reads outside a unit of work. On SQLite a second, read-only one: TypeORM shares one connection
 * per DataSource, so a reader on the writer's would see another request's uncommitted rows.
 */
export function readerOf(config: Config, schema: Schema, writer: DataSource): DataSource {
  const file = config.sqliteFile;
  return file === undefined ? writer : sqliteSource(file, schema, true);
}
