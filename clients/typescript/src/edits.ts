import { asId, uuidv7 } from './ids.js';
import { viewOf } from './merge/view.js';
import { coalesce, type Edit } from './outbox.js';
import { HaleError } from './problem.js';
import type { Runtime } from './runtime.js';
import { type OutboxRow, readDevice, type UserStore, writeDevice } from './store.js';
import type { Fields } from './wire.js';

type Source = Pick<Runtime, 'now' | 'bytes'>;

/** What the server takes in one request, and so as one group. */
const MOST = 100;

/**
 * Puts edits into the outbox; more than one go to the server as a group, all or none.
 * @returns the kinds of all that is another now: with a refused edit comes all of its group.
 * @throws HaleError `not-found`, `too-many-edits`
 */
export async function enter(
  store: UserStore,
  runtime: Source,
  edits: readonly Edit[],
): Promise<ReadonlySet<string>> {
  const group = edits.length > 1 ? uuidv7(runtime) : undefined;
  const corrected: OutboxRow[] = [];
  for (const edit of edits)
    corrected.push(...(await enterOne(store, runtime, { ...edit, id: asId(edit.id) }, group)));
  const kinds = new Set(edits.map(({ kind }) => kind));
  for (const row of corrected)
    for (const { kind } of await requeue(store, runtime, row, group)) kinds.add(kind);
  const isLarge = edits.length > MOST || (group !== undefined && corrected.length > 0);
  const size = isLarge ? (await store.outbox()).filter(({ group_id }) => group_id === group).length : 0;
  if (size > MOST) throw new HaleError('too-many-edits', `at most ${MOST} edits go together`);
  return kinds;
}

/** @returns the refused edit that is another one now, and can go again. */
async function enterOne(
  store: UserStore,
  runtime: Source,
  edit: Edit,
  group: string | undefined,
): Promise<OutboxRow[]> {
  const { kind, id } = edit;
  const copy = await store.record(kind, id);
  const rows = await store.editsOf(kind, id);
  const isShown = viewOf(copy, rows) !== undefined;
  if (edit.op === 'delete' && !isShown) return [];
  if (edit.op === 'update' && !isShown) throw new HaleError('not-found', `there is no ${kind} ${id}`);
  const isLive = copy !== undefined && !copy.deleted;
  const last = rows.at(-1);
  // What was refused is not with the server: an edit on top of it needs all of it, also in a group.
  const isOpen = group === undefined || last?.state === 'rejected';
  const merged = last && isOpen ? coalesce(last, edit, isLive) : undefined;
  if (last && merged?.kind === 'drop') await store.dropEdit(last);
  else if (last && merged?.kind === 'merge') {
    await giveWay(store, await change(store, last, { ...merged, edited_at: runtime.now() }), false);
    return last.state === 'rejected' ? [last] : [];
  } else {
    const { epoch } = await store.meta();
    // During a reset a copy still counts in the epoch that ended.
    const hasBase = isLive && copy.version > 0 && copy.epoch === epoch && edit.op !== 'create';
    const added = await append(store, runtime, {
      ...edit,
      ...(hasBase && { base_version: copy.version }),
      ...(group !== undefined && { group_id: group }),
    });
    await giveWay(store, added, false);
  }
  return [];
}

type Draft = Edit & Pick<Partial<OutboxRow>, 'base_version' | 'group_id' | 'modified_at' | 'edited_at'>;

/** A new edit at the end of the outbox. */
export async function append(store: UserStore, runtime: Source, draft: Draft): Promise<OutboxRow> {
  const place = await takePlace(store, runtime);
  const row: OutboxRow = { edited_at: runtime.now(), ...draft, ...place, state: 'pending', attempts: 0 };
  await store.putEdit(row);
  return row;
}

