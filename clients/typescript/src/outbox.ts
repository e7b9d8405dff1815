import type { Device, OutboxRow } from './store.js';
import type { Fields, Mutation, Operation } from './wire.js';

/** An edit as the app makes it. */
export interface Edit {
  readonly kind: string;
  readonly id: string;
  readonly op: Operation;
  readonly fields?: Fields;
}

/** What becomes of the last waiting edit of a record when another one follows. */
export type Coalesced =
  | { readonly kind: 'append' }
  | { readonly kind: 'drop' }
  | { readonly kind: 'merge'; readonly op: Operation; readonly fields?: Fields };

const APPEND: Coalesced = { kind: 'append' };

/**
 * Two edits of one record become one while the first was never sent, or was refused: what may be with the server is
 * not touched any more.
 * @param isLive whether the server has the record.
 */
export function coalesce(last: OutboxRow, next: Pick<Edit, 'op' | 'fields'>, isLive: boolean): Coalesced {
  if (!isOpen(last)) return APPEND;
  if (next.op === 'delete') {
    if (last.op === 'create' && !isLive) return { kind: 'drop' };
    return { kind: 'merge', op: 'delete' };
  }
  // A record that is made again needs all its fields: an edit of its own. A deletion that was refused has not been.
  if (last.op === 'delete')
    return last.state === 'rejected' ? { kind: 'merge', op: 'create', fields: { ...next.fields } } : APPEND;
  const op = last.op === 'create' ? 'create' : next.op;
  return { kind: 'merge', op, fields: { ...last.fields, ...next.fields } };
}

/** Whether its body may change still. */
const isOpen = ({ state, sent, group_id, modified_at }: OutboxRow): boolean =>
  state === 'rejected' ||
  (state === 'pending' && !sent && group_id === undefined && modified_at === undefined);

/**
 * The body as it is sent, now and whenever it is repeated. Its time is that of the edit, whatever went before: edits of
 * one client follow each other by number, and a later time would put it above newer edits of other clients.
 */
export function freeze(row: OutboxRow, { server_offset }: Device, now: number): Mutation {
  // A clock that was set back since would date the edit into the future.
  const time = Math.min(row.edited_at, now) + server_offset;
  return {
    mutation_id: row.mutation_id,
    client_seq: row.client_seq,
    kind: row.kind,
    id: row.id,
    op: row.op,
    ...(row.base_version !== undefined && { base_version: row.base_version }),
    modified_at: row.modified_at ?? new Date(time).toISOString(),
    ...(row.fields && { fields: row.fields }),
    ...(row.group_id !== undefined && { group_id: row.group_id }),
  };
}

/**
 * The first edits that can travel together: in their order, one a record, groups whole. A second edit of a record
 * waits for the answer to the first, so that a refusal of the first can be put right by the second.
 */
export function cutBatch(rows: readonly OutboxRow[], size: number): OutboxRow[] {
  const batch: OutboxRow[] = [];
  const records = new Set<string>();
  for (const unit of unitsOf(rows)) {
    const keys = unit.map(recordOf);
    if (batch.length > 0 && (batch.length + unit.length > size || keys.some((key) => records.has(key))))
      break;
    batch.push(...unit);
    keys.forEach((key) => records.add(key));
  }
  return batch;
}

/**
 * What must not be parted from some edits: the others of their groups, what was entered on top of any of them, and so
 * on. In their order.
 */
export function linked(rows: readonly OutboxRow[], isSeed: (row: OutboxRow) => boolean): OutboxRow[] {
  const found = new Set(rows.filter(isSeed));
  for (let size = 0; size < found.size;) {
    size = found.size;
    const groups = new Set([...found].flatMap(({ group_id }) => group_id ?? []));
    const records = new Set<string>();
    for (const row of rows) {
      const isInGroup = row.group_id !== undefined && groups.has(row.group_id);
      if (isInGroup || records.has(recordOf(row))) found.add(row);
      if (found.has(row)) records.add(recordOf(row));
    }
  }
  return rows.filter((row) => found.has(row));
}

const recordOf = ({ kind, id }: OutboxRow): string => `${kind}/${id}`;

function unitsOf(rows: readonly OutboxRow[]): OutboxRow[][] {
  const units: OutboxRow[][] = [];
  for (const row of rows) {
    const last = units.at(-1);
    if (last && row.group_id !== undefined && last[0]?.group_id === row.group_id) last.push(row);
    else units.push([row]);
  }
  return units;
}
