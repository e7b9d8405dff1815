/** Any JSON value. */
export type Value = object;

/** Reads and writes that take effect together or not at all. Await nothing else inside: IndexedDB would commit early. */
export interface Transaction {
  get<T extends Value>(key: string): Promise<T | undefined>;
  put(key: string, value: Value): Promise<void>;
  delete(key: string): Promise<void>;
  /** Values whose keys begin with the prefix, in the order of the keys. */
  list<T extends Value>(prefix: string, limit?: number): Promise<T[]>;
  count(prefix: string): Promise<number>;
  /** Deletes all keys that begin with the prefix. */
  clear(prefix: string): Promise<void>;
}

/** A store with ordered keys, JSON values and transactions that survive a crash. */
export interface Storage {
  /** Name of the store on this device; used in the names of locks. */
  readonly name: string;
  /** Runs one transaction at a time; an error undoes it. */
  transact<T>(work: (transaction: Transaction) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

/** Greater than every key that begins with the prefix. */
export const endOf = (prefix: string): string => `${prefix}\uffff`;
