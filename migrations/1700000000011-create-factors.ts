import { type MigrationInterface, type QueryRunner, Table } from 'typeorm';
import { bigint, instant, integer, key, longText, optional, ownedBy, text, uuid } from './table-columns.js';

const tables = [
  new Table({
    name: 'totp_secrets',
    columns: [
      uuid('user_id', key),
      text('sealed', 255),
      integer('last_step'),
      instant('created_at'),
      instant('confirmed_at', optional),
    ],
    foreignKeys: [ownedBy('fk_totp_secrets_user')],
  }),
  new Table({
    name: 'recovery_codes',
    columns: [text('code_hash', 43, key), uuid('user_id'), instant('created_at')],
    indices: [{ name: 'idx_recovery_codes_user', columnNames: ['user_id'] }],
    foreignKeys: [ownedBy('fk_recovery_codes_user')],
  }),
  new Table({
    name: 'sign_in_challenges',
    columns: [
      text('token_hash', 43, key),
      uuid('user_id'),
      uuid('session_id'),
      text('password_mark', 43),
      integer('attempts'),
      instant('created_at'),
      instant('expires_at'),
    ],
    indices: [
      { name: 'idx_sign_in_challenges_user', columnNames: ['user_id'] },
      { name: 'idx_sign_in_challenges_session', columnNames: ['session_id'] },
    ],
    foreignKeys: [ownedBy('fk_sign_in_challenges_user')],
  }),
  new Table({
    name: 'passkeys',
    columns: [
      uuid('id', key),
      uuid('user_id'),
      text('credential_hash', 43),
      longText('credential_id'),
      longText('public_key'),
      bigint('counter'),
      longText('transports'),
      text('name', 100),
      integer('backed_up'),
      instant('created_at'),
      instant('last_used_at', optional),
    ],
    indices: [
      { name: 'uq_passkeys_credential_hash', columnNames: ['credential_hash'], isUnique: true },
      { name: 'idx_passkeys_user_created', columnNames: ['user_id', 'created_at'] },
    ],
    foreignKeys: [ownedBy('fk_passkeys_user')],
  }),
  new Table({
    name: 'passkey_challenges',
    columns: [text('challenge_hash', 43, key), instant('expires_at')],
    indices: [{ name: 'idx_passkey_challenges_expires', columnNames: ['expires_at'] }],
  }),
];

export class CreateFactors1700000000011 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const table of tables) await runner.createTable(table, true);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const table of tables.toReversed()) await runner.dropTable(table, true);
  }
}
