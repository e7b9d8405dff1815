import type { Rules } from './rules.js';
import {
  acknowledged,
  contentsOf,
  type Copy,
  emptyStore,
  isAncestor,
  newestSeq,
  outlives,
  type Pending,
  type Source,
  type State,
  viewOf,
} from './store.js';
import type { Write } from './writes.js';
import type {
  Answer,
  Change,
  Fields,
  Page,
  Problem,
  PushAnswer,
  PushRequest,
  Request,
  Result,
} from './wire.js';

/** A phone: its store, and its sync, which sends one request at a time. */
export class Client {
  private state: State;
  private phase: 'pull' | 'push' | 'end' | 'idle' = 'idle';

  constructor(
    private readonly rules: Rules,
    private readonly source: Source,
    private readonly sizes = { page: 2, batch: 2 },
  ) {
    this.state = emptyStore(`c${source.unique()}`);
  }

  get clientId(): string {
    return this.state.clientId;
  }

  get waiting(): number {
    return this.state.outbox.length;
  }

  /** Every content that it has shown. */
  get seen(): ReadonlySet<string> {
    return new Set(this.state.known);
  }

  /** The live records that the server has, as far as the phone knows. */
  live(): Record<string, readonly [number, Fields | null]> {
    const copies = [...this.state.copies.values()].filter(({ deleted }) => !deleted);
    const sorted = copies.toSorted((a, b) => (a.id < b.id ? -1 : 1));
    return Object.fromEntries(sorted.map(({ id, version, data }) => [id, [version, data] as const]));
  }

  /** A complete backup of the phone. */
  snapshot(): State {
    const { copies, outbox, known } = this.state;
    return { ...this.state, copies: new Map(copies), outbox: [...outbox], known: new Set(known) };
  }

  /** Restores the phone from a backup and starts the app. */
  restore(state: State): void {
    this.state = state;
    this.state = { ...this.snapshot(), isIdentified: false };
    this.phase = 'idle';
  }

  /** The ids of the records that are shown, or of those that were deleted. */
  ids(which: 'shown' | 'deleted'): string[] {
    const { copies, outbox } = this.state;
    const records = [...copies.values()].filter(({ kind }) => kind === 'record');
    const all = new Set([...records, ...outbox].map(({ id }) => id));
    return [...all].filter((id) => (this.view(id) !== undefined) === (which === 'shown')).toSorted();
  }

  /** Applies an edit of the person. It is shown at once, and waits in the outbox. */
  write(write: Write): void {
    const { id, op, groups, token } = write;
    const { copies, outbox } = this.state;
    const copy = copies.get(id);
    const first = this.rules.firstBase ? outbox.find((edit) => edit.id === id) : undefined;
    const isShown = copy && !copy.deleted && copy.version > 0;
    // During a reset, a copy still has a version of the old epoch.
    const isCounted = copy?.epoch === this.state.epoch || !this.rules.forgetsBases;
    const ownBase = isShown && isCounted && op !== 'create' ? copy.version : undefined;
    const baseVersion = first ? first.baseVersion : ownBase;
    const fields = Object.fromEntries(op === 'delete' ? [] : groups.map((name) => [name, token]));
    if (copy?.orphan && op === 'create' && this.rules.takesBack) copies.set(id, { ...copy, orphan: false });
    this.append({ id, op, fields, write, baseVersion });
    this.look();
  }

  private append(draft: Pick<Pending, 'id' | 'op' | 'fields' | 'write'> & Partial<Pending>): void {
    const { state, source } = this;
    const place = { clientSeq: state.nextSeq++, mutationId: `m${source.unique()}` };
    state.outbox.push({ modifiedAt: source.clock(), known: new Set(state.known), ...draft, ...place });
  }

  /** The person sees what the phone shows now. Values below waiting edits are hidden. */
  private look(): void {
    const { known } = this.state;
    for (const id of this.ids('shown')) for (const name of contentsOf(this.view(id) ?? {})) known.add(name);
  }

  private view(id: string): Fields | undefined {
    const edits = this.state.outbox.filter((edit) => edit.id === id);
    const copy = this.state.copies.get(id);
    return viewOf(copy, edits);
  }

  /** The next request of the cycle: pull to the head, push until the outbox is empty, pull. Undefined at the end. */
  next(): Request | undefined {
    const { state } = this;
    this.phase = this.phase === 'idle' ? 'pull' : this.phase;
    if (!state.isIdentified && this.rules.mintsClientId) return { type: 'status', clientId: state.clientId };
    if (this.phase === 'push') {
      if (state.outbox.length > 0) return this.batch(state.epoch!);
      this.phase = 'end';
    }
    if (state.cursor === undefined) state.boot ??= this.source.unique();
    const epoch = state.cursor === undefined && this.rules.presentsEpoch ? state.epoch : undefined;
    return { type: 'pull', cursor: state.cursor, epoch, limit: this.sizes.page };
  }

