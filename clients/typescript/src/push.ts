import { acknowledge, applyChange } from './apply.js';
import { requeue } from './edits.js';
import { uuidv7 } from './ids.js';
import { coalesce, cutBatch, freeze } from './outbox.js';
import type { Runtime } from './runtime.js';
import { type Device, type OutboxRow, readDevice, type UserStore, writeDevice } from './store.js';
import type { PushAnswer, PushRequest, Refusal, Result } from './wire.js';

type Source = Pick<Runtime, 'now' | 'bytes'>;

export interface Batch {
  readonly rows: readonly OutboxRow[];
  readonly request: PushRequest;
}

/** The next edits to send, marked as on their way. */
export async function takeBatch(store: UserStore, runtime: Source, size: number): Promise<Batch | undefined> {
  const { epoch } = await store.meta();
  // Room for a group that the size would cut.
  const waiting = await store.outbox(size + 100);
  if (waiting.length === 0 || epoch === undefined) return undefined;
  const now = runtime.now();
  let device = await readDevice(store.transaction, () => uuidv7(runtime));
  const rows: OutboxRow[] = [];
  for (const row of cutBatch(waiting, size)) {
    const frozen = row.sent ? { sent: row.sent, device } : freeze(row, device, now);
    device = frozen.device;
    rows.push({ ...row, sent: frozen.sent, state: 'sending', attempts: row.attempts + 1 });
  }
  for (const row of rows) await store.putEdit(row);
  const sent = Math.max(device.sent_client_seq, ...rows.map(({ client_seq }) => client_seq));
  await writeDevice(store.transaction, { ...device, sent_client_seq: sent });
  return { rows, request: requestOf(rows, device, epoch, now) };
}

const requestOf = (rows: readonly OutboxRow[], device: Device, epoch: string, now: number): PushRequest => ({
  client_id: device.client_id,
  epoch,
  client_time: new Date(now + device.server_offset).toISOString(),
  mutations: rows.flatMap(({ sent }) => sent ?? []),
});

/** No answer, or one that does not count: the same bodies are sent again. */
export async function release(store: UserStore): Promise<void> {
  for (const row of await store.outbox())
    if (row.state === 'sending') await store.putEdit({ ...row, state: 'pending' });
}

export type Tally = Partial<Record<Result['status'] | 'ignored', number>>;

/** Takes over what became of each edit. One without a result stays, and is sent again. */
export async function settle(
  store: UserStore,
  runtime: Source,
  batch: Batch,
  answer: PushAnswer,
): Promise<Tally> {
  const tally: Tally = {};
  const meta = await store.meta();
  const results = new Map(answer.results.map((result) => [result.mutation_id, result]));
  // An acknowledgement means something in its own epoch only.
  const counts = meta.epoch === answer.epoch;
  for (const row of batch.rows) {
    const result = counts ? results.get(row.mutation_id) : undefined;
    const status = result?.status ?? 'ignored';
    tally[status] = (tally[status] ?? 0) + 1;
    if (result) await settleOne(store, runtime, row, result, answer.epoch);
    else await store.putEdit({ ...row, state: 'pending' });
  }
  if (counts) await store.update({ last_pushed_at: runtime.now() });
  const device = await readDevice(store.transaction, () => uuidv7(runtime));
  const wasReused = answer.results.some(({ error }) => error?.code === 'client-seq-reused');
  if (wasReused || answer.last_client_seq > device.sent_client_seq) await becomeAnother(store, runtime);
  return tally;
}

/** A refusal of the number, not of the edit. */
const REUSED = new Set(['client-seq-reused', 'mutation-id-reused']);
/** More than once a number is taken by chance only if the numbers are not ours. */
const MAX_ATTEMPTS = 5;

async function settleOne(
  store: UserStore,
  runtime: Source,
  row: OutboxRow,
  result: Result,
  epoch: string,
): Promise<void> {
  if (result.status === 'rejected') return reject(store, runtime, row, result);
  await store.dropEdit(row);
  if (result.record) await applyChange(store, runtime, result.record, { epoch });
  else if (result.status === 'gone') await forget(store, row);
  // Without a record a duplicate may be of one that is purged since: the pull knows.
  else if (result.status !== 'duplicate') await acknowledge(store, row, result, epoch, runtime.now());
  const copy = await store.record(row.kind, row.id);
  const isSettled = copy?.deleted && copy.data && (await store.editsOf(row.kind, row.id)).length === 0;
  if (isSettled) await store.putRecord({ ...copy, data: null });
}

/** The server does not know the record; a deletion stays, in case another device brings the record back. */
async function forget(store: UserStore, { kind, id }: OutboxRow): Promise<void> {
  const copy = await store.record(kind, id);
  if (copy && !copy.deleted) await store.dropRecord(kind, id);
}

async function reject(store: UserStore, runtime: Source, row: OutboxRow, { error }: Result): Promise<void> {
  const { code, message, field } = error ?? { code: 'invalid', message: 'refused without a reason' };
  if (!REUSED.has(code) || row.attempts >= MAX_ATTEMPTS)
    return refuse(store, runtime, row, { code, message, ...(field != null && { field }) });
  const { sent: _, ...unsent } = row;
  await store.putEdit({ ...unsent, mutation_id: uuidv7(runtime), state: 'pending' });
}

/** Sets a refused edit aside; with what was entered since it may be right, and goes again. */
export async function refuse(
  store: UserStore,
  runtime: Source,
  row: OutboxRow,
  error: Refusal,
): Promise<void> {
  const { sent: _, ...unsent } = row;
  const refused: OutboxRow = { ...unsent, state: 'rejected', error };
  await store.replaceEdit(row, refused);
  await fold(store, runtime, refused);
}

async function fold(store: UserStore, runtime: Source, refused: OutboxRow): Promise<void> {
  const { kind, id, client_seq } = refused;
  const later = (await store.editsOf(kind, id)).filter((row) => row.client_seq > client_seq);
  const copy = await store.record(kind, id);
  let whole: Pick<OutboxRow, 'op' | 'fields'> | undefined = refused;
  for (const row of later) {
    const next = coalesce({ ...refused, ...whole }, row, copy !== undefined && !copy.deleted);
    if (next.kind === 'append') return;
    whole = next.kind === 'merge' ? next : undefined;
    await store.dropEdit(row);
    if (!whole) return store.dropEdit(refused);
  }
  if (later.length > 0 && whole)
    await requeue(store, runtime, refused, { op: whole.op, fields: whole.fields });
}

/**
 * Another installation goes by the same id: this one was cloned, or restored from a backup. It takes a new one, and what
 * it sent under the old one it sends anew.
 */
export async function becomeAnother(store: UserStore, runtime: Source): Promise<void> {
  const device = await readDevice(store.transaction, () => uuidv7(runtime));
  await writeDevice(store.transaction, { ...device, client_id: uuidv7(runtime), sent_client_seq: 0 });
  for (const { sent: _, ...row } of await store.outbox())
    await store.putEdit({ ...row, mutation_id: uuidv7(runtime), state: 'pending' });
}
