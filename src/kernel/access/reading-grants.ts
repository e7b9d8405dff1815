/** The grants by which people let others read their data. The identity area implements it. */
export abstract class ReadingGrants {
  /**
   * Checks that the viewer may read the owner's data of this scope, and records the access for the owner before any data is
   * read.
   * @param isMixed whether the route also shows data of other scopes that the viewer may read: then these are recorded, too
   * @returns all scopes that the viewer may read
   * @throws Problem `not-found` without a grant
   */
  abstract admit(
    viewerId: string,
    ownerId: string,
    scope: string,
    isMixed: boolean,
  ): Promise<readonly string[]>;

  /**
   * The same for a route that reads several kinds of data.
   * @returns the scopes that the viewer may read
   * @throws Problem `not-found` without a grant
   */
  abstract admitInPart(viewerId: string, ownerId: string): Promise<readonly string[]>;
}
