const MAX_BATCH = 500;

/**
 * Splits ids into parts for IN lists. Each part repeats its last id until its length is a power of two. So there are few
 * different statements, and they do not fill the cache of prepared statements.
 */
export const batchesOf = (ids: readonly string[]): string[][] =>
  slicesOf(ids, MAX_BATCH).map((batch) => {
    const length = Math.min(MAX_BATCH, 2 ** Math.ceil(Math.log2(batch.length)));
    const last = batch.at(-1) ?? '';
    return [...batch, ...Array.from({ length: length - batch.length }, () => last)];
  });

/** Splits a list into slices of at most `size`, such as the rows of one INSERT. */
export const slicesOf = <Item>(items: readonly Item[], size: number): Item[][] =>
  Array.from({ length: Math.ceil(items.length / size) }, (_, at) => items.slice(at * size, (at + 1) * size));
