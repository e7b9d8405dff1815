import type { ErrorCode } from './http/errors.js';
import { Problem } from './http/problem.js';

/**
 * The lock of one person. It is held until the end of the unit of work, so that two requests of one person run one after the
 * other. `records` implements it, because the lock is the row that counts the person's changes.
 */
export abstract class PersonLock {
  /** Creates the row that is locked. Call it at sign-up, so that two first requests cannot race to insert it. */
  abstract create(personId: string): Promise<void>;

  /**
   * Runs `work` in a unit of work that holds the person's lock.
   * @throws Problem `session-revoked` when the account was deleted.
   */
  abstract hold<T>(personId: string, work: () => Promise<T>): Promise<T>;
}

/** Whether work was refused because the account does not exist, or no longer. */
export const isGone = (error: unknown): error is Problem =>
  error instanceof Problem && error.code === 'session-revoked';

/**
 * Runs work for somebody who is not signed in. An account that was closed meanwhile is answered like one that never existed.
 * @throws Problem `unknown` in place of `session-revoked`
 */
export async function unlessGone<T>(unknown: ErrorCode, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw isGone(error) ? new Problem(unknown) : error;
  }
}
