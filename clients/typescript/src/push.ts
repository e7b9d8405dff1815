import { acknowledge, applyChange } from './apply.js';
import { change, dropSupersededFields, moveToEnd, requeue } from './edits.js';
import { uuidv7 } from './ids.js';
import { coalesce, cutBatch, freeze, linked } from './outbox.js';
import type { Runtime } from './runtime.js';
import { type Device, type OutboxRow, readDevice, type UserStore, writeDevice } from './store.js';
import type { PushAnswer, PushRequest, Refusal, Result } from './wire.js';

type Source = Pick<Runtime, 'now' | 'bytes'>;

export interface Batch {
  readonly rows: readonly OutboxRow[];
  readonly request: PushRequest;
}

export interface Wanted {
  /** Most edits in a batch; a larger group is still sent whole. */
  readonly size: number;
  /** Whether the server has the kind. */
  readonly isKnown: (kind: string) => boolean;
}

/** Takes the next edits to send and marks them as sent. */
export async function takeBatch(
  store: UserStore,
  runtime: Source,
  wanted: Wanted,
): Promise<Batch | undefined> {
  const { epoch } = await store.meta();
  const waiting = await readyOf(store, runtime, wanted);
  if (waiting.length === 0 || epoch === undefined) return undefined;
  const now = runtime.now();
  const device = await readDevice(store.transaction, () => uuidv7(runtime));
  const rows = cutBatch(waiting, wanted.size).map((row): OutboxRow => ({
    ...row,
    sent: row.sent ?? freeze(row, device, now),
    state: 'sending',
    attempts: row.attempts + 1,
  }));
  for (const row of rows) await store.putEdit(row);
  const sent = Math.max(device.sent_client_seq, ...rows.map(({ client_seq }) => client_seq));
  await writeDevice(store.transaction, { ...device, sent_client_seq: sent });
  return { rows, request: requestOf(rows, device, epoch, now) };
}

/** The first edits that can be sent. Edits of kinds that the server lacks wait, with all edits that must be sent with them. */
async function readyOf(store: UserStore, runtime: Source, { size, isKnown }: Wanted): Promise<OutboxRow[]> {
  // Room for a group that the limit would cut.
  const first = await store.outbox(size + 100);
  const waiting = first.every(({ kind }) => isKnown(kind)) ? first : await store.outbox();
  const held = new Set(linked(waiting, ({ kind }) => !isKnown(kind)));
  const ready = waiting.filter((row) => !held.has(row));
  const { sent_client_seq } = await readDevice(store.transaction, () => uuidv7(runtime));
  if (ready.every(({ sent, client_seq }) => sent || client_seq > sent_client_seq)) return ready;
  // The server treats a number below one it has seen as known, so edits that others overtook get new numbers.
  for (const row of await store.outbox()) if (!row.sent) await moveToEnd(store, runtime, row);
  return readyOf(store, runtime, { size, isKnown });
}

/**
 * Lets edits of kinds that the server lacks wait, with all edits that must be sent with them; others overtake them. Those that were
 * not sent get new numbers: otherwise the server would treat them as known later.
 * @param last the greatest number that the server has seen.
 */
export async function holdBack(store: UserStore, isKnown: Wanted['isKnown'], last: number): Promise<void> {
  for (const { sent, ...row } of linked(await store.outbox(), ({ kind }) => !isKnown(kind)))
    if (sent && row.client_seq > last) await store.putEdit(row);
}

const requestOf = (rows: readonly OutboxRow[], device: Device, epoch: string, now: number): PushRequest => ({
  client_id: device.client_id,
  epoch,
  client_time: new Date(now + device.server_offset).toISOString(),
  mutations: rows.flatMap(({ sent }) => sent ?? []),
});

/** There was no answer, or an invalid one: the same bodies are sent again. */
export async function release(store: UserStore): Promise<void> {
  for (const row of await store.outbox())
    if (row.state === 'sending') await store.putEdit({ ...row, state: 'pending' });
}

export type Tally = Partial<Record<Result['status'] | 'ignored', number>>;

/** Stores the result of each edit. An edit without a result stays and is sent again. */
export async function settle(
  store: UserStore,
  runtime: Source,
  batch: Batch,
  answer: PushAnswer,
): Promise<Tally> {
  const tally: Tally = {};
  const meta = await store.meta();
  const results = new Map(answer.results.map((result) => [result.mutation_id, result]));
  // An acknowledgement is valid only in its own epoch.
  const counts = meta.epoch === answer.epoch;
  const refused: OutboxRow[] = [];
  for (const row of batch.rows) {
    const result = counts ? results.get(row.mutation_id) : undefined;
    const status = result?.status ?? 'ignored';
    tally[status] = (tally[status] ?? 0) + 1;
    if (!result) await store.putEdit({ ...row, state: 'pending' });
    else if (result.status === 'rejected') refused.push({ ...row, error: refusalOf(result) });
    else await settleOne(store, runtime, row, result, answer.epoch);
  }
  await reject(store, runtime, refused);
  if (counts) await store.update({ last_pushed_at: runtime.now() });
  const device = await readDevice(store.transaction, () => uuidv7(runtime));
  const wasReused = answer.results.some(({ error }) => error?.code === 'client-seq-reused');
  if (wasReused || answer.last_client_seq > device.sent_client_seq) await renewClientId(store, runtime);
  return tally;
}

/** These codes refuse the number, not the edit. */
const REUSED = new Set(['client-seq-reused', 'mutation-id-reused']);
/** After so many attempts the numbers are not taken by chance: another installation uses them. */
const MAX_ATTEMPTS = 5;

