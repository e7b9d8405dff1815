import type { Rules } from './rules.js';
import {
  acknowledged,
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

/** A phone: its store, and sync one request at a time. */
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

  /** Every content it has seen by now. */
  get seen(): ReadonlySet<string> {
    return new Set(this.state.known);
  }

  /** What the server is known to have. */
  live(): Record<string, readonly [number, Fields | null]> {
    const copies = [...this.state.copies.values()].filter(({ deleted }) => !deleted);
    const sorted = copies.toSorted((a, b) => (a.id < b.id ? -1 : 1));
    return Object.fromEntries(sorted.map(({ id, version, data }) => [id, [version, data] as const]));
  }

  /** The backup of the phone, with everything in it. */
  snapshot(): State {
    const { copies, outbox, known } = this.state;
    return { ...this.state, copies: new Map(copies), outbox: [...outbox], known: new Set(known) };
  }

  /** The app starts on a phone that was restored. */
  restore(state: State): void {
    this.state = state;
    this.state = { ...this.snapshot(), isIdentified: false };
    this.phase = 'idle';
  }

  /** Records that can be shown, or those that were deleted. */
  ids(which: 'shown' | 'deleted'): string[] {
    const { copies, outbox } = this.state;
    const records = [...copies.values()].filter(({ kind }) => kind === 'record');
    const all = new Set([...records, ...outbox].map(({ id }) => id));
    return [...all].filter((id) => (this.view(id) !== undefined) === (which === 'shown')).toSorted();
  }

  /** What the person does: it shows at once, and waits to be sent. */
  write(write: Write): void {
    const { id, op, groups, token } = write;
    const { copies, known } = this.state;
    const copy = copies.get(id);
    const isShown = copy && !copy.deleted && copy.version > 0;
    // During a reset a copy still counts in the old epoch.
    const isCounted = copy?.epoch === this.state.epoch || !this.rules.forgetsBases;
    const hasBase = isShown && isCounted && op !== 'create';
    const fields = Object.fromEntries(op === 'delete' ? [] : groups.map((name) => [name, token]));
    if (op !== 'delete') known.add(token);
    this.append({ id, op, fields, write, ...(hasBase && { baseVersion: copy.version }) });
  }

  private append(draft: Pick<Pending, 'id' | 'op' | 'fields' | 'write'> & Partial<Pending>): void {
    const { state, source } = this;
    const place = { clientSeq: state.nextSeq++, mutationId: `m${source.unique()}` };
    state.outbox.push({ modifiedAt: source.clock(), known: new Set(state.known), ...draft, ...place });
  }

  private view(id: string): Fields | undefined {
    const edits = this.state.outbox.filter((edit) => edit.id === id);
    const copy = this.state.copies.get(id);
    return viewOf(copy, edits);
  }

  /** The next request of the cycle: pull to the head, push until nothing waits, pull. Undefined at its end. */
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
    const { mutationId, clientSeq, id, op, baseVersion, modifiedAt, fields } = pending;
    const sent = { mutationId, clientSeq, id, op, baseVersion, modifiedAt, fields };
    this.source.made(sent, pending);
    return { ...pending, sent };
  }

  take(request: Request, answer: Answer): void {
    if (answer.type === 'status') return this.identified(request, answer.lastClientSeq);
    if (answer.type === 'results') return this.settle(request as PushRequest, answer);
    if (!this.isCurrent(request)) return;
    return answer.type === 'page' ? this.takePage(answer) : this.startOver(answer);
  }

  /** Whether the request was asked from the place where the client stands. */
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
    if (lastClientSeq > this.state.sentSeq) this.becomeAnother();
    this.state.isIdentified = true;
  }

  /** What was sent under the old id is sent anew; nothing is renumbered. */
  private becomeAnother(): void {
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
    // The record may be another by now, whose versions count anew.
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
   * Versions count anew after the base, also of edits on their way: none must claim to be made on another state of the
   * same number.
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
    const { copies, known, outbox } = this.state;
    for (const content of Object.values(change.data ?? {})) known.add(content);
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
    copies.set(change.id, { ...change, epoch, boot, data });
  }

  /** Says a record again, at the time it was made, and then the edits on top of it. */
  private recreate({ id, modifiedAt, deleted, data }: Copy, baseVersion?: number): void {
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
    });
    // As the next ones of one client they count as made on it, even if it came from another client meanwhile.
    const known = new Set([...state.known, ...Object.values(data ?? {})]);
    for (const edit of edits) this.append({ ...edit, known, baseVersion: undefined, sent: undefined });
  }

  /** What a bootstrap did not bring is gone from the server, or was lost there and is said again. */
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
      this.becomeAnother();
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
