import type { SqlValue } from '../../platform/database/statements.js';

/** ` AND …` for a WHERE clause, and its values. */
export type Condition = readonly [string, readonly SqlValue[]];

/** Joins the conditions whose value is given. */
export function conditions(...parts: readonly (readonly [string, SqlValue | undefined])[]): Condition {
  const given = parts.filter((part): part is [string, SqlValue] => part[1] !== undefined);
  return [given.map(([sql]) => ` AND ${sql}`).join(''), given.map(([, value]) => value)];
}
