import type { Database } from '../../platform/database/database.js';
import type { OtherRecords } from '../define/define-record.js';
import type { Owner } from '../define/owner.js';

/** What records are compared with before they are written. The owner's time zone is read once, when a kind needs it. */
export function othersOf(database: Database, { type, id }: Owner): OtherRecords {
  let zone: Promise<string> | undefined;
  const read = async (): Promise<string> => {
    if (type.timeZone === undefined) return 'UTC';
    const sql = `SELECT ${type.timeZone} AS zone FROM ${type.table} WHERE id = ?`;
    const [row] = await database.rows<{ zone: string }>(sql, [id]);
    return row?.zone ?? 'UTC';
  };
  return { database, ownerId: id, timeZone: () => (zone ??= read()) };
}
