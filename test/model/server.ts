import { moveDigest } from '../../src/records/merge/digest.js';
import type { EditStamp } from '../../src/records/merge/edit-stamp.js';
import { begin, editTime, type Merge, type RecordState } from '../../src/records/merge/merge.js';
import {
  type Backup,
  bodyOf,
  changeOf,
  copy,
  type Data,
  emptyData,
  living,
  type Watch,
} from './server-state.js';
import { resolve } from './resolve.js';
import { contentsOf } from './store.js';
import type { Rules } from './rules.js';
import type {
  Answer,
  Change,
  Cursor,
  Fields,
  Kind,
  Mutation,
  Problem,
  PullRequest,
  PushAnswer,
  PushRequest,
  Request,
  Result,
  Status,
} from './wire.js';

/** One person's records on the service: one order of changes, merged by the service's own code. */
export class Server {
  private epochCount = 0;
  private data: Data = emptyData();

  constructor(
    private readonly rules: Rules,
    private readonly now: () => number,
    private readonly watch: Watch,
  ) {}

  get state(): Backup {
    return this.data;
  }

  answer(request: Request): Answer {
    if (request.type === 'pull') return this.pull(request);
    if (request.type === 'push') return this.push(request);
    return { type: 'status', lastClientSeq: this.data.last.get(request.clientId) ?? 0 };
  }

  backup(): Backup {
    return copy(this.data);
  }

  /** The operator restores a backup and begins an epoch with a new name. */
  restore(backup: Backup): void {
    this.data = copy(backup);
    this.epochCount += 1;
    this.data.epochs.push({ epoch: this.data.epoch, base: this.data.seq });
    this.data.epoch = `e${this.epochCount}`;
    this.watch.restored();
  }

  /** Forgets the results of old mutations, but not the greatest number of each client. */
  forget(before: number): void {
    for (const [key, { at }] of this.data.log) if (at < before) this.data.log.delete(key);
  }

  purge(upTo: number): void {
    for (const [key, { seq, state }] of this.data.rows)
      if (state.deleted && seq <= upTo) {
        this.data.rows.delete(key);
        this.watch.purged(key);
        this.data.floor = Math.max(this.data.floor, seq);
      }
  }

  private pull({ cursor: sent, epoch, limit }: PullRequest): Answer {
    const { data } = this;
    const cursor: Cursor = sent ?? { epoch: epoch ?? data.epoch, seq: data.seq, fill: 0 };
    if (cursor.epoch !== data.epoch) return this.epochChanged(cursor.epoch);
    if (this.rules.cursorExpired && cursor.seq < data.floor) return { type: 'cursor-expired' };
    const filled = cursor.fill === undefined ? [] : this.between(cursor.fill, cursor.seq, 'live');
    if (filled.length > limit) {
      const changes = filled.slice(0, limit);
      return this.page({ ...cursor, fill: changes.at(-1)!.seq }, changes, true);
    }
    const done = { ...cursor, fill: undefined };
    const left = limit - filled.length;
    if (left === 0) return this.page(done, filled, cursor.seq < data.seq);
    const all = this.between(cursor.seq, data.seq, this.rules.tombstonesDelivered ? 'all' : 'live');
    const some = all.slice(0, left);
    const isCut = all.length > left;
    const reached = isCut && this.rules.pageCursor ? some.at(-1)!.seq : data.seq;
    this.watch.answered({ from: cursor.seq, upTo: reached, changes: some });
    return this.page({ ...done, seq: reached }, [...filled, ...some], isCut && this.rules.pageCursor);
  }

  private page(cursor: Cursor, changes: readonly Change[], hasMore: boolean): Answer {
    return { type: 'page', epoch: this.data.epoch, changes, cursor, hasMore };
  }

  private between(after: number, upTo: number, which: 'all' | 'live'): Change[] {
    return [...this.data.rows.values()]
      .filter(({ seq, state }) => seq > after && seq <= upTo && (which === 'all' || !state.deleted))
      .toSorted((a, b) => a.seq - b.seq)
      .map(changeOf);
  }

  /** When the client's epoch is not in the list, the epoch itself was lost, and no common base is known. */
  private epochChanged(known: string): Problem {
    const { epochs, epoch } = this.data;
    const place = epochs.findIndex((each) => each.epoch === known);
    const later = epochs.slice(place).map(({ base }) => base);
    return { type: 'epoch-changed', epoch, baseSeq: place < 0 ? 0 : Math.min(...later) };
  }

  private push(request: PushRequest): Answer {
    const { data } = this;
    if (this.rules.crossEpochPushRefused && request.epoch !== data.epoch)
      return this.epochChanged(request.epoch);
    data.stamp = Math.max(this.now(), data.stamp + 1);
    const skew = this.now() - request.clientTime;
    const ordered = request.mutations.toSorted((a, b) => a.clientSeq - b.clientSeq);
    let isReused = false;
    const results = ordered.map((mutation): Result => {
      // The following mutations are also numbered by the other phone: they must not count as this phone's next edits.
      if (isReused && this.rules.reuseEndsBatch) return this.refuse(request.clientId, mutation);
      const result = this.one(request.clientId, mutation, skew);
      isReused ||= result.error === 'client-seq-reused';
      return result;
    });
    const answer: PushAnswer = {
      type: 'results',
      epoch: this.rules.crossEpochPushRefused ? data.epoch : request.epoch,
      lastClientSeq: data.last.get(request.clientId) ?? 0,
      results,
    };
    return answer;
  }

  private one(clientId: string, mutation: Mutation, skew: number): Result {
    const { mutationId, id } = mutation;
    const earlier = this.rules.dedupe ? this.earlier(clientId, mutation) : undefined;
    if (earlier) return earlier;
    const status = this.apply(clientId, mutation, skew);
    this.log(clientId, mutation, status);
    return this.result(mutationId, status, id);
  }

