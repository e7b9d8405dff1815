import Sqlite from 'better-sqlite3';
import mysql, { type ResultSetHeader, type RowDataPacket } from 'mysql2/promise';

/** A weight as it is returned. */
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
  /** In one transaction: moves the person's sequence and inserts all weights. */
  insertAll(userId: string, weights: readonly BareWeight[]): Promise<void>;
  /** The first changes of a person, in order. */
  changes(userId: string, limit: number): Promise<BareWeight[]>;
  /** Reads one row by its primary key, the minimum for the answer "nothing new". */
  head(userId: string): Promise<number>;
  /** The steps of each day. */
  sums(userId: string): Promise<object[]>;
}

const LIST = `SELECT id, user_id, weight_value, unit, timestamp, created_at, updated_at, version FROM weight_entries
  WHERE user_id = ? AND deleted_at IS NULL ORDER BY timestamp DESC, id DESC LIMIT ? OFFSET 0`;
const COUNT = 'SELECT COUNT(*) AS total FROM weight_entries WHERE user_id = ? AND deleted_at IS NULL';
const CHANGES = `SELECT id, user_id, weight_value, unit, timestamp, created_at, updated_at, version FROM weight_entries
  WHERE user_id = ? ORDER BY seq LIMIT ?`;
const HEAD = 'SELECT seq FROM user_sequences WHERE user_id = ?';
const SUMS = `SELECT local_date, SUM(canonical_value) AS steps, COUNT(*) AS readings FROM health_metrics
  WHERE user_id = ? AND metric = 'steps' AND deleted_at IS NULL GROUP BY local_date`;
const ROW = "(?, ?, ?, ?, ?, ?, ?, ?, NULL, ?, ?, ?, 0, '', '{}')";
const insertOf = (count: number): string =>
  `INSERT INTO weight_entries (id, user_id, weight_value, unit, weight_kg, timestamp, created_at, updated_at,
  deleted_at, version, seq, modified_at, modified_counter, modified_by, clocks)
  VALUES ${Array.from({ length: count }, () => ROW).join(', ')}`;

const valuesOf = (weight: BareWeight, seq: number, instant: (value: Date | string) => Date | string) => [
  weight.id,
  weight.user_id,
  weight.weight_value,
  weight.unit,
  weight.weight_value,
  instant(weight.timestamp),
  instant(weight.created_at),
  instant(weight.updated_at),
  weight.version,
  seq,
  instant(weight.updated_at),
];

export const openStore = async (databaseUrl: string): Promise<Store> =>
  databaseUrl.startsWith('sqlite:')
    ? sqliteStore(databaseUrl.slice('sqlite:'.length))
    : mysqlStore(databaseUrl);

/** With as many connections as the service has by default. */
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
        insertOf(1),
        valuesOf(weight, 1, (value) => value),
      );
    },
    insertAll: async (userId, weights) => {
      const connection = await pool.getConnection();
      await connection.beginTransaction();
      const [{ insertId: last }] = await connection.query<ResultSetHeader>(
        'UPDATE user_sequences SET seq = LAST_INSERT_ID(seq + ?) WHERE user_id = ?',
        [weights.length, userId],
      );
      await connection.query<ResultSetHeader>(
        insertOf(weights.length),
        weights.flatMap((weight, index) =>
          valuesOf(weight, last - weights.length + index + 1, (value) => value),
        ),
      );
      await connection.commit();
      connection.release();
    },
    changes: async (userId, limit) =>
      (await pool.query<(BareWeight & RowDataPacket)[]>(CHANGES, [userId, limit]))[0],
    head: async (userId) => (await pool.query<RowDataPacket[]>(HEAD, [userId]))[0][0]?.['seq'] as number,
    sums: async (userId) => (await pool.query<RowDataPacket[]>(SUMS, [userId]))[0],
  };
}

/** With the same durability as the service: an acknowledged insert survives a power cut. */
function sqliteStore(file: string): Store {
  const database = new Sqlite(file);
  database.pragma('journal_mode = WAL');
  database.pragma('synchronous = FULL');
  const list = database.prepare<[string, number], BareWeight>(LIST);
  const count = database.prepare<[string], { total: number }>(COUNT);
  const changes = database.prepare<[string, number], BareWeight>(CHANGES);
  const head = database.prepare<[string], { seq: number }>(HEAD);
  const sums = database.prepare<[string], object>(SUMS);
  const { prepared, insertAll } = sqliteInserts(database);
  return {
    list: async (userId, limit) => list.all(userId, limit).map(withInstants),
    count: async (userId) => count.get(userId)?.total ?? 0,
    insert: async (weight) => {
      prepared(1).run(...valuesOf(weight, 1, columnText));
    },
    insertAll: async (userId, weights) => insertAll.immediate(userId, weights),
    changes: async (userId, limit) => changes.all(userId, limit).map(withInstants),
    head: async (userId) => head.get(userId)?.seq ?? 0,
    sums: async (userId) => sums.all(userId),
  };
}

/** One prepared statement for each number of rows. */
function sqliteInserts(database: Sqlite.Database) {
  const move = database.prepare<[number, string], { seq: number }>(
    'UPDATE user_sequences SET seq = seq + ? WHERE user_id = ? RETURNING seq',
  );
  const insertAll = database.transaction((userId: string, weights: readonly BareWeight[]) => {
    const last = move.get(weights.length, userId)?.seq ?? 0;
    prepared(weights.length).run(
      ...weights.flatMap((weight, index) => valuesOf(weight, last - weights.length + index + 1, columnText)),
    );
  });
  const statements = new Map<number, Sqlite.Statement>();
  const prepared = (count: number): Sqlite.Statement => {
    const known = statements.get(count) ?? database.prepare(insertOf(count));
    statements.set(count, known);
    return known;
  };
  return { prepared, insertAll };
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
