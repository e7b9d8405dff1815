import { type MigrationInterface, type QueryRunner, Table } from 'typeorm';
import {
  bigint,
  double,
  instant,
  integer,
  key,
  optional,
  ownedBy,
  quantity,
  text,
  uuid,
} from './table-columns.js';

const weightEntries = new Table({
  name: 'weight_entries',
  columns: [
    uuid('id', key),
    uuid('user_id'),
    double('weight_value'),
    text('unit', 10),
    quantity('weight_kg'),
    instant('timestamp'),
    instant('created_at'),
    instant('updated_at'),
    instant('deleted_at', optional),
    integer('version'),
    bigint('seq'),
    instant('modified_at'),
    integer('modified_counter'),
    text('modified_by', 64),
  ],
  indices: [
    { name: 'idx_weight_entries_user_timestamp', columnNames: ['user_id', 'timestamp'] },
    { name: 'idx_weight_entries_user_id', columnNames: ['user_id'] },
    { name: 'idx_weight_entries_timestamp', columnNames: ['timestamp'] },
    { name: 'idx_weight_entries_user_updated', columnNames: ['user_id', 'updated_at', 'seq'] },
  ],
  foreignKeys: [ownedBy('fk_weight_entries_user')],
});

const localIds = new Table({
  name: 'sync_local_ids',
  columns: [
    uuid('user_id', key),
    text('kind', 32, key),
    text('device_id', 64, key),
    text('local_id', 64, key),
    uuid('record_id'),
    text('last_hash', 43),
  ],
  indices: [{ name: 'idx_sync_local_ids_record', columnNames: ['record_id'] }],
  foreignKeys: [ownedBy('fk_sync_local_ids_user')],
});

const clients = new Table({
  name: 'sync_clients',
  columns: [
    uuid('user_id', key),
    text('client_id', 64, key),
    instant('last_since', optional),
    integer('clock_skew_ms', optional),
  ],
  foreignKeys: [ownedBy('fk_sync_clients_user')],
});

const tables = [weightEntries, localIds, clients];

export class CreateWeightEntries1700000000002 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const table of tables) await runner.createTable(table, true);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const table of tables.toReversed()) await runner.dropTable(table, true);
  }
}
