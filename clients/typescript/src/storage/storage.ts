/** Anything JSON can say. */
export type Value = object;

/** Reads and writes that happen together or not at all. Await nothing else inside: IndexedDB would commit early. */
export interface Transaction {
  get<T extends Value>(key: string): Promise<T | undefined>;
  put(key: string, value: Value): Promise<void>;
  delete(key: string): Promise<void>;
  /** Values whose keys begin so, in the order of the keys. */
  list<T extends Value>(prefix: string, limit?: number): Promise<T[]>;
  count(prefix: string): Promise<number>;
  /** Removes everything under keys that begin so. */
  clear(prefix: string): Promise<void>;
}

/** Where everything is kept: ordered keys, JSON values, transactions that survive a crash. */
export interface Storage {
  /** Names the store among others of the device: locks are taken on it. */
  readonly name: string;
  /** One at a time; what it throws undoes it. */
  transact<T>(work: (transaction: Transaction) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

/** Above every key that begins with the prefix. */
export const endOf = (prefix: string): string => `${prefix}\uffff`;
