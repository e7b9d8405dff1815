import type { Keyset, Position } from './keyset.js';
import { PAGE_BYTES, type Place } from './paging.js';

/** Rows of the first read. Their size is not known yet, and all of them must fit into memory. */
const FIRST_ROWS = 100;

/** Where a read starts: after a row, or at the beginning of the list and some rows further. */
export interface Start {
  readonly after: Position | undefined;
  readonly offset: number;
}

/** How the rows of a list are read, and how large they are in an answer. */
export interface RowSource<Row> {
  /** Reads up to `count` rows in the order of the list. */
  readonly read: (start: Start, count: number) => Promise<Row[]>;
  /** The values by which the row is sorted. */
  readonly positionOf: (row: Row) => Position;
  /** About how many bytes a row has, or what no row exceeds. A full page of small rows is not measured. */
  readonly bytesOf: number | ((row: Row) => number);
  /** What no row exceeds; undefined if that is not known, or is `bytesOf`. */
  readonly mostBytes?: number;
}

interface Rows<Row> {
  readonly rows: Row[];
  /** The cursor of the next page; undefined when the list ends here. */
  readonly next: string | undefined;
}

/**
 * Reads the rows of one page: at most `limit`, and about 1 MiB of them, but at least one. A page of small rows takes one
 * read. Of larger rows, each further read asks for as many as fit by the size of those that came.
 * @throws Problem `validation` for a cursor of another list
 */
export async function readPage<Row>(
  keyset: Keyset,
  place: Place,
  { read, positionOf, ...size }: RowSource<Row>,
): Promise<Rows<Row>> {
  const start = { after: keyset.start(place), offset: place.offset };
  const page = await fill(place.limit, size, (last, count) =>
    read(last ? { after: positionOf(last), offset: 0 } : start, count),
  );
  const last = page.hasMore ? page.rows.at(-1) : undefined;
  return { rows: page.rows, next: last && keyset.next(positionOf(last)) };
}

async function fill<Row>(
  limit: number,
  {
    bytesOf,
    mostBytes = typeof bytesOf === 'number' ? bytesOf : Infinity,
  }: Pick<RowSource<Row>, 'bytesOf' | 'mostBytes'>,
  read: (last: Row | undefined, count: number) => Promise<Row[]>,
): Promise<{ rows: Row[]; hasMore: boolean }> {
  if (limit * mostBytes <= PAGE_BYTES) {
    const rows = await read(undefined, limit + 1);
    return { rows: rows.slice(0, limit), hasMore: rows.length > limit };
  }
  const measure = typeof bytesOf === 'number' ? () => bytesOf : bytesOf;
  const rows: Row[] = [];
  let bytes = 0;
  for (;;) {
    const fitting = rows.length === 0 ? FIRST_ROWS : Math.ceil((PAGE_BYTES - bytes) / (bytes / rows.length));
    // One more shows whether the list goes on.
    const wanted = Math.min(limit - rows.length, fitting) + 1;
    const found = await read(rows.at(-1), wanted);
    for (const row of found) {
      bytes += measure(row);
      if (rows.length === limit || (bytes > PAGE_BYTES && rows.length > 0)) return { rows, hasMore: true };
      rows.push(row);
    }
    if (found.length < wanted) return { rows, hasMore: false };
  }
}
