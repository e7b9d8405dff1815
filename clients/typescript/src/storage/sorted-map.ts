import { endOf } from './storage.js';

/** A map with its keys in order. */
export class SortedMap<V> {
  private readonly values = new Map<string, V>();
  private readonly keys: string[] = [];

  get size(): number {
    return this.keys.length;
  }

  get(key: string): V | undefined {
    return this.values.get(key);
  }

  set(key: string, value: V): void {
    if (!this.values.has(key)) this.keys.splice(this.place(key), 0, key);
    this.values.set(key, value);
  }

  delete(key: string): void {
    if (this.values.delete(key)) this.keys.splice(this.place(key), 1);
  }

  keysFrom(prefix: string, limit = Infinity): string[] {
    const start = this.place(prefix);
    return this.keys.slice(start, Math.min(this.place(endOf(prefix)), start + limit));
  }

  entries(): [string, V][] {
    return this.keys.map((key) => [key, this.values.get(key) as V]);
  }

  /** The index of the key, or the index where it would be inserted. */
  private place(key: string): number {
    let [low, high] = [0, this.keys.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.keys[middle] as string) < key) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
