import { QueryFailedError } from 'typeorm';

/** The database could not do the work now: lock wait, deadlock or full queue. Nothing was written, so it can be retried. */
export class DatabaseBusyError extends Error {}

/** The database cannot be reached, or its disk is full. It is unknown whether a transaction in its COMMIT took effect. */
export class DatabaseUnavailableError extends Error {}

/** Another unit of work rolled back the transaction that this unit shared. Nothing was written, so it can be retried. */
export class TransactionLostError extends Error {
  /** SQLite's own code for this. */
  readonly code = 'SQLITE_ABORT_ROLLBACK';

  constructor(options: ErrorOptions) {
    super('The transaction was rolled back', options);
  }
}

/** A statement outside a unit of work tried to write. A defect of the code, never of the request. */
export class WriteOutsideUnitError extends Error {
  constructor() {
    super('A write outside a unit of work');
  }
}

const CONFLICTS = new Set([
  'ER_LOCK_DEADLOCK',
  'ER_LOCK_WAIT_TIMEOUT',
  'SQLITE_BUSY',
  'SQLITE_BUSY_SNAPSHOT',
  'SQLITE_LOCKED',
  'SQLITE_ABORT_ROLLBACK',
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

/** The driver's error code. Undefined when the error does not come from the database. */
export function databaseCode(error: unknown): string | undefined {
  const cause: unknown = error instanceof QueryFailedError ? error.driverError : error;
  return cause instanceof Error && 'code' in cause && typeof cause.code === 'string' ? cause.code : undefined;
}

const codeIn =
  (codes: ReadonlySet<string>) =>
  (error: unknown): boolean =>
    codes.has(databaseCode(error) ?? '');

/** A deadlock or lock wait. The whole transaction can run again, because MySQL has rolled it back with its savepoints. */
export const isConflict = codeIn(CONFLICTS);
/** Too many queries wait for a connection of the pool. mysql2 gives this error no code. */
export const isOverloaded = (error: unknown): boolean =>
  error instanceof Error && error.message === 'Queue limit reached.';
/** A row with this value of a unique key already exists. */
export const isDuplicate = codeIn(DUPLICATES);
/** A foreign key refers to a row that does not exist or no longer exists. */
export const isMissingParent = codeIn(MISSING_PARENTS);
/** The disk is full or fails. A later retry may succeed. */
const NO_ROOM = /^(?:SQLITE_(?:FULL|IOERR|CANTOPEN|READONLY)|ER_(?:DISK|RECORD_FILE)_FULL)/;

/** The connection was lost, no connection could be opened, or nothing can be written. */
export function isUnavailable(error: unknown): boolean {
  if (codeIn(LOST)(error) || NO_ROOM.test(databaseCode(error) ?? '')) return true;
  return error instanceof Error && /closed state|Pool is closed/.test(error.message);
}
