import { type MigrationInterface, type QueryRunner, Table } from 'typeorm';
import { bySeq, recordColumns } from './record-columns.js';
import { longText, ownedBy } from './table-columns.js';

const sourceOrders = new Table({
  name: 'source_orders',
  columns: [...recordColumns, longText('sources')],
  indices: [
    bySeq('source_orders'),
    { name: 'idx_source_orders_user_updated', columnNames: ['user_id', 'updated_at', 'id'] },
  ],
  foreignKeys: [ownedBy('fk_source_orders_user')],
});

export class CreateSourceOrders1700000000131 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.createTable(sourceOrders, true);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.dropTable(sourceOrders, true);
  }
}
