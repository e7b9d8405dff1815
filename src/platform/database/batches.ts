const MAX_BATCH = 500;

/**
 * Splits ids into parts for IN lists. Each part repeats its last id until its length is a power of two. So there are few
 * different statements, and they do not fill the cache of prepared statements.
 */
export function batchesOf(ids: readonly string[]): string[][] {
  const batches: string[][] = [];
  for (let start = 0; start < ids.length; start += MAX_BATCH) {
    const batch = ids.slice(start, start + MAX_BATCH);
    const length = Math.min(MAX_BATCH, 2 ** Math.ceil(Math.log2(batch.length)));
    const last = batch.at(-1) ?? '';
    batches.push([...batch, ...Array.from({ length: length - batch.length }, () => last)]);
  }
  return batches;
}
