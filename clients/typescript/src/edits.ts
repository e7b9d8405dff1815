import { uuidv7, validId } from './ids.js';
import { completed } from './kinds.js';
import { viewOf } from './merge/view.js';
import { coalesce, type Edit, isUpload } from './outbox.js';
import { HaleError } from './problem.js';
import type { Runtime } from './runtime.js';
import { type OutboxRow, readDevice, type RecordRow, type UserStore, writeDevice } from './store.js';
import type { Fields } from './wire.js';

type Source = Pick<Runtime, 'now' | 'bytes'>;

/** The most edits that the server accepts in one request, and therefore in one group. */
const MOST = 100;

/**
 * Adds edits to the outbox. Several edits are sent as a group, which is applied completely or not at all.
 * @returns the kinds with changed records: editing a refused edit also changes its group.
 * @throws HaleError `not-found`, `invalid`, `too-many-edits`
 */
export async function enter(
  store: UserStore,
  runtime: Source,
  edits: readonly Edit[],
): Promise<ReadonlySet<string>> {
  const group = edits.length > 1 ? uuidv7(runtime) : undefined;
  const corrected: OutboxRow[] = [];
  for (const edit of edits)
    corrected.push(...(await enterOne(store, runtime, { ...edit, id: validId(edit.id) }, group)));
  const kinds = new Set(edits.map(({ kind }) => kind));
  for (const row of corrected)
    for (const { kind } of await requeue(store, runtime, row, group)) kinds.add(kind);
  const isLarge = edits.length > MOST || (group !== undefined && corrected.length > 0);
  const size = isLarge ? (await store.outbox()).filter(({ group_id }) => group_id === group).length : 0;
  if (size > MOST) throw new HaleError('too-many-edits', `at most ${MOST} edits go together`);
  return kinds;
}

/** @returns the refused edit that was changed and can be sent again. */
async function enterOne(
  store: UserStore,
  runtime: Source,
  given: Edit,
  group: string | undefined,
): Promise<OutboxRow[]> {
  const { kind, id } = given;
  const copy = await store.record(kind, id);
  const rows = await store.editsOf(kind, id);
  const shown = viewOf(copy, rows);
  if (given.op === 'delete' && !shown) return [];
  if (given.op === 'update' && !shown) throw new HaleError('not-found', `there is no ${kind} ${id}`);
  const edit = completed(await store.rulesOf(kind), given, shown?.fields);
  const isLive = copy !== undefined && !copy.deleted;
  const last = rows.at(-1);
  // The server does not have a refused edit, so the edit on top of it needs all its fields, also in a group.
  const isOpen = group === undefined || last?.state === 'rejected';
  const merged = last && isOpen ? coalesce(last, edit, isLive) : undefined;
  if (last && merged?.kind === 'drop') await store.dropEdit(last);
  else if (last && merged?.kind === 'merge') {
    await dropSupersededFields(
      store,
      await change(store, last, { ...merged, edited_at: runtime.now() }),
      false,
    );
    return last.state === 'rejected' ? [last] : [];
  } else {
    const base_version = rows[0] ? rows[0].base_version : await baseOf(store, copy, edit.op);
    if (edit.op === 'create') await takeBack(store, copy);
    const added = await append(store, runtime, {
      ...edit,
      ...(base_version !== undefined && { base_version }),
      ...(group !== undefined && { group_id: group }),
    });
    await dropSupersededFields(store, added, false);
  }
  return [];
}

/**
 * The version that the person sees when no edit of the record waits. Waiting edits hide what was pulled since the first of
 * them, so an edit on top of them has the base of the first.
 */
async function baseOf(
  store: UserStore,
  copy: RecordRow | undefined,
  op: Edit['op'],
): Promise<number | undefined> {
  const { epoch } = await store.meta();
  // During a reset the copy still counts in the epoch that ended.
  const isCounted = copy !== undefined && !copy.deleted && copy.version > 0 && copy.epoch === epoch;
  return isCounted && op !== 'create' ? copy.version : undefined;
}

/** The person creates the record again, so its lost deletion is not sent to a restored server again. */
async function takeBack(store: UserStore, copy: RecordRow | undefined): Promise<void> {
  if (!copy?.orphan) return;
  const { orphan: _, ...kept } = copy;
  await store.putRecord(kept);
}

type Draft = Edit &
  Pick<Partial<OutboxRow>, 'base_version' | 'group_id' | 'modified_at' | 'edited_at' | 'unseen'>;

/** Adds a new edit to the end of the outbox. */
export async function append(store: UserStore, runtime: Source, draft: Draft): Promise<OutboxRow> {
  const place = await takePlace(store, runtime);
  const row: OutboxRow = { edited_at: runtime.now(), ...draft, ...place, state: 'pending', attempts: 0 };
  await store.putEdit(row);
  return row;
}

/** Replaces the body of an edit and keeps its position. */
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
 * Sends a refused edit again, as an edit that the server has not seen. All edits of its group are sent again with it, because
 * the server has applied none of them.
 * @returns the edits that are sent again.
 */
export async function requeue(
  store: UserStore,
  runtime: Source,
  row: OutboxRow,
  name?: string,
): Promise<OutboxRow[]> {
  const rejected = await store.rejected();
  // Merged groups become one: that of the newest member.
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
 * Moves a creation behind the edits on top of it, with their content.
 * @returns undefined if the content is a deletion, whose result decides.
 */
async function takeOver(store: UserStore, row: OutboxRow): Promise<OutboxRow | undefined> {
  if (row.op !== 'create') return row;
  const onTop = (await store.editsOf(row.kind, row.id)).filter((other) => isBelow(row, other));
  if (onTop.at(-1)?.op === 'delete') return undefined;
  return { ...row, fields: Object.assign({}, row.fields, ...onTop.map(({ fields }) => fields)) as Fields };
}

type Placed = Pick<OutboxRow, 'kind' | 'id' | 'client_seq'>;

/** Whether an edit was made before another edit of the same record. */
const isBelow = (row: Placed, other: Placed): boolean =>
  row.kind === other.kind && row.id === other.id && row.client_seq < other.client_seq;

/**
 * Removes from refused edits the fields that a later edit of the record sets: shown or sent again, they would overwrite it. A
 * creation keeps all its fields until the server has the record, and an upload replaces only what its source said before.
 * @param isTaken whether the server has accepted the later edit.
 */
export async function dropSupersededFields(
  store: UserStore,
  later: OutboxRow,
  isTaken: boolean,
): Promise<void> {
  for (const row of await store.editsOf(later.kind, later.id)) {
    if (row.state !== 'rejected' || !isBelow(row, later) || (row.op === 'create' && !isTaken)) continue;
    if (isUpload(later) && !isUpload(row)) continue;
    const left = Object.entries(row.fields ?? {}).filter(([name]) => !(name in (later.fields ?? {})));
    if (later.op === 'delete' || left.length === 0) await store.dropEdit(row);
    else await change(store, row, { ...row, op: 'update', fields: Object.fromEntries(left) });
  }
}

/** The same edit with the next number, which the server cannot know. An edit that may have taken effect keeps its time. */
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