  get isIdle(): boolean {
    return this.phase === 'idle';
  }

  private batch(epoch: string): PushRequest {
    const { outbox, clientId } = this.state;
    const chosen = outbox.slice(0, this.sizes.batch).map((pending) => this.freeze(pending));
    outbox.splice(0, chosen.length, ...chosen);
    this.state.sentSeq = Math.max(this.state.sentSeq, ...chosen.map(({ clientSeq }) => clientSeq));
    return {
      type: 'push',
      clientId,
      epoch,
      clientTime: this.source.clock(),
      mutations: chosen.map(({ sent }) => sent!),
    };
  }

  private freeze(pending: Pending): Pending {
    if (pending.sent) return pending;
    const { mutationId, clientSeq, id, op, baseVersion, modifiedAt, fields, unseen } = pending;
    const sent = { mutationId, clientSeq, id, op, baseVersion, modifiedAt, fields, unseen };
    this.source.made(sent, pending);
    return { ...pending, sent };
  }

  take(request: Request, answer: Answer): void {
    this.process(request, answer);
    this.look();
  }

  private process(request: Request, answer: Answer): void {
    if (answer.type === 'status') return this.identified(request, answer.lastClientSeq);
    if (answer.type === 'results') return this.settle(request as PushRequest, answer);
    if (!this.isCurrent(request)) return;
    return answer.type === 'page' ? this.takePage(answer) : this.startOver(answer);
  }

  /** Whether the request was sent with the client's current cursor. */
  private isCurrent(request: Request): boolean {
    const { cursor, boot } = this.state;
    if (request.type === 'push') return request.epoch === this.state.epoch;
    if (request.type !== 'pull') return false;
    if (!this.rules.ignoresStalePages) return true;
    const isSame = JSON.stringify(request.cursor) === JSON.stringify(cursor);
    return (
      isSame &&
      (cursor !== undefined ||
        (boot !== undefined && request.epoch === (this.rules.presentsEpoch ? this.state.epoch : undefined)))
    );
  }

  private identified(request: Request, lastClientSeq: number): void {
    if (request.type !== 'status' || request.clientId !== this.state.clientId) return;
    if (lastClientSeq > this.state.sentSeq) this.renewClientId();
    this.state.isIdentified = true;
  }

  /** Takes a new client id. Edits that were sent with the old id are sent again, with the same numbers. */
  private renewClientId(): void {
    if (!this.rules.mintsClientId) return;
    const { source, state } = this;
    state.clientId = `c${source.unique()}`;
    state.sentSeq = 0;
    state.outbox = state.outbox.map((edit) => ({
      ...edit,
      sent: undefined,
      mutationId: `m${source.unique()}`,
    }));
  }

  private startOver(problem: Problem): void {
    const { state, rules } = this;
    state.isIdentified = false;
    state.cursor = undefined;
    state.boot = this.source.unique();
    this.phase = 'pull';
    // The record may have been created again in the meantime, with new versions.
    if (problem.type === 'cursor-expired' && rules.forgetsBases) this.forgetBases(-1);
    if (problem.type === 'cursor-expired' || state.epoch === problem.epoch) return;
    const bases = [problem.baseSeq, state.reset?.base ?? Infinity];
    const base = rules.nestedBase ? Math.min(...bases) : problem.baseSeq;
    state.epoch = problem.epoch;
    if (!rules.epochReset) return;
    state.reset = { base };
    if (rules.forgetsBases) this.forgetBases(base);
  }

  /**
   * Versions start again after the base, also those of edits in the outbox. An edit must not claim that it was made on a
   * different state with the same version.
   */
  private forgetBases(base: number): void {
    const { copies } = this.state;
    this.state.outbox = this.state.outbox.map((edit) => {
      const copy = copies.get(edit.id);
      if (copy && newestSeq(copy) <= base) return edit;
      return { ...edit, baseVersion: undefined, sent: undefined };
    });
  }

  private takePage({ epoch, changes, cursor, hasMore }: Page): void {
    const { state } = this;
    const { boot } = state;
    for (const change of changes) this.apply(change, epoch, boot);
    Object.assign(state, { epoch, cursor });
    if (hasMore) return;
    if (boot !== undefined) this.finishBootstrap(boot, cursor.seq);
    this.phase = this.phase === 'end' ? 'idle' : 'push';
  }

