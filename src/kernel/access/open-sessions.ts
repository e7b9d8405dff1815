/** What has just been ended: one session, or all sessions of a person. */
export type Ended = { readonly sessionId: string } | { readonly userId: string };

/** Which sessions are open, for connections that outlive a request; the identity area answers. */
export abstract class OpenSessions {
  /** Those of the given sessions that are open, as the database has them. */
  abstract openAmong(sessionIds: readonly string[]): Promise<Set<string>>;

  /** Calls `watcher` after this instance has ended sessions. @returns a function that stops it. */
  abstract watch(watcher: (ended: Ended) => void): () => void;
}
