import type { MigrationInterface, QueryRunner } from 'typeorm';

const TABLE = 'weight_entries';
const REBUILT = 'rebuilt_weight_entries';

/**
 * On SQLite the key of weight entries was (id, user_id), because TypeORM writes a key in the order of the columns. Reading
 * the entries of one person by their ids then walked the ids of everybody. On MySQL the key was named as a whole.
 */
export class BeginKeyWithOwner1700000000041 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await rebuild(runner, ['user_id', 'id']);
  }

  async down(runner: QueryRunner): Promise<void> {
    await rebuild(runner, ['id', 'user_id']);
  }
}

/**
 * SQLite cannot change a key. So the rows are copied, by the database itself, into a table whose columns begin with these: a
 * table that TypeORM rebuilds later keeps their order, and with it the order of the key.
 */
async function rebuild(runner: QueryRunner, first: readonly string[]): Promise<void> {
  if (runner.connection.options.type !== 'better-sqlite3') return;
  const table = (await runner.getTable(TABLE))?.clone();
  if (!table) throw new Error(`${TABLE} does not exist`);
  const besides: { sql: string }[] = await runner.query(
    `SELECT sql FROM sqlite_master WHERE tbl_name = ? AND type IN ('index', 'trigger') AND sql IS NOT NULL ORDER BY name`,
    [TABLE],
  );
  const others = table.columns.filter(({ name }) => !first.includes(name));
  table.columns = [...first.map((name) => table.findColumnByName(name) ?? missing(name)), ...others];
  table.name = REBUILT;
  await runner.createTable(table, false, true, false);
  const names = table.columns.map(({ name }) => `"${name}"`).join(', ');
  await runner.query(`INSERT INTO ${REBUILT} (${names}) SELECT ${names} FROM ${TABLE}`);
  await runner.query(`DROP TABLE ${TABLE}`);
  await runner.query(`ALTER TABLE ${REBUILT} RENAME TO ${TABLE}`);
  for (const { sql } of besides) await runner.query(sql);
  // A later migration of the same run would rebuild the table from the columns that TypeORM remembers.
  await runner.getTable(TABLE);
}

function missing(column: string): never {
  throw new Error(`${TABLE} has no column ${column}`);
}