  private apply(change: Change, epoch: string, boot: number | undefined): void {
    const { copies, outbox } = this.state;
    const old = copies.get(change.id);
    if (old?.epoch === epoch && (change.seq <= old.seq || change.seq < (old.acked ?? 0))) {
      const isSame = this.rules.repeatsCount && change.seq === old.seq;
      const modifiedAt = isSame ? change.modifiedAt : old.modifiedAt;
      copies.set(old.id, { ...old, modifiedAt, boot: boot ?? old.boot });
      return;
    }
    if (old && old.epoch !== epoch && outlives(this.rules, old, change, this.state.reset))
      this.recreate(old, isAncestor(change, this.state.reset) ? change.version : undefined);
    const hasEdits = outbox.some(({ id }) => id === change.id);
    const data = change.deleted && hasEdits ? (old?.data ?? null) : change.data;
    const isKnown = old?.epoch === epoch && old.version === change.version && !old.unseen;
    copies.set(change.id, { ...change, epoch, boot, data, ...(hasEdits && !isKnown && { unseen: true }) });
  }

  /** Sends a record again with its original time, and then the edits that were made on it. */
  private recreate({ id, modifiedAt, deleted, data, unseen }: Copy, baseVersion?: number): void {
    const { state } = this;
    const edits = state.outbox.filter((edit) => edit.id === id);
    state.outbox = state.outbox.filter((edit) => edit.id !== id);
    const body = deleted
      ? { op: 'delete' as const, fields: {} }
      : { op: baseVersion === undefined ? ('create' as const) : ('update' as const), fields: data ?? {} };
    this.append({
      id,
      ...body,
      write: undefined,
      modifiedAt,
      ...(baseVersion !== undefined && { baseVersion }),
      ...(unseen && this.rules.unseenCopies && { unseen }),
    });
    for (const edit of edits) this.append({ ...edit, baseVersion: undefined, sent: undefined });
  }

  /** Records that a bootstrap did not bring were deleted on the server, or were lost there and are sent again. */
  private finishBootstrap(boot: number, seq: number): void {
    const { copies, epoch, reset } = this.state;
    for (const copy of copies.values()) {
      if (copy.boot === boot) continue;
      const isOld = copy.epoch !== epoch;
      const isLost = isOld && copy.kind === 'record' && reset !== undefined && newestSeq(copy) > reset.base;
      if (isLost) this.recreate(copy);
      const isShared = isOld && !isLost && copy.kind === 'record' && reset !== undefined;
      if (isLost && copy.deleted && this.rules.orphans) copies.set(copy.id, { ...copy, orphan: true });
      else if (this.rules.keepsDeletions && isShared && copy.deleted && epoch !== undefined)
        copies.set(copy.id, { ...copy, epoch });
      else if (this.rules.sweep && (isOld || (!copy.deleted && newestSeq(copy) <= seq)))
        copies.delete(copy.id);
    }
    this.state.boot = undefined;
    this.state.reset = undefined;
  }

  private settle(request: PushRequest, { epoch, results, lastClientSeq }: PushAnswer): void {
    if (request.epoch !== this.state.epoch || epoch !== this.state.epoch) return;
    for (const result of results) {
      const pending = this.state.outbox.find(({ mutationId }) => mutationId === result.mutationId);
      if (pending) this.settleOne(pending, result, epoch);
    }
    const isReused = results.some(({ error }) => error === 'client-seq-reused');
    if (request.clientId === this.state.clientId && (isReused || lastClientSeq > this.state.sentSeq))
      this.renewClientId();
  }

  private settleOne(pending: Pending, result: Result, epoch: string): void {
    const { status, record } = result;
    const { copies, outbox } = this.state;
    if (status === 'rejected') {
      if (this.rules.mintsClientId) return;
      outbox.splice(outbox.indexOf(pending), 1);
      return;
    }
    outbox.splice(outbox.indexOf(pending), 1);
    if (pending.write) pending.write.acked = status;
    if (record) this.apply(record, epoch, undefined);
    else if (status === 'gone' && !copies.get(pending.id)?.deleted) copies.delete(pending.id);
    else if (status === 'applied')
      copies.set(pending.id, acknowledged(this.rules, copies.get(pending.id), pending, result, epoch));
    const copy = copies.get(pending.id);
    if (copy?.deleted && !outbox.some(({ id }) => id === copy.id))
      copies.set(copy.id, { ...copy, data: null });
  }
}
