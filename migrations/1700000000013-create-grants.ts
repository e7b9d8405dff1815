import { type MigrationInterface, type QueryRunner, Table, TableColumn, TableIndex } from 'typeorm';
import { instant, key, longText, optional, ownedBy, text, uuid } from './table-columns.js';

const grants = new Table({
  name: 'grants',
  columns: [
    uuid('id', key),
    uuid('user_id'),
    text('grantee_email', 254),
    uuid('grantee_id', optional),
    longText('scopes'),
    instant('created_at'),
    instant('expires_at'),
  ],
  indices: [
    { name: 'idx_grants_user', columnNames: ['user_id', 'created_at'] },
    { name: 'idx_grants_grantee', columnNames: ['grantee_id', 'user_id'] },
    { name: 'idx_grants_grantee_email', columnNames: ['grantee_email'] },
  ],
  foreignKeys: [ownedBy('fk_grants_user'), ownedBy('fk_grants_grantee', 'grantee_id')],
});

const reason = text('reason', 16, optional);

const byRole = { name: 'idx_users_role', columnNames: ['role'] };
const byAge = { name: 'idx_users_created', columnNames: ['created_at', 'id'] };

export class CreateGrants1700000000013 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.createTable(grants, true);
    await runner.addColumn('audit_entries', new TableColumn(reason));
    for (const index of [byRole, byAge]) await runner.createIndex('users', new TableIndex(index));
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const { name } of [byRole, byAge]) await runner.dropIndex('users', name);
    await runner.dropColumn('audit_entries', reason.name);
    await runner.dropTable(grants, true);
  }
}
