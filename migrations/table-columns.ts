import type { TableColumnOptions, TableForeignKeyOptions } from 'typeorm';

/*
 * The column types of migrations, valid on MySQL, MariaDB, TiDB and SQLite. Released migrations depend on this file: you may
 * add to it, but never change it.
 */
type Extra = Partial<TableColumnOptions>;

export const text = (name: string, length: number, extra: Extra = {}): TableColumnOptions => ({
  name,
  type: 'varchar',
  length: String(length),
  ...extra,
});
export const uuid = (name: string, extra: Extra = {}): TableColumnOptions => text(name, 36, extra);
export const longText = (name: string, extra: Extra = {}): TableColumnOptions => ({
  name,
  type: 'text',
  ...extra,
});
export const day = (name: string, extra: Extra = {}): TableColumnOptions => ({
  name,
  type: 'date',
  ...extra,
});
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
export const double = (name: string, extra: Extra = {}): TableColumnOptions => ({
  name,
  type: 'double',
  ...extra,
});
export const quantity = (name: string, extra: Extra = {}): TableColumnOptions => ({
  name,
  type: 'decimal',
  precision: 14,
  scale: 6,
  ...extra,
});

export const key = { isPrimary: true } as const;
export const optional = { isNullable: true } as const;

/** The foreign key of a row to its owner. The row is deleted with the owner. */
export const ownedBy = (constraint: string, column = 'user_id'): TableForeignKeyOptions => ({
  name: constraint,
  columnNames: [column],
  referencedTableName: 'users',
  referencedColumnNames: ['id'],
  onDelete: 'CASCADE',
  onUpdate: 'RESTRICT',
});
