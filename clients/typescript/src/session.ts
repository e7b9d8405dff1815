import type { components } from './schema.js';
import type { Storage } from './storage/storage.js';

export type User = components['schemas']['UserDto'];

/** Who is signed in. */
export interface Session {
  readonly user: User;
  readonly access_token: string;
  readonly refresh_token: string;
  /** Why the server ended it; what is here stays until somebody signs in again. */
  readonly ended?: string;
}

const KEY = 'session';

/** The tokens, durable before they are used. */
export class Sessions {
  private cached: Session | undefined;

  constructor(private readonly storage: Storage) {}

  get current(): Session | undefined {
    return this.cached;
  }

  /** Reads it anew: another tab may have changed it. */
  async load(): Promise<Session | undefined> {
    this.cached = await this.storage.transact((transaction) => transaction.get<Session>(KEY));
    return this.cached;
  }

  async save(session: Session): Promise<void> {
    await this.storage.transact((transaction) => transaction.put(KEY, session));
    this.cached = session;
  }

  async remove(): Promise<void> {
    await this.storage.transact((transaction) => transaction.delete(KEY));
    this.cached = undefined;
  }
}
