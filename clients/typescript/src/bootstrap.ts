import { recreate } from './apply.js';
import { CONFLICT } from './kinds.js';
import { uuidv7 } from './ids.js';
import type { Runtime } from './runtime.js';
import { type Meta, newestSeq, type RecordRow, type UserStore } from './store.js';
import type { Mutation } from './wire.js';

type Source = Pick<Runtime, 'now' | 'bytes'>;

/** 180 days, after which every other device must have received a deletion. */
const TOMBSTONE_MS = 180 * 24 * 3_600_000;

/** Pulls everything again, for the given reason. Edits stay in the outbox. */
export async function beginBootstrap(
  store: UserStore,
  runtime: Source,
  reason: NonNullable<Meta['boot']>['reason'],
): Promise<Meta> {
  // A record may have been purged and created again, with new versions.
  if (reason === 'expired') await forgetBases(store, -1n);
  return store.update({ cursor: undefined, seq: undefined, boot: { id: uuidv7(runtime), reason } });
}

/** The server was restored from a backup: changes after `baseSeq` exist only on devices. */
export async function beginReset(
  store: UserStore,
  runtime: Source,
  { epoch, baseSeq }: { readonly epoch: string; readonly baseSeq: string },
): Promise<void> {
  const meta = await store.meta();
  if (meta.epoch === epoch) {
    await beginBootstrap(store, runtime, 'epoch');
    return;
  }
  const base = least(baseSeq, meta.reset?.base);
  // Kept until the end, so that a second restore does not forget the losses of the first.
  await store.update({
    epoch,
    reset: { from_epoch: meta.reset?.from_epoch ?? meta.epoch ?? '', base },
  });
  await beginBootstrap(store, runtime, 'epoch');
  await forgetBases(store, BigInt(base));
}

const least = (first: string, ...others: readonly (string | undefined)[]): string =>
  others.reduce<string>(
    (base, next) => (next !== undefined && BigInt(next) < BigInt(base) ? next : base),
    first,
  );

/**
 * Removes base versions above the base, also of edits that the server may have: versions are counted again from there, and
 * the same number may now mean another state.
 */
async function forgetBases(store: UserStore, base: bigint): Promise<void> {
  for (const row of [...(await store.outbox()), ...(await store.rejected())]) {
    if (row.base_version === undefined) continue;
    const record = await store.record(row.kind, row.id);
    if (record && newestSeq(record) <= base) continue;
    const { base_version: _, sent, ...rest } = row;
    await store.putEdit({ ...rest, ...(sent && { sent: withoutBase(sent) }) });
  }
}

/** To the server it is still the same mutation. */
function withoutBase(sent: Mutation): Mutation {
  const { base_version: _, ...mutation } = sent;
  return mutation;
}

/** After a bootstrap of the given kinds: records that did not arrive were deleted on the server, or were lost there and are sent again. */
export async function finishBootstrap(
  store: UserStore,
  runtime: Source,
  meta: Meta,
  { kinds, seq }: { readonly kinds: readonly string[]; readonly seq: string },
): Promise<void> {
  for (const kind of kinds)
    for (const row of await store.records(kind)) {
      if (row.seen === meta.boot?.id) continue;
      if (row.epoch === meta.epoch) await sweep(store, row, seq, runtime.now());
      else await sweepOld(store, runtime, row, meta);
    }
  await store.update({ boot: undefined, reset: undefined });
}

async function sweep(store: UserStore, row: RecordRow, seq: string, now: number): Promise<void> {
  if (row.deleted) {
    if (now - (row.deleted_on ?? now) > TOMBSTONE_MS) await store.dropRecord(row.kind, row.id);
  } else if (newestSeq(row) <= BigInt(seq)) await store.dropRecord(row.kind, row.id);
}

/** Handles a record of an earlier epoch. */
async function sweepOld(
  store: UserStore,
  runtime: Source,
  row: RecordRow,
  { epoch, reset }: Meta,
): Promise<void> {
  if (row.kind === CONFLICT || reset === undefined) return store.dropRecord(row.kind, row.id);
  const isLost = newestSeq(row) > BigInt(reset.base);
  if (isLost) await recreate(store, runtime, row);
  if (isLost && row.deleted) await store.putRecord({ ...row, orphan: true });
  // Up to the base the numbers are those of this epoch. Keep the tombstone: the next backup may be older than the deletion.
  else if (row.deleted && epoch !== undefined) await store.putRecord({ ...row, epoch });
  else await store.dropRecord(row.kind, row.id);
}
