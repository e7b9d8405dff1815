import { type MigrationInterface, type QueryRunner, Table } from 'typeorm';
import { bigint, instant, integer, key, longText, optional, ownedBy, text, uuid } from './table-columns.js';

const users = new Table({
  name: 'users',
  columns: [
    uuid('id', key),
    text('email', 254),
    text('password_hash', 255),
    text('display_name', 100, optional),
    text('locale', 35),
    text('time_zone', 64),
    text('weight_unit', 10),
    instant('created_at'),
    instant('updated_at'),
  ],
  indices: [{ name: 'uq_users_email', columnNames: ['email'], isUnique: true }],
});

const sessions = new Table({
  name: 'sessions',
  columns: [
    uuid('id', key),
    uuid('user_id'),
    integer('counter'),
    integer('confirmed_counter'),
    instant('rotated_at'),
    instant('created_at'),
    instant('last_used_at'),
    instant('absolute_expires_at'),
    instant('revoked_at', optional),
    instant('auth_time'),
    text('device_id', 64, optional),
    text('device_name', 100, optional),
    text('platform', 32, optional),
    text('ip', 45, optional),
  ],
  indices: [{ name: 'idx_sessions_user_last_used', columnNames: ['user_id', 'last_used_at'] }],
  foreignKeys: [ownedBy('fk_sessions_user')],
});

const userSequences = new Table({
  name: 'user_sequences',
  columns: [uuid('user_id', key), bigint('seq'), instant('stamp')],
  foreignKeys: [ownedBy('fk_user_sequences_user')],
});

const idempotencyKeys = new Table({
  name: 'idempotency_keys',
  columns: [
    uuid('user_id', key),
    text('route', 100, key),
    text('key', 255, key),
    text('request_hash', 43),
    integer('status'),
    longText('body'),
    instant('created_at'),
  ],
  foreignKeys: [ownedBy('fk_idempotency_keys_user')],
});

const tables = [users, sessions, userSequences, idempotencyKeys];

export class CreateAccounts1700000000001 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    // All tables that are created after this compare text by code point, as SQLite does.
    if (runner.connection.options.type !== 'better-sqlite3')
      await runner.query('ALTER DATABASE CHARACTER SET utf8mb4 COLLATE utf8mb4_bin');
    for (const table of tables) await runner.createTable(table, true);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const table of tables.toReversed()) await runner.dropTable(table, true);
  }
}
