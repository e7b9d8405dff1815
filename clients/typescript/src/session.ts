import { HaleError } from './problem.js';
import type { components } from './schema.js';
import type { Storage, Transaction } from './storage/storage.js';

export type User = components['schemas']['User'];

/** The signed-in person with tokens. */
export interface Session {
  /** Identifies this sign-in on this device, so that work of an earlier one can be recognised and ended. */
  readonly id: string;
  readonly user: User;
  readonly access_token: string;
  readonly refresh_token: string;
  /** The nonce of a refresh whose answer is not stored yet: a repetition must send the same one. */
  readonly refresh_nonce?: string | undefined;
  /** Why the server ended it. The local data stays until the next sign-in. */
  readonly ended?: string;
}

const KEY = 'session';

/**
 * The stored session if it is still of the same sign-in. Everything that reads or writes data of an account calls this first, in
 * the same transaction.
 * @throws HaleError `signed-out`
 */
export async function heldIn(transaction: Transaction, { id }: Session): Promise<Session> {
  const stored = await transaction.get<Session>(KEY);
  if (!stored || stored.id !== id) throw new HaleError('signed-out', 'nobody is signed in');
  return stored;
}

/** The stored session. An older version of the app stored none with an id: it gets one here, the same for all tabs. */
async function named(transaction: Transaction): Promise<Session | undefined> {
  const stored = await transaction.get<Omit<Session, 'id'> & Partial<Session>>(KEY);
  if (!stored) return undefined;
  const session = { ...stored, id: stored.id ?? stored.refresh_token };
  if (stored.id === undefined) await transaction.put(KEY, session);
  return session;
}

export const isHeldBySomebody = async (transaction: Transaction): Promise<boolean> =>
  (await transaction.get(KEY)) !== undefined;

export const removeFrom = (transaction: Transaction): Promise<void> => transaction.delete(KEY);

/** Stores the tokens durably before they are used. */
export class Sessions {
  private cached: Session | undefined;
  /** Called when the profile of the signed-in person has changed. */
  profileChanged: () => void = () => undefined;

  constructor(private readonly storage: Storage) {}

  /** The session that this tab knows; another tab may have a newer one. */
  get current(): Session | undefined {
    return this.cached;
  }

  /** Reads the session again: another tab may have changed it. */
  async load(): Promise<Session | undefined> {
    this.cached = await this.storage.transact(named);
    return this.cached;
  }

  /** The session with its current tokens. @throws HaleError `signed-out` after it has ended. */
  async held(session: Session): Promise<Session> {
    return this.remember(await this.storage.transact((transaction) => heldIn(transaction, session)));
  }

  /**
   * The session with the nonce of its next refresh: the given one, or the one of a refresh that is already going on or has
   * failed. Without a lock over all tabs, two of them may refresh at once, and the server takes a second nonce for theft.
   */
  async toRefresh(used: Session, nonce: string): Promise<Session> {
    const held = await this.storage.transact(async (transaction) => {
      const stored = await heldIn(transaction, used);
      if (stored.access_token !== used.access_token || stored.refresh_nonce !== undefined) return stored;
      const session = { ...stored, refresh_nonce: nonce };
      await transaction.put(KEY, session);
      return session;
    });
    return this.remember(held);
  }

  /** @param also done in the same transaction. */
  async save(session: Session, also: (transaction: Transaction) => Promise<void>): Promise<void> {
    await this.storage.transact(async (transaction) => {
      await transaction.put(KEY, session);
      await also(transaction);
    });
    this.cached = session;
  }

  /** Applies changes to the session if it still has these tokens; otherwise does nothing and returns undefined. */
  async change(seen: Session, changes: Partial<Session>): Promise<Session | undefined> {
    const changed = await this.storage.transact(async (transaction) => {
      const stored = await transaction.get<Session>(KEY);
      if (!stored || stored.id !== seen.id || stored.access_token !== seen.access_token) return undefined;
      const session = { ...stored, ...changes };
      await transaction.put(KEY, session);
      return session;
    });
    return changed && this.remember(changed);
  }

  private remember(session: Session): Session {
    if (this.cached?.id === session.id) this.cached = session;
    return session;
  }
}
