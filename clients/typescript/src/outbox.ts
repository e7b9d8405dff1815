import type { Device, OutboxRow } from './store.js';
import type { Fields, Mutation, Operation } from './wire.js';

/** An edit as the app makes it. */
export interface Edit {
  readonly kind: string;
  readonly id: string;
  readonly op: Operation;
  readonly fields?: Fields;
}

/** What happens to the last waiting edit of a record when another one follows. */
export type Coalesced =
  | { readonly kind: 'append' }
  | { readonly kind: 'drop' }
  | { readonly kind: 'merge'; readonly op: Operation; readonly fields?: Fields };

const APPEND: Coalesced = { kind: 'append' };

/** Whether an edit tells what a source knows: it creates a record under an id of the source. */
export const isUpload = ({ op, fields }: Pick<Edit, 'op' | 'fields'>): boolean =>
  op === 'create' && fields?.['external_id'] != null;

/**
 * Merges two edits of one record while the first was never sent, or was refused. An edit that the server may have must not
 * change. What a source says and what a person says remain two edits: the server keeps what a person typed, and must be able to
 * tell them apart. Only an upload that was refused is merged with the person's correction, because without it the server has no
 * record to correct.
 * @param isLive whether the server has the record.
 */
export function coalesce(last: OutboxRow, next: Pick<Edit, 'op' | 'fields'>, isLive: boolean): Coalesced {
  if (!isOpen(last)) return APPEND;
  const isRefusedUpload = last.state === 'rejected' && isUpload(last);
  if (isUpload(last) !== isUpload(next) && last.op !== 'delete' && !isRefusedUpload) return APPEND;
  if (next.op === 'delete') {
    if (last.op === 'create' && !isLive) return { kind: 'drop' };
    return { kind: 'merge', op: 'delete' };
  }
  // A record that is created again needs all its fields, so that is a separate edit. A refused deletion did not take effect.
  if (last.op === 'delete')
    return last.state === 'rejected' ? { kind: 'merge', op: 'create', fields: { ...next.fields } } : APPEND;
  const op = last.op === 'create' ? 'create' : next.op;
  return { kind: 'merge', op, fields: { ...last.fields, ...next.fields } };
}

/** Whether the body of the edit may still change. */
const isOpen = ({ state, sent, group_id, modified_at }: OutboxRow): boolean =>
  state === 'rejected' ||
  (state === 'pending' && !sent && group_id === undefined && modified_at === undefined);

/**
 * The body that is sent, also on every retry. Its time is that of the edit itself: edits of one client are ordered by number,
 * and a later time would win against newer edits of other clients.
 */
export function freeze(row: OutboxRow, { server_offset }: Device, now: number): Mutation {
  // If the clock was set back since the edit, the edit would be dated in the future.
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
    ...(row.unseen && { unseen: true }),
  };
}

/**
 * The first edits that can be sent together: in their order, one per record, with complete groups. A second edit of a record
 * waits for the answer to the first, so that it can correct a refusal of the first.
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
 * All edits that must be sent together with the given ones: the others of their groups, the edits on top of any of these, and so
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
