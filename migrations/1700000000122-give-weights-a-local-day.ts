import { type MigrationInterface, type QueryRunner, TableIndex } from 'typeorm';

const TABLE = 'weight_entries';
const AT_ONCE = 200;

const columns = {
  time_zone: "varchar(64) NOT NULL DEFAULT 'UTC'",
  local_date: "date NOT NULL DEFAULT '1970-01-01'",
  local_hour: 'integer NOT NULL DEFAULT 0',
  utc_offset_min: 'integer NOT NULL DEFAULT 0',
};
const index = new TableIndex({
  name: 'idx_weight_entries_user_day',
  columnNames: ['user_id', 'local_date', 'deleted_at', 'weight_kg', 'timestamp'],
});

interface Weight {
  readonly user_id: string;
  readonly id: string;
  readonly timestamp: string | Date;
  readonly time_zone: string;
}

/** Weights had no day of their own. They get the one of the zone that their owner has now, and keep it from here on. */
export class GiveWeightsALocalDay1700000000122 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    // Not by TypeORM: on SQLite it would copy the table as it was before its key was turned, when all migrations run at once.
    for (const [name, type] of Object.entries(columns))
      await runner.query(`ALTER TABLE ${TABLE} ADD COLUMN ${name} ${type}`);
    for (let [user, id] = ['', '']; ;) {
      const weights: Weight[] = await runner.query(
        `SELECT w.user_id, w.id, w.timestamp, u.time_zone FROM ${TABLE} w JOIN users u ON u.id = w.user_id
         WHERE w.user_id >= ? AND (w.user_id > ? OR w.id > ?) ORDER BY w.user_id, w.id LIMIT ${AT_ONCE}`,
        [user, user, id],
      );
      for (const owner of new Set(weights.map((one) => one.user_id)))
        await place(
          runner,
          weights.filter((one) => one.user_id === owner),
        );
      const last = weights.at(-1);
      if (!last || weights.length < AT_ONCE) break;
      [user, id] = [last.user_id, last.id];
    }
    await runner.createIndex(TABLE, index);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.dropIndex(TABLE, index);
    for (const name of Object.keys(columns).toReversed())
      await runner.query(`ALTER TABLE ${TABLE} DROP COLUMN ${name}`);
  }
}

/** Writes the local day, hour and offset of weights of one person by one statement. */
async function place(runner: QueryRunner, weights: readonly Weight[]): Promise<void> {
  const [first] = weights;
  if (!first) return;
  const [timeZone, format] = zoneOf(first.time_zone);
  const local = weights.map(({ id, timestamp }) => ({ id, ...localTime(instantOf(timestamp), format) }));
  const cases = (what: 'date' | 'hour' | 'offset') => local.flatMap((one) => [one.id, one[what]]);
  const byId = `CASE id ${local.map(() => 'WHEN ? THEN ?').join(' ')} END`;
  await runner.query(
    `UPDATE ${TABLE} SET time_zone = ?, local_date = ${byId}, local_hour = ${byId}, utc_offset_min = ${byId}
     WHERE user_id = ? AND id IN (${local.map(() => '?').join(', ')})`,
    [
      timeZone,
      ...cases('date'),
      ...cases('hour'),
      ...cases('offset'),
      first.user_id,
      ...local.map(({ id }) => id),
    ],
  );
}

function zoneOf(timeZone: string): [string, Intl.DateTimeFormat] {
  const parts = { dateStyle: 'short', timeStyle: 'medium', hourCycle: 'h23' } as const;
  try {
    return [timeZone, new Intl.DateTimeFormat('sv-SE', { timeZone, ...parts })];
  } catch {
    return ['UTC', new Intl.DateTimeFormat('sv-SE', { timeZone: 'UTC', ...parts })];
  }
}

function localTime(instant: Date, format: Intl.DateTimeFormat) {
  const shown = format.format(instant);
  const local = Date.parse(`${shown.replace(' ', 'T')}Z`);
  return {
    date: shown.slice(0, 10),
    hour: Number(shown.slice(11, 13)),
    offset: Math.round((local - Math.floor(instant.getTime() / 1000) * 1000) / 60_000),
  };
}

const instantOf = (value: string | Date): Date =>
  typeof value === 'string' ? new Date(`${value.replace(' ', 'T')}Z`) : value;
