/** How many records of one kind an owner stores. */
export interface KindCount {
  readonly live: number;
  /** Tombstones that were not purged yet. */
  readonly deleted: number;
}

/** The counts by kind. A kind without an entry has no record. */
export type RecordCounts = Readonly<Record<string, KindCount>>;

/** What a record is: stored and live, stored and deleted, or not stored. */
export type Life = 'live' | 'deleted' | undefined;

export const NO_RECORDS: KindCount = { live: 0, deleted: 0 };

/** The counts after records of the kind went from one state to another; one of them by default. */
export function moveCount(
  counts: RecordCounts,
  kind: string,
  before: Life,
  after: Life,
  size = 1,
): RecordCounts {
  if (before === after || size === 0) return counts;
  const { live, deleted } = counts[kind] ?? NO_RECORDS;
  return {
    ...counts,
    [kind]: {
      live: live + size * (Number(after === 'live') - Number(before === 'live')),
      deleted: deleted + size * (Number(after === 'deleted') - Number(before === 'deleted')),
    },
  };
}

/** The sums over all kinds. */
export const totalOf = (counts: RecordCounts): KindCount =>
  Object.values(counts).reduce(
    (total, { live, deleted }) => ({ live: total.live + live, deleted: total.deleted + deleted }),
    NO_RECORDS,
  );

/** The text that is stored in the owner's sequence row; null when the records have to be counted again. */
export const writeRecordCounts = (counts: RecordCounts | undefined): string | null =>
  counts === undefined
    ? null
    : JSON.stringify(
        Object.fromEntries(
          Object.entries(counts).map(([kind, { live, deleted }]) => [kind, [live, deleted]]),
        ),
      );

export const readRecordCounts = (text: string | null): RecordCounts | undefined =>
  text === null
    ? undefined
    : Object.fromEntries(
        Object.entries(JSON.parse(text) as Record<string, [number, number]>).map(
          ([kind, [live, deleted]]) => [kind, { live, deleted }],
        ),
      );
