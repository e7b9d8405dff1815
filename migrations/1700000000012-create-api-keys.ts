import { type MigrationInterface, type QueryRunner, Table } from 'typeorm';
import { instant, key, longText, optional, ownedBy, text, uuid } from './table-columns.js';

const keys = new Table({
  name: 'api_keys',
  columns: [
    uuid('id', key),
    uuid('user_id'),
    text('name', 100),
    longText('scopes'),
    text('secret_hash', 43),
    text('signing_secret', 128, optional),
    instant('created_at'),
    instant('expires_at'),
    instant('last_used_at', optional),
  ],
  indices: [{ name: 'idx_api_keys_user', columnNames: ['user_id', 'created_at'] }],
  foreignKeys: [ownedBy('fk_api_keys_user')],
});

const nonces = new Table({
  name: 'api_key_nonces',
  columns: [uuid('key_id', key), text('nonce', 64, key), instant('expires_at')],
  foreignKeys: [
    {
      name: 'fk_api_key_nonces_key',
      columnNames: ['key_id'],
      referencedTableName: 'api_keys',
      referencedColumnNames: ['id'],
      onDelete: 'CASCADE',
      onUpdate: 'RESTRICT',
    },
  ],
});

export class CreateApiKeys1700000000012 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.createTable(keys, true);
    await runner.createTable(nonces, true);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.dropTable(nonces, true);
    await runner.dropTable(keys, true);
  }
}
