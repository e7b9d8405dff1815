const MAX_BATCH = 500;

/**
 * Splits ids, or other keys, into parts for IN lists. Each part repeats its last key until its length is a power of two. So there are few
 * different statements, and they do not fill the cache of prepared statements.
 */
export const batchesOf = <Key extends string | number>(keys: readonly Key[]): Key[][] =>
  slicesOf(keys, MAX_BATCH).map((batch) => {
    const length = Math.min(MAX_BATCH, 2 ** Math.ceil(Math.log2(batch.length)));
    return [...batch, ...Array<Key>(length - batch.length).fill(batch.at(-1) as Key)];
  });

/** Splits a list into slices of at most `size`, such as the rows of one INSERT. */
export const slicesOf = <Item>(items: readonly Item[], size: number): Item[][] =>
  Array.from({ length: Math.ceil(items.length / size) }, (_, at) => items.slice(at * size, (at + 1) * size));
