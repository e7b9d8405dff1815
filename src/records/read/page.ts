import type { SqlValue } from '../../platform/database/statements.js';

/** Where a page starts, and its maximum number of rows. */
export interface Place {
  readonly limit: number;
  readonly offset: number;
}

export interface RecordPage<Entity> {
  readonly data: Entity[];
  readonly total: number;
}

/** ` AND …` for a WHERE clause, and its values. */
export type Condition = readonly [string, readonly SqlValue[]];

/** Joins the conditions whose value is given. */
export function conditions(...parts: readonly (readonly [string, SqlValue | undefined])[]): Condition {
  const given = parts.filter((part): part is [string, SqlValue] => part[1] !== undefined);
  return [given.map(([sql]) => ` AND ${sql}`).join(''), given.map(([, value]) => value)];
}
