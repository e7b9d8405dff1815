import { acknowledge, applyChange } from './apply.js';
import { change, moveToEnd, requeue } from './edits.js';
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
  /** How many edits at most, but for a group that is larger. */
  readonly size: number;
  /** Whether the server knows the kind. */
  readonly isKnown: (kind: string) => boolean;
}

/** The next edits to send, marked as on their way. */
export async function takeBatch(
  store: UserStore,
  runtime: Source,
  wanted: Wanted,
): Promise<Batch | undefined> {
  const { epoch } = await store.meta();
  const waiting = await readyOf(store, runtime, wanted);
  if (waiting.length === 0 || epoch === undefined) return undefined;
  const now = runtime.now();
  let device = await readDevice(store.transaction, () => uuidv7(runtime));
  const rows: OutboxRow[] = [];
  for (const row of cutBatch(waiting, wanted.size)) {
    const frozen = row.sent ? { sent: row.sent, device } : freeze(row, device, now);
    device = frozen.device;
    rows.push({ ...row, sent: frozen.sent, state: 'sending', attempts: row.attempts + 1 });
  }
  for (const row of rows) await store.putEdit(row);
  const sent = Math.max(device.sent_client_seq, ...rows.map(({ client_seq }) => client_seq));
  await writeDevice(store.transaction, { ...device, sent_client_seq: sent });
  return { rows, request: requestOf(rows, device, epoch, now) };
}

/** The first edits that can go. Those of kinds the server lacks wait, with all that must not be parted from them. */
async function readyOf(store: UserStore, runtime: Source, { size, isKnown }: Wanted): Promise<OutboxRow[]> {
  // Room for a group that the size would cut.
  const first = await store.outbox(size + 100);
  const waiting = first.every(({ kind }) => isKnown(kind)) ? first : await store.outbox();
  const held = new Set(linked(waiting, ({ kind }) => !isKnown(kind)));
  const ready = waiting.filter((row) => !held.has(row));
  const { sent_client_seq } = await readDevice(store.transaction, () => uuidv7(runtime));
  if (ready.every(({ sent, client_seq }) => sent || client_seq > sent_client_seq)) return ready;
  // The server takes a number below one it has seen for known: what others passed by gets another one.
  for (const row of await store.outbox()) if (!row.sent) await moveToEnd(store, runtime, row);
  return readyOf(store, runtime, { size, isKnown });
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

function refusalOf({ error }: Result): Refusal {
  const { code, message, field } = error ?? { code: 'invalid', message: 'refused without a reason' };
  return { code, message, ...(field != null && { field }) };
}

/** Of a group none was taken: if the number of one is to blame, all of them go again. */
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

/** Sets refused edits aside; with what was entered since they may be right, and go again. */
export async function refuse(store: UserStore, runtime: Source, rows: readonly OutboxRow[]): Promise<void> {
  const aside: OutboxRow[] = [];
  for (const row of rows) {
    const { sent: _, ...unsent } = row;
    const refused: OutboxRow = { ...unsent, state: 'rejected' };
    await store.replaceEdit(row, refused);
    aside.push(refused);
  }
  const corrected: OutboxRow[] = [];
  for (const row of aside) if (await fold(store, row)) corrected.push(row);
  for (const row of corrected) await requeue(store, runtime, row);
}

/** Joins what was entered since with a refused edit; says whether it is another one now. */
async function fold(store: UserStore, refused: OutboxRow): Promise<boolean> {
  const { kind, id, client_seq } = refused;
  const later = (await store.editsOf(kind, id)).filter((row) => row.client_seq > client_seq);
  const copy = await store.record(kind, id);
  const isLive = copy !== undefined && !copy.deleted;
  let whole = refused;
  for (const row of later) {
    const next = coalesce(whole, row, isLive);
    // A member of another group stays with that.
    if (next.kind === 'append' || row.group_id !== undefined) break;
    await store.dropEdit(row);
    if (next.kind === 'drop') {
      await store.dropEdit(refused);
      return false;
    }
    whole = await change(store, whole, { ...next, edited_at: row.edited_at });
  }
  return whole !== refused;
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
