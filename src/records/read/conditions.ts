import type { Position } from '../../kernel/http/keyset.js';
import type { SqlValue } from '../../platform/database/statements.js';

/** ` AND …` for a WHERE clause, and its values. */
export type Condition = readonly [string, readonly SqlValue[]];

/** Joins the conditions whose value is given. */
export function conditions(...parts: readonly (readonly [string, SqlValue | undefined])[]): Condition {
  const given = parts.filter((part): part is [string, SqlValue] => part[1] !== undefined);
  return [given.map(([sql]) => ` AND ${sql}`).join(''), given.map(([, value]) => value)];
}

/**
 * The rows of one table that come after a position, in a list of several tables: the newest first, at one instant by their tables
 * backwards, then by their ids backwards.
 * @param column the instant
 * @param table compares the table with that of the position: above zero when it comes before it
 */
export function afterPosition(column: string, table: number, [at = '', , id = '']: Position): Condition {
  if (table > 0) return [` AND ${column} < ?`, [at]];
  if (table < 0) return [` AND ${column} <= ?`, [at]];
  return [` AND ${column} <= ? AND (${column} < ? OR id < ?)`, [at, at, id]];
}
