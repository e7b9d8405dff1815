import { type MigrationInterface, type QueryRunner, TableColumn, TableIndex } from 'typeorm';
import { integer, longText, optional, text } from './table-columns.js';

const TABLE = 'weight_entries';
const REBUILT = 'rebuilt_weight_entries';
const AT_ONCE = 200;

const clocks = longText('clocks');
const columns = [
  text('source', 64, { default: "'manual'" }),
  text('external_id', 200, optional),
  text('device', 100, optional),
  integer('measured_minute', { default: 0 }),
  clocks,
  longText('uploaded', optional),
];
const LIVE = {
  name: 'idx_weight_entries_user_live',
  columnNames: ['user_id', 'deleted_at', 'timestamp', 'id'],
};
const indexes = [
  // As large as the next one: SQLite would otherwise read the weights of a source by this one.
  new TableIndex({ ...LIVE, columnNames: [...LIVE.columnNames, 'source'] }),
  new TableIndex({
    name: 'idx_weight_entries_user_source',
    columnNames: ['user_id', 'source', 'deleted_at', 'timestamp', 'id'],
  }),
  new TableIndex({
    name: 'idx_weight_entries_user_minute',
    columnNames: ['user_id', 'deleted_at', 'measured_minute', 'source'],
  }),
];

/** The seconds since 1970, rounded down to minutes, also before 1970. */
const SECONDS = "CAST(strftime('%s', `timestamp`) AS INTEGER)";
const minutes = {
  sqlite: `(${SECONDS} - ((${SECONDS} % 60) + 60) % 60) / 60`,
  mysql: "FLOOR(TIMESTAMPDIFF(SECOND, '1970-01-01 00:00:00', `timestamp`) / 60)",
};

/**
 * Weights get a source, the source's own id and the device. Those of before count as entered by the person: without clocks, each
 * group of fields has the edit of its record.
 */
export class NoteSourcesOfWeights1700000000144 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    if (runner.connection.options.type === 'better-sqlite3') await rebuild(runner);
    else await extend(runner);
    await runner.dropIndex(TABLE, LIVE.name);
    for (const index of indexes) await runner.createIndex(TABLE, index);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const index of indexes.toReversed()) await runner.dropIndex(TABLE, index);
    await runner.createIndex(TABLE, new TableIndex(LIVE));
    // Not by TypeORM: on SQLite it would copy the table.
    for (const { name } of columns.toReversed())
      await runner.query(`ALTER TABLE ${TABLE} DROP COLUMN ${name}`);
  }
}

/** A TEXT has no default on MySQL, so it becomes NOT NULL after the rows have one. */
async function extend(runner: QueryRunner): Promise<void> {
  const empty = { ...clocks, ...optional };
  for (const column of columns)
    await runner.addColumn(TABLE, new TableColumn(column === clocks ? empty : column));
  await fill(runner);
  await runner.changeColumn(TABLE, new TableColumn(empty), new TableColumn(clocks));
}

/** In parts, because a cluster refuses a transaction of all rows. */
async function fill(runner: QueryRunner): Promise<void> {
  const after = '(user_id > ? OR (user_id = ? AND id > ?))';
  for (let [user, id] = ['', '']; ;) {
    const place = [user, user, id];
    const rows: { user_id: string; id: string }[] = await runner.query(
      `SELECT user_id, id FROM ${TABLE} WHERE user_id >= ? AND ${after} ORDER BY user_id, id LIMIT ${AT_ONCE}`,
      [user, ...place],
    );
    const last = rows.at(-1);
    if (!last) return;
    const upTo = '(user_id < ? OR (user_id = ? AND id <= ?))';
    await runner.query(
      `UPDATE ${TABLE} SET clocks = '{}', measured_minute = ${minutes.mysql}
       WHERE user_id >= ? AND user_id <= ? AND ${after} AND ${upTo}`,
      [user, last.user_id, ...place, last.user_id, last.user_id, last.id],
    );
    [user, id] = [last.user_id, last.id];
  }
}

/** SQLite adds no column that is NOT NULL without a default. So it copies the rows by itself, into a table that has it. */
async function rebuild(runner: QueryRunner): Promise<void> {
  const table = (await runner.getTable(TABLE))?.clone();
  if (!table) throw new Error(`${TABLE} does not exist`);
  const besides: { sql: string }[] = await runner.query(
    `SELECT sql FROM sqlite_master WHERE tbl_name = ? AND type IN ('index', 'trigger') AND sql IS NOT NULL ORDER BY name`,
    [TABLE],
  );
  const names = table.columns.map(({ name }) => `"${name}"`).join(', ');
  for (const column of columns) table.addColumn(new TableColumn(column));
  table.name = REBUILT;
  await runner.createTable(table, false, true, false);
  await runner.query(
    `INSERT INTO ${REBUILT} (${names}, clocks, measured_minute) SELECT ${names}, '{}', ${minutes.sqlite} FROM ${TABLE}`,
  );
  await runner.query(`DROP TABLE ${TABLE}`);
  await runner.query(`ALTER TABLE ${REBUILT} RENAME TO ${TABLE}`);
  for (const { sql } of besides) await runner.query(sql);
  // A later migration of the same run would rebuild the table from the columns that TypeORM remembers.
  await runner.getTable(TABLE);
}
