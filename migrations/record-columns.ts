import type { TableColumnOptions, TableIndexOptions } from 'typeorm';
import { bigint, instant, integer, key, optional, text, uuid } from './table-columns.js';

/*
 * The columns of every kind of record. Landed migrations depend on this file: add to it, never change what is here.
 */

export const zero = { default: 0 } as const;

/** What every record carries beside its own fields; the key is (owner, id). */
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

/** The order in which phones get a kind's changes. */
export const bySeq = (table: string): TableIndexOptions => ({
  name: `idx_${table}_user_seq`,
  columnNames: ['user_id', 'seq'],
});
