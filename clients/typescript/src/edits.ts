import { uuidv7 } from './ids.js';
import { viewOf } from './merge/view.js';
import { coalesce, type Edit } from './outbox.js';
import { HaleError } from './problem.js';
import type { Runtime } from './runtime.js';
import { type OutboxRow, readDevice, type UserStore, writeDevice } from './store.js';
import type { Fields } from './wire.js';

type Source = Pick<Runtime, 'now' | 'bytes'>;

/** Puts edits into the outbox; more than one go to the server as a group, all or none. */
export async function enter(store: UserStore, runtime: Source, edits: readonly Edit[]): Promise<void> {
  const group = edits.length > 1 ? uuidv7(runtime) : undefined;
  for (const edit of edits) await enterOne(store, runtime, edit, group);
}

async function enterOne(store: UserStore, runtime: Source, edit: Edit, group?: string): Promise<void> {
  const { kind, id } = edit;
  const copy = await store.record(kind, id);
  const rows = await store.editsOf(kind, id);
  const isShown = viewOf(copy, rows) !== undefined;
  if (edit.op === 'delete' && !isShown) return;
  if (edit.op === 'update' && !isShown) throw new HaleError('not-found', `there is no ${kind} ${id}`);
  const isLive = copy !== undefined && !copy.deleted;
  const last = rows.at(-1);
  // What was refused is not with the server: an edit on top of it needs all of it, also in a group.
  const isOpen = group === undefined || last?.state === 'rejected';
  const merged = last && isOpen ? coalesce(last, edit, isLive) : undefined;
  if (last && merged?.kind === 'drop') return store.dropEdit(last);
  if (last && merged?.kind === 'merge') return change(store, runtime, last, merged, group);
  const { epoch } = await store.meta();
  // During a reset a copy still counts in the epoch that ended.
  const hasBase = isLive && copy.version > 0 && copy.epoch === epoch && edit.op !== 'create';
  await append(store, runtime, {
    ...edit,
    ...(hasBase && { base_version: copy.version }),
    ...(group !== undefined && { group_id: group }),
  });
}

type Draft = Edit & Pick<Partial<OutboxRow>, 'base_version' | 'group_id' | 'modified_at' | 'edited_at'>;

/** A new edit at the end of the outbox. */
export async function append(store: UserStore, runtime: Source, draft: Draft): Promise<void> {
  const place = await takePlace(store, runtime);
  await store.putEdit({ ...place, ...draft, state: 'pending', attempts: 0 });
}

/** Gives an edit another body. One that was refused goes to the end, as an edit the server has not seen. */
async function change(
  store: UserStore,
  runtime: Source,
  row: OutboxRow,
  body: { readonly op: OutboxRow['op']; readonly fields?: Fields },
  group?: string,
): Promise<void> {
  if (row.state === 'rejected') return requeue(store, runtime, row, body, group);
  const { fields: _, ...rest } = row;
  const { op, fields } = body;
  await store.replaceEdit(row, { ...rest, op, ...(fields && { fields }), edited_at: runtime.now() });
}

/** Sends a refused edit again, as it is or with another body. */
export async function requeue(
  store: UserStore,
  runtime: Source,
  row: OutboxRow,
  body: { readonly op: OutboxRow['op']; readonly fields?: Fields } = row,
  group?: string,
): Promise<void> {
  await store.dropEdit(row);
  const { kind, id, base_version, edited_at } = row;
  const isSame = body === row;
  const place = await takePlace(store, runtime);
  await store.putEdit({
    kind,
    id,
    op: body.op,
    ...(body.fields && { fields: body.fields }),
    ...(base_version !== undefined && { base_version }),
    ...place,
    ...(isSame && { edited_at }),
    ...(group !== undefined && { group_id: group }),
    state: 'pending',
    attempts: 0,
  });
}

interface Place {
  readonly client_seq: number;
  readonly mutation_id: string;
  readonly edited_at: number;
}

/** The next number of this client. */
async function takePlace({ transaction }: UserStore, runtime: Source): Promise<Place> {
  const device = await readDevice(transaction, () => uuidv7(runtime));
  await writeDevice(transaction, { ...device, next_client_seq: device.next_client_seq + 1 });
  return { client_seq: device.next_client_seq, mutation_id: uuidv7(runtime), edited_at: runtime.now() };
}
