import { type MigrationInterface, type QueryRunner, TableIndex } from 'typeorm';

const TABLE = 'health_metrics';
const COLUMN = 'measured_minute';
const index = new TableIndex({
  name: 'idx_health_metrics_user_minute',
  columnNames: ['user_id', 'metric', 'deleted_at', COLUMN, 'source'],
});

/** The seconds since 1970, rounded down to minutes, also before 1970. */
const SECONDS = "CAST(strftime('%s', measured_at) AS INTEGER)";
const minutes = {
  sqlite: `(${SECONDS} - ((${SECONDS} % 60) + 60) % 60) / 60`,
  mysql: "FLOOR(TIMESTAMPDIFF(SECOND, '1970-01-01 00:00:00', measured_at) / 60)",
};

/** Of several sources in one minute, one is shown: readings get the minute by which the others are found. */
export class NoteMinutesOfMetrics1700000000143 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    // Not by TypeORM: on SQLite it would copy the table.
    await runner.query(`ALTER TABLE ${TABLE} ADD COLUMN ${COLUMN} integer NOT NULL DEFAULT 0`);
    const isMysql =
      runner.connection.options.type === 'mysql' || runner.connection.options.type === 'mariadb';
    await runner.query(`UPDATE ${TABLE} SET ${COLUMN} = ${minutes[isMysql ? 'mysql' : 'sqlite']}`);
    await runner.createIndex(TABLE, index);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.dropIndex(TABLE, index);
    await runner.query(`ALTER TABLE ${TABLE} DROP COLUMN ${COLUMN}`);
  }
}