  /** Refuses a mutation and stores its number; otherwise it would take effect when it is sent again much later. */
  private refuse(clientId: string, mutation: Mutation): Result {
    this.log(clientId, mutation, 'rejected');
    return reused(mutation);
  }

  private log(clientId: string, mutation: Mutation, status: Status): void {
    const { log, last, stamp: at } = this.data;
    const { mutationId, clientSeq } = mutation;
    log.set(`${clientId} ${mutationId}`, { clientSeq, body: bodyOf(mutation), status, at });
    last.set(clientId, Math.max(last.get(clientId) ?? 0, clientSeq));
  }

  /** The answer to a mutation that came before, or the reason why it is a different mutation. */
  private earlier(clientId: string, mutation: Mutation): Result | undefined {
    const { mutationId, clientSeq, id } = mutation;
    const { log, last } = this.data;
    const known = log.get(`${clientId} ${mutationId}`);
    if (known && known.body !== bodyOf(mutation))
      return { mutationId, status: 'rejected', error: 'mutation-id-reused' };
    if (known?.status === 'rejected') return reused(mutation);
    if (known) {
      const { status } = known;
      return this.result(mutationId, status === 'applied' || status === 'merged' ? 'duplicate' : status, id);
    }
    if (clientSeq > (last.get(clientId) ?? 0)) return undefined;
    for (const [key, other] of log)
      if (key.startsWith(`${clientId} `) && other.clientSeq === clientSeq) return reused(mutation);
    return this.result(mutationId, 'duplicate', id);
  }

  private result(mutationId: string, status: Status, id: string): Result {
    const row = this.data.rows.get(id);
    if (!row) return { mutationId, status };
    const record = changeOf(row);
    const { version, seq, modifiedAt } = record;
    return { mutationId, status, version, seq, modifiedAt, ...(status !== 'applied' && { record }) };
  }

  private apply(clientId: string, mutation: Mutation, skew: number): Status {
    const { id, op, fields, modifiedAt, baseVersion } = mutation;
    const time = editTime(modifiedAt, this.data.stamp, skew);
    const stamp = { time, counter: 0, ...authorOf(clientId, mutation) };
    const edit = { stamp, baseVersion, deletes: op === 'delete', groups: fields };
    const before = this.data.rows.get(id)?.state;
    const event = { time, before };
    if (!before) {
      const begins = op === 'create' || (op === 'update' && !this.rules.updateDoesNotRecreate);
      const after = begins ? begin(edit) : undefined;
      const kept = op === 'update' && !begins ? this.keep(id, clientId, time, fields) : [];
      if (after) this.write('record', id, after, true);
      const status = begins ? 'applied' : 'gone';
      this.watch.merged(clientId, mutation, { ...event, merge: undefined, after, status, kept });
      return status;
    }
    const merged = resolve(this.rules, before, edit);
    this.write('record', id, merged.state, merged.state.version !== before.version);
    const kept = this.note(id, clientId, fields, before, merged);
    const status = kept.length > 0 ? 'conflict' : merged.status;
    this.watch.merged(clientId, mutation, { ...event, merge: merged, after: merged.state, status, kept });
    return status;
  }

  /** Keeps the losing side of a merge as a conflict. */
  private note(id: string, clientId: string, fields: Fields, before: RecordState, merged: Merge): string[] {
    const { contested, contestedLife, won, state } = merged;
    const held = Object.fromEntries(
      Object.entries(before.groups).map(([name, { content }]) => [name, content]),
    );
    if (contestedLife && state.deleted)
      return before.deleted
        ? this.keep(id, clientId, state.stamp.time, fields)
        : this.keep(id, before.stamp.device, before.stamp.time, held);
    const pick = (from: Fields, isWon: boolean): Fields =>
      Object.fromEntries(
        contested.filter((name) => won.includes(name) === isWon).map((name) => [name, from[name] ?? '']),
      );
    return [
      ...this.keep(id, clientId, state.stamp.time, pick(fields, false)),
      ...this.keep(id, before.stamp.device, before.stamp.time, pick(held, true)),
    ];
  }

  private keep(id: string, device: string, time: number, loser: Fields): string[] {
    if (Object.keys(loser).length === 0) return [];
    const conflict = `conflict of ${id}: ${JSON.stringify(loser)}`;
    const stamp = { time, counter: 0, device, deviceSeq: 0 };
    if (!this.data.rows.has(conflict))
      this.write('conflict', conflict, begin({ stamp, deletes: false, groups: loser }), true);
    return contentsOf(loser);
  }

  private write(kind: Kind, id: string, state: RecordState, isVisible: boolean): void {
    const { data } = this;
    const old = data.rows.get(id);
    if (isVisible) data.seq += 1;
    const row = { kind, id, seq: isVisible ? data.seq : old!.seq, state };
    data.rows.set(id, row);
    if (!isVisible) return;
    data.digest = moveDigest(data.digest, id, living(old?.state), living(state), data.seq);
    this.watch.committed(row);
  }
}

/** A state that later edits of the client do not know counts as an edit of nobody, so that they are not its next edits. */
export const authorOf = (
  clientId: string,
  { clientSeq, unseen }: Mutation,
): Pick<EditStamp, 'device' | 'deviceSeq'> =>
  unseen ? { device: '', deviceSeq: 0 } : { device: clientId, deviceSeq: clientSeq };

const reused = ({ mutationId }: Mutation): Result => ({
  mutationId,
  status: 'rejected',
  error: 'client-seq-reused',
});
