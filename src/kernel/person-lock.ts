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
