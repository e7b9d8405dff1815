import type { ErrorCode } from '../../kernel/http/errors.js';

/**
 * A type of owner of records. Each type has its own tables, so that the database deletes all rows of an owner together with
 * the owner.
 */
export interface OwnerType {
  /** Unique among the owner types. */
  readonly name: string;
  /** The table of the owners. */
  readonly table: string;
  /** The column with the owner's id, in the table of every record and in the tables below. */
  readonly column: string;
  /** The table with the order of each owner's changes. Its entity extends `OwnerSequence`. */
  readonly sequences: string;
  /** The table with the epochs that have ended. Its entity extends `OwnerEpoch`. */
  readonly epochs: string;
  /** The kind for the conflicts. `defineConflicts` makes it. */
  readonly conflicts: string;
  /** The column of `table` with the owner's time zone; undefined for owners without one. */
  readonly timeZone?: string;
  /** The code of the problem that is answered when the owner no longer exists. */
  readonly missing: ErrorCode;
}

/** One owner of records. It is not always the person who acts: several people may change the records of one owner. */
export interface Owner {
  readonly type: OwnerType;
  readonly id: string;
}
