const MAX_BATCH = 500;

/**
 * The ids in parts for an IN list, each filled up to a power of two with its last one: a statement for every length
 * would push all others out of the cache of prepared ones.
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
