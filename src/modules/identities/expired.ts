import { type Database, instantText, placeholders } from '../../platform/database/database.js';

const AT_ONCE = 100;

interface Expiring {
  readonly table: string;
  readonly key: string;
}

/** Removes some of what expired before: in passing, and by key, so that no row is locked that others want. */
export async function removeExpired(
  database: Database,
  { table, key }: Expiring,
  before: Date,
): Promise<void> {
  const rows = await database.rows<{ key_text: string }>(
    `SELECT ${key} AS key_text FROM ${table} WHERE expires_at < ? ORDER BY expires_at LIMIT ${AT_ONCE}`,
    [instantText(before)],
  );
  if (rows.length > 0)
    await database.execute(
      `DELETE FROM ${table} WHERE ${key} IN (${placeholders(rows.length)})`,
      rows.map((row) => row.key_text),
    );
}
