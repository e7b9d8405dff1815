import Sqlite from 'better-sqlite3';
import mysql, { type ResultSetHeader, type RowDataPacket } from 'mysql2/promise';

/** A weight as it is answered. */
export interface BareWeight {
  readonly id: string;
  readonly user_id: string;
  readonly weight_value: number;
  readonly unit: string;
  readonly timestamp: Date | string;
  readonly created_at: Date | string;
  readonly updated_at: Date | string;
  readonly version: number;
}

export interface Store {
  list(userId: string, limit: number): Promise<BareWeight[]>;
  count(userId: string): Promise<number>;
  insert(weight: BareWeight): Promise<void>;
}

const LIST = `SELECT id, user_id, weight_value, unit, timestamp, created_at, updated_at, version FROM weight_entries
  WHERE user_id = ? AND deleted_at IS NULL ORDER BY timestamp DESC, id DESC LIMIT ? OFFSET 0`;
const COUNT = 'SELECT COUNT(*) AS total FROM weight_entries WHERE user_id = ? AND deleted_at IS NULL';
const INSERT = `INSERT INTO weight_entries (id, user_id, weight_value, unit, weight_kg, timestamp, created_at, updated_at,
  deleted_at, version, seq, modified_at, modified_counter, modified_by)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, NULL, ?, 1, ?, 0, '')`;

const valuesOf = (weight: BareWeight, instant: (value: Date | string) => Date | string) => [
  weight.id,
  weight.user_id,
  weight.weight_value,
  weight.unit,
  weight.weight_value,
  instant(weight.timestamp),
  instant(weight.created_at),
  instant(weight.updated_at),
  weight.version,
  instant(weight.updated_at),
];

export const openStore = async (databaseUrl: string): Promise<Store> =>
  databaseUrl.startsWith('sqlite:')
    ? sqliteStore(databaseUrl.slice('sqlite:'.length))
    : mysqlStore(databaseUrl);

/** As many connections as the service has by default. */
function mysqlStore(uri: string): Store {
  const pool = mysql.createPool({ uri, connectionLimit: 10, timezone: 'Z', charset: 'utf8mb4' });
  return {
    list: async (userId, limit) =>
      (await pool.query<(BareWeight & RowDataPacket)[]>(LIST, [userId, limit]))[0],
    count: async (userId) => {
      const [rows] = await pool.query<RowDataPacket[]>(COUNT, [userId]);
      return rows[0]?.['total'] as number;
    },
    insert: async (weight) => {
      await pool.query<ResultSetHeader>(
        INSERT,
        valuesOf(weight, (value) => value),
      );
    },
  };
}

/** As durable as the service: an acknowledged insert survives a power cut. */
function sqliteStore(file: string): Store {
  const database = new Sqlite(file);
  database.pragma('journal_mode = WAL');
  database.pragma('synchronous = FULL');
  const list = database.prepare<[string, number], BareWeight>(LIST);
  const count = database.prepare<[string], { total: number }>(COUNT);
  const insert = database.prepare(INSERT);
  return {
    list: async (userId, limit) => list.all(userId, limit).map(withInstants),
    count: async (userId) => count.get(userId)?.total ?? 0,
    insert: async (weight) => {
      insert.run(valuesOf(weight, columnText));
    },
  };
}

const columnText = (value: Date | string): string =>
  new Date(value).toISOString().replace('T', ' ').slice(0, -1);

const withInstants = (row: BareWeight): BareWeight => ({
  ...row,
  timestamp: wireText(row.timestamp),
  created_at: wireText(row.created_at),
  updated_at: wireText(row.updated_at),
});

const wireText = (value: Date | string): string => `${String(value).replace(' ', 'T')}Z`;
