import { copyOf } from '../copy.js';
import { SortedMap } from './sorted-map.js';
import type { Storage, Transaction, Value } from './storage.js';

/** The changes of a transaction: new values by key, null for deleted ones. */
export type Changes = ReadonlyMap<string, Value | null>;

/** Storage in memory: for tests, and for apps that may lose the data. */
export class MemoryStorage implements Storage {
  private queue: Promise<unknown> = Promise.resolve();

  constructor(
    readonly name = 'memory',
    protected readonly map: SortedMap<Value> = new SortedMap(),
  ) {}

  transact<T>(work: (transaction: Transaction) => Promise<T>): Promise<T> {
    const turn = this.queue.then(() => this.run(work));
    this.queue = turn.catch(() => undefined);
    return turn;
  }

  async close(): Promise<void> {
    await this.queue;
  }

  /** Makes changes durable; an error undoes them. */
  protected async keep(_changes: Changes): Promise<void> {}

  private async run<T>(work: (transaction: Transaction) => Promise<T>): Promise<T> {
    const { map } = this;
    const before = new Map<string, Value | undefined>();
    try {
      const result = await work(this.transaction(before));
      if (before.size > 0)
        await this.keep(new Map([...before.keys()].map((key) => [key, map.get(key) ?? null])));
      return result;
    } catch (error) {
      for (const [key, value] of before)
        if (value === undefined) map.delete(key);
        else map.set(key, value);
      throw error;
    }
  }

  private transaction(before: Map<string, Value | undefined>): Transaction {
    const { map } = this;
    const remember = (key: string): void => {
      if (!before.has(key)) before.set(key, map.get(key));
    };
    const remove = (key: string): void => {
      remember(key);
      map.delete(key);
    };
    return {
      get: async <T extends Value>(key: string) => map.get(key) as T | undefined,
      put: async (key, value) => {
        remember(key);
        map.set(key, copyOf(value));
      },
      delete: async (key) => remove(key),
      list: async <T extends Value>(prefix: string, limit?: number) =>
        map.keysFrom(prefix, limit).map((key) => map.get(key) as T),
      count: async (prefix) => map.keysFrom(prefix).length,
      clear: async (prefix) => map.keysFrom(prefix).forEach(remove),
    };
  }
}
