import type { TableColumnOptions, TableForeignKeyOptions } from 'typeorm';

/*
 * The column types of migrations, valid on MySQL, MariaDB, TiDB and SQLite. Landed migrations depend on this file:
 * add to it, never change what is here.
 */
type Extra = Partial<TableColumnOptions>;

export const text = (name: string, length: number, extra: Extra = {}): TableColumnOptions => ({
  name,
  type: 'varchar',
  length: String(length),
  ...extra,
});
export const uuid = (name: string, extra: Extra = {}): TableColumnOptions => text(name, 36, extra);
export const longText = (name: string): TableColumnOptions => ({ name, type: 'text' });
export const instant = (name: string, extra: Extra = {}): TableColumnOptions => ({
  name,
  type: 'datetime',
  precision: 3,
  ...extra,
});
export const integer = (name: string, extra: Extra = {}): TableColumnOptions => ({
  name,
  type: 'integer',
  ...extra,
});
export const bigint = (name: string): TableColumnOptions => ({ name, type: 'bigint' });
export const double = (name: string): TableColumnOptions => ({ name, type: 'double' });
export const quantity = (name: string): TableColumnOptions => ({
  name,
  type: 'decimal',
  precision: 14,
  scale: 6,
});

export const key = { isPrimary: true } as const;
export const optional = { isNullable: true } as const;

/** Rows go when their owner goes. */
export const ownedBy = (constraint: string, column = 'user_id'): TableForeignKeyOptions => ({
  name: constraint,
  columnNames: [column],
  referencedTableName: 'users',
  referencedColumnNames: ['id'],
  onDelete: 'CASCADE',
  onUpdate: 'RESTRICT',
});
