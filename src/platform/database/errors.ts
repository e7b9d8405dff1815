import { QueryFailedError } from 'typeorm';

/** The database could not take the work now (lock wait, deadlock, full queue). Nothing was written; try again. */
export class DatabaseBusyError extends Error {}

/** The database cannot be reached, or has no room. Whether a transaction that was committing took effect is unknown. */
export class DatabaseUnavailableError extends Error {}

const CONFLICTS = new Set([
  'ER_LOCK_DEADLOCK',
  'ER_LOCK_WAIT_TIMEOUT',
  'SQLITE_BUSY',
  'SQLITE_BUSY_SNAPSHOT',
  'SQLITE_LOCKED',
]);
const DUPLICATES = new Set(['ER_DUP_ENTRY', 'SQLITE_CONSTRAINT_PRIMARYKEY', 'SQLITE_CONSTRAINT_UNIQUE']);
const MISSING_PARENTS = new Set([
  'ER_NO_REFERENCED_ROW',
  'ER_NO_REFERENCED_ROW_2',
  'SQLITE_CONSTRAINT_FOREIGNKEY',
]);
const LOST = new Set([
  'PROTOCOL_CONNECTION_LOST',
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'ENOTFOUND',
  'EAI_AGAIN',
  'ER_SERVER_SHUTDOWN',
  'ER_CON_COUNT_ERROR',
  'ER_TOO_MANY_USER_CONNECTIONS',
  'ER_QUERY_INTERRUPTED',
  'ER_CONNECTION_KILLED',
]);

/** The driver's error code, or undefined when the error is not the database's. */
export function databaseCode(error: unknown): string | undefined {
  const cause: unknown = error instanceof QueryFailedError ? error.driverError : error;
  return cause instanceof Error && 'code' in cause && typeof cause.code === 'string' ? cause.code : undefined;
}

const codeIn =
  (codes: ReadonlySet<string>) =>
  (error: unknown): boolean =>
    codes.has(databaseCode(error) ?? '');

/** A deadlock or lock wait: the whole transaction may be run again (MySQL has rolled it back, savepoints included). */
export const isConflict = codeIn(CONFLICTS);
/** Too many are waiting for a connection of the pool; mysql2 gives this no code. */
export const isOverloaded = (error: unknown): boolean =>
  error instanceof Error && error.message === 'Queue limit reached.';
/** A unique key already holds this value. */
export const isDuplicate = codeIn(DUPLICATES);
/** A foreign key names a row that is not there (any more). */
export const isMissingParent = codeIn(MISSING_PARENTS);
/** A full disk, or one that fails: what is sent again later may find room. */
const NO_ROOM = /^(?:SQLITE_(?:FULL|IOERR|CANTOPEN|READONLY)|ER_(?:DISK|RECORD_FILE)_FULL)/;

/** The connection is gone, none could be made, or nothing can be written. */
export function isUnavailable(error: unknown): boolean {
  if (codeIn(LOST)(error) || NO_ROOM.test(databaseCode(error) ?? '')) return true;
  return error instanceof Error && /closed state|Pool is closed/.test(error.message);
}
