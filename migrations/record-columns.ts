import type { TableColumnOptions, TableIndexOptions } from 'typeorm';
import { bigint, instant, integer, key, optional, text, uuid } from './table-columns.js';

/*
 * The columns of every kind of record. Released migrations depend on this file: you may add to it, but never change it.
 */

export const zero = { default: 0 } as const;

/** The columns of every record, in addition to the fields of its kind. The primary key is (owner, id). */
export const recordColumns: readonly TableColumnOptions[] = [
  uuid('user_id', key),
  uuid('id', key),
  instant('created_at'),
  instant('updated_at'),
  instant('deleted_at', optional),
  integer('version'),
  bigint('seq'),
  instant('modified_at'),
  integer('modified_counter'),
  text('modified_by', 64),
  { ...bigint('modified_seq'), ...zero },
];

/** The index for reading the changes of a kind in their order. */
export const bySeq = (table: string): TableIndexOptions => ({
  name: `idx_${table}_user_seq`,
  columnNames: ['user_id', 'seq'],
});