/** Gives an edit another body, where it is. */
export async function change(
  store: UserStore,
  row: OutboxRow,
  { op, fields, edited_at }: Pick<OutboxRow, 'op' | 'fields' | 'edited_at'>,
): Promise<OutboxRow> {
  const { fields: _, ...rest } = row;
  const changed = { ...rest, op, ...(fields && { fields }), edited_at };
  await store.putEdit(changed);
  return changed;
}

/**
 * Sends a refused edit again, as an edit the server has not seen; and with it all of its group, of which the server has
 * taken nothing.
 * @returns what goes again.
 */
export async function requeue(
  store: UserStore,
  runtime: Source,
  row: OutboxRow,
  name?: string,
): Promise<OutboxRow[]> {
  const rejected = await store.rejected();
  // Groups become one: the one it is of now.
  const { client_seq, group_id } = rejected.find((one) => one.client_seq === row.client_seq) ?? row;
  const group = name ?? (group_id === undefined ? undefined : uuidv7(runtime));
  const together = rejected.filter(
    (one) => one.client_seq === client_seq || (group_id !== undefined && one.group_id === group_id),
  );
  for (const refused of together) {
    const whole = await takeOver(store, refused);
    if (!whole) continue;
    const { error: _, modified_at: __, group_id: ___, ...rest } = whole;
    const unsent = { ...rest, attempts: 0, ...(group !== undefined && { group_id: group }) };
    await moveToEnd(store, runtime, unsent);
  }
  return together;
}

/**
 * A creation goes behind what waits on top of it, and says the same.
 * @returns nothing when that is a deletion: what becomes of it decides.
 */
async function takeOver(store: UserStore, row: OutboxRow): Promise<OutboxRow | undefined> {
  if (row.op !== 'create') return row;
  const onTop = (await store.editsOf(row.kind, row.id)).filter((other) => isBelow(row, other));
  if (onTop.at(-1)?.op === 'delete') return undefined;
  return { ...row, fields: Object.assign({}, row.fields, ...onTop.map(({ fields }) => fields)) as Fields };
}

type Placed = Pick<OutboxRow, 'kind' | 'id' | 'client_seq'>;

/** Whether an edit was made before another one of the same record. */
const isBelow = (row: Placed, other: Placed): boolean =>
  row.kind === other.kind && row.id === other.id && row.client_seq < other.client_seq;

/**
 * Refused edits give up what a later edit of the record says: shown or sent again, they would come over it. A creation
 * is needed whole until the server has the record.
 * @param isTaken whether the server has taken the later one.
 */
export async function giveWay(store: UserStore, later: OutboxRow, isTaken: boolean): Promise<void> {
  for (const row of await store.editsOf(later.kind, later.id)) {
    if (row.state !== 'rejected' || !isBelow(row, later) || (row.op === 'create' && !isTaken)) continue;
    const left = Object.entries(row.fields ?? {}).filter(([name]) => !(name in (later.fields ?? {})));
    if (later.op === 'delete' || left.length === 0) await store.dropEdit(row);
    else await change(store, row, { ...row, op: 'update', fields: Object.fromEntries(left) });
  }
}

/** The same edit under the next number, which the server cannot know. What may have taken effect keeps its time. */
export async function moveToEnd(store: UserStore, runtime: Source, row: OutboxRow): Promise<void> {
  const { sent, ...unsent } = row;
  const time = sent && { modified_at: sent.modified_at };
  await store.dropEdit(row);
  await store.putEdit({ ...unsent, ...time, ...(await takePlace(store, runtime)), state: 'pending' });
}

type Place = Pick<OutboxRow, 'client_seq' | 'mutation_id'>;

/** The next number of this client. */
async function takePlace({ transaction }: UserStore, runtime: Source): Promise<Place> {
  const device = await readDevice(transaction, () => uuidv7(runtime));
  await writeDevice(transaction, { ...device, next_client_seq: device.next_client_seq + 1 });
  return { client_seq: device.next_client_seq, mutation_id: uuidv7(runtime) };
}