async function settleOne(
  store: UserStore,
  runtime: Source,
  row: OutboxRow,
  result: Result,
  epoch: string,
): Promise<void> {
  await store.dropEdit(row);
  if (result.record) await applyChange(store, runtime, result.record, { epoch });
  else if (result.status === 'gone') await forget(store, row);
  // A duplicate without a record may belong to a purged record: the pull decides.
  else if (result.status !== 'duplicate') await acknowledge(store, row, result, epoch, runtime.now());
  if (result.status !== 'gone') await dropSupersededFields(store, row, true);
  const copy = await store.record(row.kind, row.id);
  const isSettled = copy?.deleted && copy.data && (await store.editsOf(row.kind, row.id)).length === 0;
  if (isSettled) await store.putRecord({ ...copy, data: null });
}

/** The server does not know the record. A deletion stays, in case another device restores the record. */
async function forget(store: UserStore, { kind, id }: OutboxRow): Promise<void> {
  const copy = await store.record(kind, id);
  if (copy && !copy.deleted) await store.dropRecord(kind, id);
}

function refusalOf({ error }: Result): Refusal {
  const { code, message, field } = error ?? { code: 'invalid', message: 'refused without a reason' };
  return { code, message, ...(field != null && { field }) };
}

/** No edit of a group was applied: if the number of one of them was refused, all are sent again. */
async function reject(store: UserStore, runtime: Source, rows: readonly OutboxRow[]): Promise<void> {
  const ofNumber = rows.filter(
    ({ error, attempts }) => REUSED.has(error?.code ?? '') && attempts < MAX_ATTEMPTS,
  );
  const groups = new Set(ofNumber.flatMap(({ group_id }) => group_id ?? []));
  const again = new Set(rows.filter((row) => ofNumber.includes(row) || groups.has(row.group_id ?? '')));
  for (const row of again) {
    const { sent: _, error: __, ...unsent } = row;
    await store.putEdit({ ...unsent, mutation_id: uuidv7(runtime), state: 'pending' });
  }
  await refuse(
    store,
    runtime,
    rows.filter((row) => !again.has(row)),
  );
}

/** Sets refused edits aside. Merged with later edits they may be valid; then they are sent again. */
export async function refuse(store: UserStore, runtime: Source, rows: readonly OutboxRow[]): Promise<void> {
  const aside: OutboxRow[] = [];
  for (const row of rows) {
    const { sent: _, ...unsent } = row;
    const refused: OutboxRow = { ...unsent, state: 'rejected' };
    await store.replaceEdit(row, refused);
    aside.push(refused);
  }
  const corrected: OutboxRow[] = [];
  for (const row of aside) corrected.push(...(await fold(store, row)));
  for (const row of corrected) await requeue(store, runtime, row);
}

/** Merges a refused edit with earlier and later edits, as far as possible; returns it if it has changed. */
async function fold(store: UserStore, { kind, id, client_seq }: OutboxRow): Promise<OutboxRow[]> {
  const refused = (await store.editsOf(kind, id)).find((row) => row.client_seq === client_seq);
  if (!refused) return [];
  const copy = await store.record(kind, id);
  const isLive = copy !== undefined && !copy.deleted;
  const based = await join(store, refused, isLive);
  if (!based) return [refused];
  const later = (await store.editsOf(kind, id)).filter((row) => row.client_seq > client_seq);
  // A member of another group stays in that group, with the edits on top of it.
  const end = later.findIndex(({ group_id }) => group_id !== undefined);
  const [joined, above] = end < 0 ? [later, []] : [later.slice(0, end), later.slice(end)];
  let whole = based;
  for (const row of joined) {
    const next = coalesce(whole, row, isLive);
    if (next.kind === 'append') break;
    await store.dropEdit(row);
    if (next.kind === 'drop') {
      await store.dropEdit(whole);
      return [];
    }
    whole = await change(store, whole, { ...next, edited_at: row.edited_at });
  }
  for (const row of above) await dropSupersededFields(store, row, false);
  // Edits on top of a creation will be refused because the record is missing, and are merged into it then.
  const waits = above.length > 0 && whole.op === 'create';
  return whole === refused || waits ? [] : [whole];
}

/**
 * Merges a refused edit with the creation below it if that was refused too, because the server does not have the record. Their
 * groups become one.
 * @returns undefined if the record was deleted before the server got it.
 */
async function join(store: UserStore, refused: OutboxRow, isLive: boolean): Promise<OutboxRow | undefined> {
  const edits = await store.editsOf(refused.kind, refused.id);
  const base = edits.find(({ state, op }) => state === 'rejected' && op === 'create');
  if (!base || base.client_seq >= refused.client_seq) return refused;
  const next = coalesce(base, refused, isLive);
  if (next.kind === 'append') return refused;
  await store.dropEdit(base);
  if (next.kind !== 'merge') {
    await store.dropEdit(refused);
    return undefined;
  }
  const whole = await change(store, refused, { ...next, edited_at: refused.edited_at });
  if (base.group_id === undefined) return whole;
  const { group_id = base.group_id } = refused;
  for (const row of await store.rejected())
    if (row.group_id === base.group_id) await store.putEdit({ ...row, group_id });
  const joined = { ...whole, group_id };
  await store.putEdit(joined);
  return joined;
}

/**
 * Another installation has the same client id: this one was cloned, or restored from a backup. It gets a new id and sends
 * its edits again under it.
 */
export async function renewClientId(store: UserStore, runtime: Source): Promise<void> {
  const device = await readDevice(store.transaction, () => uuidv7(runtime));
  await writeDevice(store.transaction, { ...device, client_id: uuidv7(runtime), sent_client_seq: 0 });
  for (const { sent: _, ...row } of await store.outbox())
    await store.putEdit({ ...row, mutation_id: uuidv7(runtime), state: 'pending' });
}
