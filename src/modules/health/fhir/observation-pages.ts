import { Keyset, type Position } from '../../../kernel/http/keyset.js';
import { readPage } from '../../../kernel/http/page-reader.js';
import { instantText } from '../../../platform/database/database.js';
import { TimeSlice } from '../../../platform/time-slice.js';
import { compareText } from '../health-metrics/reading-merge.js';
import type { FhirResource } from './fhir.dto.js';

/** A resource, and its place in the list. */
export interface Observed {
  /** The instant that sorts it, as the database stores it. */
  readonly at: string;
  /** The rank of its table. */
  readonly rank: number;
  readonly resource: FhirResource;
}

/** Reads the resources of one table after a position. */
export type ReadObserved = (after: Position | undefined, count: number) => Promise<Observed[]>;

const COLUMNS = [
  { sql: 'at', holds: 'instant' },
  { sql: 'rank', holds: 'integer' },
  { sql: 'id', holds: 'text' },
] as const;

/**
 * One page of resources of several tables.
 * @param list what makes the list different from others: a cursor of another list is refused.
 */
export async function observationPage(
  list: readonly unknown[],
  { limit, cursor }: { readonly limit: number; readonly cursor?: string | undefined },
  tables: readonly ReadObserved[],
): Promise<{ readonly resources: FhirResource[]; readonly next: string | undefined }> {
  const { rows, next } = await readPage(
    new Keyset(list, COLUMNS, 'DESC'),
    { limit, offset: 0, cursor },
    {
      bytesOf: ({ resource }: Observed) => Buffer.byteLength(JSON.stringify(resource)),
      positionOf: ({ at, rank, resource }) => [at, rank, resource.id],
      read: async ({ after }, count) => {
        const found = await Promise.all(tables.map((read) => read(after, count)));
        return found.flat().toSorted(newestFirst).slice(0, count);
      },
    },
  );
  return { resources: rows.map(({ resource }) => resource), next };
}

const newestFirst = (a: Observed, b: Observed): number =>
  compareText(b.at, a.at) || b.rank - a.rank || compareText(b.resource.id, a.resource.id);

/** The rows as resources. A night has hundreds of stages, so other requests are served between. */
export async function observed<Row>(
  rows: readonly Row[],
  rank: number,
  instantOf: (row: Row) => Date,
  present: (row: Row) => FhirResource,
): Promise<Observed[]> {
  const slice = new TimeSlice();
  const all: Observed[] = [];
  for (const row of rows) {
    all.push({ at: instantText(instantOf(row)), rank, resource: present(row) });
    if (slice.isOver) await slice.next();
  }
  return all;
}
