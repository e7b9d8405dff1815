import { type Changes, MemoryStorage } from './memory.js';
import { SortedMap } from './sorted-map.js';
import type { Value } from './storage.js';

/** What is used of `@react-native-async-storage/async-storage`, or of any other store with these functions. */
export interface AsyncStorageLike {
  getItem(key: string): Promise<string | null>;
  setItem(key: string, value: string): Promise<unknown>;
  removeItem(key: string): Promise<unknown>;
  getAllKeys(): Promise<readonly string[]>;
  /** Used if they are there, because they are faster. */
  multiGet?(keys: string[]): Promise<readonly (readonly [string, string | null])[]>;
  multiSet?(pairs: [string, string][]): Promise<unknown>;
  multiRemove?(keys: string[]): Promise<unknown>;
}

/** Values are written in parts, because Android reads at most 2 MB at once. */
const PART = 500_000;
const AT_ONCE = 200;

type Pair = [key: string, text: string | null];

/** Written after its parts, so that its presence says that the transaction is complete. */
interface Journal {
  readonly parts: number;
}

/** Two copies in memory would overwrite each other's edits, as when a component opens the store each time it is shown. */
const opened = new WeakMap<AsyncStorageLike, Map<string, Promise<PhoneStorage>>>();

/**
 * Storage on a phone. All data is in memory too. A transaction is first written to a journal, then to its keys: if the app is
 * killed in between, the next start completes it, or drops it if the journal is incomplete.
 */
export class PhoneStorage extends MemoryStorage {
  private readonly journal: string;
  /** Whether the journal has a transaction that may not be written to its keys yet. */
  private isBehind = false;

  private constructor(
    private readonly store: AsyncStorageLike,
    name: string,
    map: SortedMap<Value>,
  ) {
    super(name, map);
    this.journal = `${name}!journal`;
  }

  /** Opens the store with this name. Every call gets the same one. */
  static open(store: AsyncStorageLike, name = 'hale'): Promise<PhoneStorage> {
    const stores = opened.get(store) ?? new Map<string, Promise<PhoneStorage>>();
    opened.set(store, stores);
    const opening = stores.get(name) ?? PhoneStorage.load(store, name);
    stores.set(name, opening);
    opening.catch(() => stores.delete(name));
    return opening;
  }

  private static async load(store: AsyncStorageLike, name: string): Promise<PhoneStorage> {
    const map = new SortedMap<Value>();
    const storage = new PhoneStorage(store, name, map);
    await storage.recover();
    const prefix = `${name}:`;
    const all = await store.getAllKeys();
    // A crash can leave parts of the journal. They are not needed any more, and have data that somebody may have removed.
    await storage.write(all.filter((key) => key.startsWith(`${storage.journal}/`)).map((key) => [key, null]));
    const keys = all.filter((key) => key.startsWith(prefix));
    for (const [key, text] of await storage.read(keys))
      if (text !== null) map.set(key.slice(prefix.length), JSON.parse(text) as Value);
    return storage;
  }

  protected override async keep(changes: Changes): Promise<void> {
    if (this.isBehind) await this.recover();
    const pairs = [...changes].map(([key, value]): Pair => [
      `${this.name}:${key}`,
      value === null ? null : JSON.stringify(value),
    ]);
    // One value is written completely or not at all, so it needs no journal.
    if (pairs.length === 1) return this.write(pairs);
    const parts = await this.note(JSON.stringify(pairs));
    // The journal has the transaction, so it takes effect, now or before the next one.
    this.isBehind = true;
    await this.apply(pairs, parts).catch(() => undefined);
  }

  /** Completes the transaction of the journal. */
  private async recover(): Promise<void> {
    const marker = await this.store.getItem(this.journal);
    if (marker !== null) {
      const { parts } = JSON.parse(marker) as Journal;
      const texts = await this.read(this.partsOf(parts));
      await this.apply(JSON.parse(texts.map(([, text]) => text ?? '').join('')) as Pair[], parts);
    }
    this.isBehind = false;
  }

  /** @returns the number of parts of the journal. */
  private async note(text: string): Promise<number> {
    const parts = Math.ceil(text.length / PART);
    await this.write(
      this.partsOf(parts).map((key, index) => [key, text.slice(index * PART, (index + 1) * PART)]),
    );
    await this.store.setItem(this.journal, JSON.stringify({ parts } satisfies Journal));
    return parts;
  }

  private async apply(pairs: readonly Pair[], parts: number): Promise<void> {
    await this.write(pairs);
    await this.store.removeItem(this.journal);
    this.isBehind = false;
    // The parts have copies of the values, which must not outlast their keys.
    await this.write(this.partsOf(parts).map((key) => [key, null]));
  }

  private partsOf(count: number): string[] {
    return Array.from({ length: count }, (_, index) => `${this.journal}/${index}`);
  }

  private async read(keys: readonly string[]): Promise<Pair[]> {
    const { store } = this;
    const read: Pair[] = [];
    for (const some of chunks(keys))
      if (store.multiGet) for (const [key, text] of await store.multiGet(some)) read.push([key, text]);
      else
        read.push(
          ...(await Promise.all(some.map(async (key): Promise<Pair> => [key, await store.getItem(key)]))),
        );
    return read;
  }

  private async write(pairs: readonly Pair[]): Promise<void> {
    const { store } = this;
    const isSet = (pair: Pair): pair is [string, string] => pair[1] !== null;
    for (const some of chunks(pairs)) {
      const set = some.filter(isSet);
      const removed = some.flatMap((pair) => (isSet(pair) ? [] : [pair[0]]));
      if (store.multiSet && set.length > 1) await store.multiSet(set);
      else await Promise.all(set.map(([key, text]) => store.setItem(key, text)));
      if (store.multiRemove && removed.length > 1) await store.multiRemove(removed);
      else await Promise.all(removed.map((key) => store.removeItem(key)));
    }
  }
}

function chunks<T>(list: readonly T[]): T[][] {
  const count = Math.ceil(list.length / AT_ONCE);
  return Array.from({ length: count }, (_, index) => list.slice(index * AT_ONCE, (index + 1) * AT_ONCE));
}
