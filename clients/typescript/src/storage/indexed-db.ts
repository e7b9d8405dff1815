import { type IDBPDatabase, openDB } from 'idb';
import { endOf, type Storage, type Transaction, type Value } from './storage.js';

const STORE = 'hale';

/* The parts of IndexedDB that are used, so that a Node program that imports the package needs no browser types. */

type Range = object;

interface Entries {
  get(key: string): Promise<unknown>;
  put(value: Value, key: string): Promise<unknown>;
  delete(keys: string | Range): Promise<void>;
  getAll(keys: Range, limit?: number): Promise<unknown[]>;
  count(keys: Range): Promise<number>;
}

interface Opened {
  readonly done: Promise<void>;
  objectStore(name: string): Entries;
  abort(): void;
}

interface Browser {
  readonly IDBKeyRange: { bound(from: string, to: string): Range };
}

/** Storage in the browser. All tabs of an origin share the store with the same name. */
export class IndexedDbStorage implements Storage {
  private isClosed = false;

  private constructor(
    readonly name: string,
    private connection: Promise<IDBPDatabase> | undefined,
  ) {}

  static async open(name = 'hale'): Promise<IndexedDbStorage> {
    const storage = new IndexedDbStorage(name, undefined);
    await storage.connect();
    return storage;
  }

  async transact<T>(work: (transaction: Transaction) => Promise<T>): Promise<T> {
    const transaction = await this.begin();
    // Both are awaited below; until then a rejection must not count as unhandled.
    const done = transaction.done.catch((error: unknown) => ({ error }));
    try {
      const result = await work(transactionOn(transaction.objectStore(STORE)));
      const failure = await done;
      if (failure) throw failure.error;
      return result;
    } catch (error) {
      abort(transaction);
      await done;
      throw error;
    }
  }

  async close(): Promise<void> {
    this.isClosed = true;
    (await this.connection)?.close();
  }

  private async begin(): Promise<Opened> {
    if (this.isClosed) throw new Error(`the store ${this.name} is closed`);
    const options = { durability: 'strict' } as const;
    const connection = this.connect();
    const database = await connection;
    try {
      return database.transaction(STORE, 'readwrite', options) as unknown as Opened;
    } catch {
      // The connection was lost without an event; another call may already have opened the next one.
      if (this.connection === connection) this.connection = undefined;
      return (await this.connect()).transaction(STORE, 'readwrite', options) as unknown as Opened;
    }
  }

  /** The browser may end a connection at any time, such as when the person clears data; the next call opens another. */
  private connect(): Promise<IDBPDatabase> {
    if (this.connection) return this.connection;
    const forget = (): void => {
      if (this.connection === opening) this.connection = undefined;
    };
    const opening = openDB(this.name, 1, {
      upgrade: (created) => {
        created.createObjectStore(STORE);
      },
      terminated: forget,
    });
    opening.catch(forget);
    this.connection = opening;
    return opening;
  }
}

function abort(transaction: Opened): void {
  try {
    transaction.abort();
  } catch {
    // It has already ended.
  }
}

const bound = (prefix: string): Range =>
  (globalThis as unknown as Browser).IDBKeyRange.bound(prefix, endOf(prefix));

const transactionOn = (store: Entries): Transaction => ({
  get: async <T extends Value>(key: string) => (await store.get(key)) as T | undefined,
  put: async (key, value) => {
    await store.put(value, key);
  },
  delete: async (key) => {
    await store.delete(key);
  },
  list: async <T extends Value>(prefix: string, limit?: number) =>
    (await store.getAll(bound(prefix), limit)) as T[],
  count: (prefix) => store.count(bound(prefix)),
  clear: (prefix) => store.delete(bound(prefix)),
});
