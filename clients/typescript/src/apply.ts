import { append, moveToEnd } from './edits.js';
import { CONFLICT, writable } from './kinds.js';
import { linked } from './outbox.js';
import type { Runtime } from './runtime.js';
import { type Meta, newestSeq, type OutboxRow, type RecordRow, rowOf, type UserStore } from './store.js';
import type { Change, Result } from './wire.js';

type Source = Pick<Runtime, 'now' | 'bytes'>;

/** Under what the server's words are taken: the epoch they count in, and the bootstrap they belong to. */
export interface Context {
  readonly epoch: string;
  readonly reset?: Meta['reset'];
  readonly seen?: string;
}

/** Takes over the server's state of a record, unless a newer one is here already. */
export async function applyChange(
  store: UserStore,
  runtime: Source,
  change: Change,
  { epoch, reset, seen }: Context,
): Promise<boolean> {
  const old = await store.record(change.kind, change.id);
  const mark = seen === undefined ? {} : { seen };
  if (old?.epoch === epoch && isStale(old, change)) {
    // A newer edit that says the same has no place of its own in the order.
    const modified_at = change.seq === old.seq ? change.modified_at : old.modified_at;
    await store.putRecord({ ...old, modified_at, ...mark });
    return false;
  }
  if (old && old.epoch !== epoch && outlives(old, change, reset))
    await recreate(store, runtime, old, isAncestor(change, reset) ? change.version : undefined);
  const edits = await store.editsOf(change.kind, change.id);
  await store.putRecord(
    rowOf(change, epoch, {
      ...mark,
      ...(change.deleted && {
        deleted_on: runtime.now(),
        data: edits.length > 0 ? (old?.data ?? null) : null,
      }),
    }),
  );
  return true;
}

/** Answers arrive in any order; an own edit that was taken is newer than a page read before it. */
const isStale = (old: RecordRow, { seq }: Change): boolean =>
  BigInt(seq) <= BigInt(old.seq) || BigInt(seq) < BigInt(old.acked ?? 0);

/**
 * Whether a restored server lost this state, and holds an older one. Of two live states one time cannot tell: a record
 * has groups of fields, and an older edit of one may have come after a newer edit of another.
 */
function outlives(old: RecordRow, change: Change, reset: Meta['reset']): boolean {
  if (old.kind === CONFLICT) return false;
  const isAfterBase = reset !== undefined && newestSeq(old) > BigInt(reset.base);
  if (!old.orphan && !old.deleted && !change.deleted) return isAfterBase && differs(old, change);
  // At one time a deletion holds.
  const isNewer =
    old.modified_at > change.modified_at || (old.modified_at === change.modified_at && old.deleted);
  return isNewer && (old.orphan ? !change.deleted : isAfterBase);
}

const differs = (old: RecordRow, change: Change): boolean =>
  JSON.stringify(fieldsOf(old.kind, old.data)) !== JSON.stringify(fieldsOf(old.kind, change.data));

/** What a person entered, in one order. */
const fieldsOf = (kind: string, data: object | null | undefined): [string, unknown][] =>
  Object.entries(writable(kind, { ...data })).toSorted(([a], [b]) => (a < b ? -1 : 1));

/** Whether the server's state is one that the state here was made from. */
const isAncestor = ({ seq, deleted }: Change, reset: Meta['reset']): boolean =>
  reset !== undefined && !deleted && BigInt(seq) <= BigInt(reset.base);

/**
 * Says again to a restored server what it knew: the record at the time it was made, then the waiting edits. As the next
 * ones of one client they count as made on it.
 */
export async function recreate(
  store: UserStore,
  runtime: Source,
  { kind, id, deleted, data, modified_at }: RecordRow,
  base?: number,
): Promise<void> {
  const edits = await waitingOn(store, kind, id);
  await append(store, runtime, {
    kind,
    id,
    op: deleted ? 'delete' : base === undefined ? 'create' : 'update',
    ...(base !== undefined && { base_version: base }),
    ...(!deleted && { fields: writable(kind, { ...data }) }),
    modified_at,
  });
  for (const { base_version, ...edit } of edits) {
    const isOther = edit.kind !== kind || edit.id !== id;
    await moveToEnd(store, runtime, {
      ...edit,
      attempts: 0,
      ...(isOther && base_version !== undefined && { base_version }),
    });
  }
}

/** Edits of a record that wait, with all that must not be parted from them. */
async function waitingOn(store: UserStore, kind: string, id: string): Promise<OutboxRow[]> {
  const own = (await store.editsOf(kind, id)).filter(({ state }) => state !== 'rejected');
  if (own.every(({ group_id }) => group_id === undefined)) return own;
  return linked(await store.outbox(), (row) => row.kind === kind && row.id === id);
}

/** The server took an edit, and holds what was sent. Everything it worked out besides comes with the next pull. */
export async function acknowledge(
  store: UserStore,
  { kind, id, op, fields, sent }: OutboxRow,
  { seq, version, modified_at }: Result,
  epoch: string,
  now: number,
): Promise<void> {
  const old = await store.record(kind, id);
  const copy = old?.epoch === epoch ? old : undefined;
  const isNext = version === (copy?.version ?? 0) + 1;
  const deleted = op === 'delete';
  await store.putRecord({
    kind,
    id,
    seq: copy?.seq ?? '0',
    ...(seq !== undefined && { acked: seq }),
    epoch,
    // With a version in between that is not here yet, the next edit is not made on the newest one.
    version: isNext ? version : (copy?.version ?? 0),
    deleted,
    // A clock ahead was held back, and one behind made up for.
    modified_at: modified_at ?? sent?.modified_at ?? copy?.modified_at ?? new Date(now).toISOString(),
    ...(copy?.updated_at !== undefined && { updated_at: copy.updated_at }),
    data: deleted ? null : { ...copy?.data, ...fields },
    ...(copy?.seen !== undefined && { seen: copy.seen }),
    ...(deleted && { deleted_on: now }),
  });
}
