import { append, moveToEnd } from './edits.js';
import { CONFLICT, writable } from './kinds.js';
import { isUpload, linked } from './outbox.js';
import type { KindDefinition } from './rules.js';
import type { Runtime } from './runtime.js';
import { type Meta, newestSeq, type OutboxRow, type RecordRow, rowOf, type UserStore } from './store.js';
import type { Change, Fields, Result } from './wire.js';

type Source = Pick<Runtime, 'now' | 'bytes'>;

/** The epoch of the server's changes, and the bootstrap that they belong to. */
export interface Context {
  readonly epoch: string;
  readonly reset?: Meta['reset'];
  readonly seen?: string;
}

/** Stores the server's state of a record, unless a newer one is already stored. */
export async function applyChange(
  store: UserStore,
  runtime: Source,
  change: Change,
  { epoch, reset, seen }: Context,
): Promise<boolean> {
  const old = await store.record(change.kind, change.id);
  const mark = seen === undefined ? {} : { seen };
  if (old?.epoch === epoch && isStale(old, change)) {
    // A newer edit with the same values does not get a new seq.
    const modified_at = change.seq === old.seq ? change.modified_at : old.modified_at;
    await store.putRecord({ ...old, modified_at, ...mark });
    return false;
  }
  const rules = await store.rulesOf(change.kind);
  if (old && old.epoch !== epoch && outlives(old, change, reset, rules))
    await recreate(store, runtime, old, { base: isAncestor(change, reset) ? change.version : undefined });
  const edits = await store.editsOf(change.kind, change.id);
  const isKnown = old?.epoch === epoch && old.version === change.version && !old.unseen;
  const unseen = edits.length > 0 && !isKnown;
  const holds = unseen && heldBy(rules, change, old);
  await store.putRecord(
    rowOf(change, epoch, {
      ...mark,
      ...(unseen && { unseen }),
      ...(holds && { holds }),
      ...(change.deleted && {
        deleted_on: runtime.now(),
        data: edits.length > 0 ? (old?.data ?? null) : null,
      }),
    }),
  );
  return true;
}

/** The fields of a prevailing value that the person has not seen before, the one that decides first. */
function heldBy(
  { groups, prevails }: Partial<KindDefinition> = {},
  { data }: Change,
  old: RecordRow | undefined,
): string[] | undefined {
  const { field = '', value } = prevails ?? {};
  const group = groups?.find((names) => names.includes(field));
  if (!group || data?.[field] !== value) return undefined;
  const shown = (fields: Fields | null = null) => JSON.stringify(group.map((name) => fields?.[name] ?? null));
  return !old?.holds && shown(old?.data) === shown(data) ? undefined : [field, ...group];
}

/** Answers arrive in any order: an acknowledged edit is newer than a page that was read before it. */
const isStale = (old: RecordRow, { seq }: Change): boolean =>
  BigInt(seq) <= BigInt(old.seq) || BigInt(seq) < BigInt(old.acked ?? 0);

/**
 * Whether a restored server lost this state and has an older one. Times cannot decide between two live states: a record
 * has groups of fields, and an older edit of one group may have arrived after a newer edit of another.
 */
function outlives(
  old: RecordRow,
  change: Change,
  reset: Meta['reset'],
  rules: KindDefinition | undefined,
): boolean {
  if (old.kind === CONFLICT) return false;
  const isAfterBase = reset !== undefined && newestSeq(old) > BigInt(reset.base);
  if (!old.orphan && !old.deleted && !change.deleted) return isAfterBase && differs(old, change, rules);
  // At equal times the deletion wins.
  const isNewer =
    old.modified_at > change.modified_at || (old.modified_at === change.modified_at && old.deleted);
  return isNewer && (old.orphan ? !change.deleted : isAfterBase);
}

const differs = (old: RecordRow, change: Change, rules: KindDefinition | undefined): boolean =>
  JSON.stringify(fieldsOf(rules, old.data)) !== JSON.stringify(fieldsOf(rules, change.data));

/** The entered fields, in a fixed order. */
const fieldsOf = (rules: KindDefinition | undefined, data: object | null | undefined): [string, unknown][] =>
  Object.entries(writable(rules, { ...data })).toSorted(([a], [b]) => (a < b ? -1 : 1));

/** Whether the server's state is one that the local state was made from. */
const isAncestor = ({ seq, deleted }: Change, reset: Meta['reset']): boolean =>
  reset !== undefined && !deleted && BigInt(seq) <= BigInt(reset.base);

/** What the server has of a record; `base` is the version of a state from which the lost one was made. */
interface Stored {
  readonly base: number | undefined;
}

/**
 * Sends a state again that a restored server lost: first the record with its original time, then the waiting edits. They
 * follow it in the order of one client, so they count as edits of it, unless they were made without having seen it.
 */
export async function recreate(
  store: UserStore,
  runtime: Source,
  row: RecordRow,
  stored?: Stored,
): Promise<void> {
  const { kind, id, modified_at, unseen } = row;
  const edits = await waitingOn(store, kind, id);
  const rules = await store.rulesOf(kind);
  for (const edit of lostEdits(row, stored, rules))
    await append(store, runtime, { kind, id, ...edit, modified_at, ...(unseen && { unseen }) });
  for (const { base_version, ...edit } of edits) {
    const isOther = edit.kind !== kind || edit.id !== id;
    await moveToEnd(store, runtime, {
      ...edit,
      attempts: 0,
      ...(isOther && base_version !== undefined && { base_version }),
    });
  }
}

/**
 * The edits that bring a lost state back. The server takes a creation under an id of a source for what the source says, and the
 * next upload would displace what a person has corrected since. So only the first version of such a record is created with it.
 */
function lostEdits(
  { deleted, data, version }: RecordRow,
  stored: Stored | undefined,
  rules: KindDefinition | undefined,
): Pick<OutboxRow, 'op' | 'fields' | 'base_version'>[] {
  const base = stored?.base !== undefined && { base_version: stored.base };
  if (deleted) return [{ op: 'delete', ...base }];
  const fields = writable(rules, { ...data });
  const create = { op: 'create', fields } as const;
  const update = { op: 'update', fields, ...base } as const;
  if (base || (stored && isUpload(create))) return [update];
  if (!isUpload(create) || version === 1) return [create];
  return [{ op: 'create', fields: { ...fields, external_id: null } }, update];
}

/** The waiting edits of a record, with all edits that must be sent together with them. */
async function waitingOn(store: UserStore, kind: string, id: string): Promise<OutboxRow[]> {
  const own = (await store.editsOf(kind, id)).filter(({ state }) => state !== 'rejected');
  if (own.every(({ group_id }) => group_id === undefined)) return own;
  return linked(await store.outbox(), (row) => row.kind === kind && row.id === id);
}

/** The server accepted an edit and stores the sent values. Derived values arrive with the next pull. */
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
    // If a version in between is missing here, the next edit is not based on the newest version.
    version: isNext ? version : (copy?.version ?? 0),
    deleted,
    // The server may have corrected the time of a wrong clock.
    modified_at: modified_at ?? sent?.modified_at ?? copy?.modified_at ?? new Date(now).toISOString(),
    ...(copy?.updated_at !== undefined && { updated_at: copy.updated_at }),
    data: deleted ? null : { ...copy?.data, ...fields },
    ...(copy?.seen !== undefined && { seen: copy.seen }),
    ...(copy?.unseen && { unseen: true }),
    ...(deleted && { deleted_on: now }),
  });
}
