import { asId, uuidv7 } from './ids.js';
import { viewOf } from './merge/view.js';
import { coalesce, type Edit } from './outbox.js';
import { HaleError } from './problem.js';
import type { Runtime } from './runtime.js';
import { type OutboxRow, readDevice, type UserStore, writeDevice } from './store.js';

type Source = Pick<Runtime, 'now' | 'bytes'>;

/** What the server takes in one request, and so as one group. */
const MOST = 100;

/**
 * Puts edits into the outbox; more than one go to the server as a group, all or none.
 * @throws HaleError `not-found`, `too-many-edits`
 */
export async function enter(store: UserStore, runtime: Source, edits: readonly Edit[]): Promise<void> {
  const group = edits.length > 1 ? uuidv7(runtime) : undefined;
  const corrected: OutboxRow[] = [];
  for (const edit of edits)
    corrected.push(...(await enterOne(store, runtime, { ...edit, id: asId(edit.id) }, group)));
  for (const row of corrected) await requeue(store, runtime, row, group);
  // With a refused edit comes all of its group.
  const isLarge = edits.length > MOST || (group !== undefined && corrected.length > 0);
  const size = isLarge ? (await store.outbox()).filter(({ group_id }) => group_id === group).length : 0;
  if (size > MOST) throw new HaleError('too-many-edits', `at most ${MOST} edits go together`);
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
    await change(store, last, { ...merged, edited_at: runtime.now() });
    return last.state === 'rejected' ? [last] : [];
  } else {
    const { epoch } = await store.meta();
    // During a reset a copy still counts in the epoch that ended.
    const hasBase = isLive && copy.version > 0 && copy.epoch === epoch && edit.op !== 'create';
    await append(store, runtime, {
      ...edit,
      ...(hasBase && { base_version: copy.version }),
      ...(group !== undefined && { group_id: group }),
    });
  }
  return [];
}

type Draft = Edit & Pick<Partial<OutboxRow>, 'base_version' | 'group_id' | 'modified_at' | 'edited_at'>;

/** A new edit at the end of the outbox. */
export async function append(store: UserStore, runtime: Source, draft: Draft): Promise<void> {
  const place = await takePlace(store, runtime);
  await store.putEdit({ edited_at: runtime.now(), ...draft, ...place, state: 'pending', attempts: 0 });
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
 */
export async function requeue(
  store: UserStore,
  runtime: Source,
  { client_seq, group_id }: OutboxRow,
  group = group_id === undefined ? undefined : uuidv7(runtime),
): Promise<void> {
  const isMeant = (row: OutboxRow): boolean =>
    row.client_seq === client_seq || (group_id !== undefined && row.group_id === group_id);
  const together = (await store.rejected()).filter(isMeant);
  for (const { error: _, modified_at: __, group_id: ___, ...row } of together)
    await moveToEnd(store, runtime, { ...row, attempts: 0, ...(group !== undefined && { group_id: group }) });
}

/** The same edit under the next number, which the server cannot know. */
export async function moveToEnd(store: UserStore, runtime: Source, row: OutboxRow): Promise<void> {
  const { sent: _, ...unsent } = row;
  await store.dropEdit(row);
  await store.putEdit({ ...unsent, ...(await takePlace(store, runtime)), state: 'pending' });
}

type Place = Pick<OutboxRow, 'client_seq' | 'mutation_id'>;

/** The next number of this client. */
async function takePlace({ transaction }: UserStore, runtime: Source): Promise<Place> {
  const device = await readDevice(transaction, () => uuidv7(runtime));
  await writeDevice(transaction, { ...device, next_client_seq: device.next_client_seq + 1 });
  return { client_seq: device.next_client_seq, mutation_id: uuidv7(runtime) };
}
