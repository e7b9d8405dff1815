import { type MigrationInterface, type QueryRunner, Table } from 'typeorm';
import { instant, key, longText, optional, ownedBy, text, uuid } from './table-columns.js';

const identities = new Table({
  name: 'identities',
  columns: [
    uuid('id', key),
    uuid('user_id'),
    text('provider', 16),
    text('issuer', 255),
    text('subject', 255),
    text('email', 254, optional),
    instant('created_at'),
    instant('last_used_at'),
  ],
  indices: [
    { name: 'uq_identities_subject', columnNames: ['issuer', 'subject'], isUnique: true },
    { name: 'idx_identities_user', columnNames: ['user_id', 'created_at'] },
  ],
  foreignKeys: [ownedBy('fk_identities_user')],
});

const flows = new Table({
  name: 'oauth_flows',
  columns: [
    text('state_hash', 43, key),
    text('provider', 16),
    text('browser_hash', 43),
    text('secrets', 512),
    text('app_link', 512),
    text('app_challenge', 43),
    uuid('linker_id', optional),
    instant('expires_at'),
  ],
  indices: [
    { name: 'idx_oauth_flows_expires', columnNames: ['expires_at'] },
    { name: 'idx_oauth_flows_linker', columnNames: ['linker_id'] },
  ],
  foreignKeys: [ownedBy('fk_oauth_flows_linker', 'linker_id')],
});

const codes = new Table({
  name: 'oauth_codes',
  columns: [
    text('code_hash', 43, key),
    longText('identity'),
    text('app_challenge', 43),
    uuid('linker_id', optional),
    instant('expires_at'),
    instant('used_at', optional),
    uuid('session_id', optional),
  ],
  indices: [
    { name: 'idx_oauth_codes_expires', columnNames: ['expires_at'] },
    { name: 'idx_oauth_codes_linker', columnNames: ['linker_id'] },
  ],
  foreignKeys: [ownedBy('fk_oauth_codes_linker', 'linker_id')],
});

const usedIdTokens = new Table({
  name: 'used_id_tokens',
  columns: [text('token_hash', 43, key), instant('expires_at')],
  indices: [{ name: 'idx_used_id_tokens_expires', columnNames: ['expires_at'] }],
});

const tables = [identities, flows, codes, usedIdTokens];

export class CreateIdentities1700000000010 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const table of tables) await runner.createTable(table, true);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const table of tables.toReversed()) await runner.dropTable(table, true);
  }
}
