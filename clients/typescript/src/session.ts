import { HaleError } from './problem.js';
import type { components } from './schema.js';
import type { Storage, Transaction } from './storage/storage.js';

export type User = components['schemas']['UserDto'];

/** Who is signed in. */
export interface Session {
  /** Names this sign-in, on this device: what was begun under another one is over. */
  readonly id: string;
  readonly user: User;
  readonly access_token: string;
  readonly refresh_token: string;
  /** Why the server ended it; what is here stays until somebody signs in again. */
  readonly ended?: string;
}

const KEY = 'session';

/**
 * The session as it is stored, while it is of the same sign-in: whatever reads or writes for an account asks here first,
 * in the same transaction.
 * @throws HaleError `signed-out`
 */
export async function heldIn(transaction: Transaction, { id }: Session): Promise<Session> {
  const stored = await transaction.get<Session>(KEY);
  if (!stored || stored.id !== id) throw new HaleError('signed-out', 'nobody is signed in, or somebody else');
  return stored;
}

/** The stored session. An older version of the app left one that has no name: it is given one, for all tabs the same. */
async function named(transaction: Transaction): Promise<Session | undefined> {
  const stored = await transaction.get<Omit<Session, 'id'> & Partial<Session>>(KEY);
  if (!stored) return undefined;
  const session = { ...stored, id: stored.id ?? stored.refresh_token };
  if (stored.id === undefined) await transaction.put(KEY, session);
  return session;
}

export const removeFrom = (transaction: Transaction): Promise<void> => transaction.delete(KEY);

/** The tokens, durable before they are used. */
export class Sessions {
  private cached: Session | undefined;

  constructor(private readonly storage: Storage) {}

  /** By what this tab knows; another one may be further. */
  get current(): Session | undefined {
    return this.cached;
  }

  /** Reads it anew: another tab may have changed it. */
  async load(): Promise<Session | undefined> {
    this.cached = await this.storage.transact(named);
    return this.cached;
  }

  /** With the tokens of now. @throws HaleError `signed-out` once it is over. */
  async held(session: Session): Promise<Session> {
    return this.remember(await this.storage.transact((transaction) => heldIn(transaction, session)));
  }

  async save(session: Session): Promise<void> {
    await this.storage.transact((transaction) => transaction.put(KEY, session));
    this.cached = session;
  }

  /** What became of these tokens. Says nothing, and returns nothing, once the session has others or is over. */
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
