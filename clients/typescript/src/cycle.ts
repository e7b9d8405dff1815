import { beginBootstrap, beginReset } from './bootstrap.js';
import { digestOf } from './digest.js';
import { LoopGuard } from './guard.js';
import { uuidv7 } from './ids.js';
import { keepOffset, type Parts, within } from './parts.js';
import { isOver, ProblemError } from './problem.js';
import { applyPage, nextPage } from './pull.js';
import {
  becomeAnother,
  type Batch,
  holdBack,
  refuse,
  release,
  settle,
  takeBatch,
  type Tally,
} from './push.js';
import type { Session } from './session.js';
import type { StallWatch } from './stall.js';
import type { State } from './state.js';
import { type Meta, readDevice, type UserStore } from './store.js';
import type { paths } from './schema.js';
import type { PullAnswer, PullQuery, PushAnswer } from './wire.js';

type PushBody = paths['/api/sync/push']['post']['requestBody']['content']['application/json'];

const BATCH = 100;
const MOST_RESTARTS = 5;
const VERIFY_EVERY_MS = 24 * 3_600_000;
const LEARN_EVERY_MS = 3_600_000;

/** What one run did: counts, never values. */
export interface Counts {
  pulled: number;
  pushed: number;
  results: Tally;
}

interface Listener {
  enter(state: State): unknown;
  /** Something in the store is different now. */
  changed(): void;
  readonly watch: StallWatch;
}

/**
 * Sync of one sign-in: pull, push until nothing waits, pull. Every request and every transaction is made for it, and
 * fails with `signed-out` once it is over.
 */
export class Cycle {
  private readonly client: ReturnType<Parts['api']['of']>;
  private identifiedAt: number | undefined;
  /** Kinds of the server; all of them until it has said. */
  private known: ReadonlySet<string> | undefined;
  private size = BATCH;

  constructor(
    private readonly parts: Parts,
    readonly session: Session,
    private readonly listener: Listener,
  ) {
    this.client = parts.api.of(session);
  }

  async run(counts: Counts): Promise<void> {
    await this.within(release);
    await this.identify();
    for (let restarts = 0; ; restarts += 1)
      try {
        await this.pull(counts);
        if (await this.push(counts)) await this.pull(counts);
        return await this.verify(counts);
      } catch (error) {
        if (restarts < MOST_RESTARTS && (await this.startOver(error))) continue;
        // An older server may have taken the place of one that knew the kinds.
        if (error instanceof ProblemError && error.status === 422) this.identifiedAt = undefined;
        throw error;
      }
  }

  private within<T>(work: (store: UserStore) => Promise<T>): Promise<T> {
    return within(this.parts, this.session, work);
  }

  private readonly isKnown = (kind: string): boolean => this.known?.has(kind) ?? true;

  /** Those the app names and the server knows: a pull that names another one brings nothing at all. */
  private get kinds(): readonly string[] {
    return this.parts.kinds.filter(this.isKnown);
  }

  /**
   * Once: which kinds the server knows, and whether it has heard more from this client than this client has said, by
   * what it remembers. Again after a while, if it lacks a kind: it may be newer by then.
   */
  private async identify(): Promise<void> {
    const { api, runtime } = this.parts;
    const now = runtime.now();
    const isOld = Math.abs(now - (this.identifiedAt ?? now)) > LEARN_EVERY_MS;
    const isDue = isOld && this.kinds.length < this.parts.kinds.length;
    if (this.identifiedAt !== undefined && !isDue) return;
    const device = await this.within(({ transaction }) => readDevice(transaction, () => uuidv7(runtime)));
    const query = { client_id: device.client_id };
    const status = await api.body(this.client.GET('/api/sync/status', { params: { query } }));
    if (status.last_client_seq > device.sent_client_seq)
      await this.within((store) => becomeAnother(store, runtime));
    this.known = new Set(status.kinds);
    await this.within((store) => holdBack(store, this.isKnown, status.last_client_seq));
    this.identifiedAt = now;
  }

  private async pull(counts: Counts): Promise<void> {
    const { runtime } = this.parts;
    const { kinds } = this;
    const guard = new LoopGuard();
    for (let done = 0; ;) {
      const { query, meta } = await this.within(async (store) => ({
        query: await nextPage(store, runtime, kinds),
        meta: await store.meta(),
      }));
      this.listener.enter(pulling(meta, done));
      const sentAt = runtime.now();
      const page = await this.page(query);
      this.listener.watch.answer();
      guard.check(query.cursor, page.cursor, page.changes.length, page.has_more);
      const { changed, isStale } = await this.within(async (store) => {
        await keepOffset(store.transaction, runtime, page.server_time, sentAt);
        return applyPage(store, runtime, { query, page, kinds });
      });
      done += page.changes.length;
      counts.pulled += changed;
      this.listener.watch.progress(runtime.now());
      if (changed > 0 || meta.boot) this.listener.changed();
      if (!page.has_more && !isStale) return;
    }
  }

  private page(query: PullQuery): Promise<PullAnswer> {
    const { api } = this.parts;
    return api.body(this.client.GET('/api/sync/pull', { params: { query } }));
  }

  /** Sends until nothing waits; says how many edits went. */
  private async push(counts: Counts): Promise<number> {
    const { runtime } = this.parts;
    const guard = new LoopGuard();
    for (let done = 0; ;) {
      const batch = await this.within((store) =>
        takeBatch(store, runtime, { size: this.size, isKnown: this.isKnown }),
      );
      if (!batch) return done;
      const waiting = await this.within((store) => store.outboxSize());
      this.listener.enter({ phase: 'pushing', done, total: done + waiting });
      const sentAt = runtime.now();
      const answer = await this.send(batch);
      if (!answer) continue;
      this.listener.watch.answer();
      const tally = await this.within(async (store) => {
        await keepOffset(store.transaction, runtime, answer.server_time, sentAt);
        return settle(store, runtime, batch, answer);
      });
      done += batch.rows.length;
      counts.pushed += batch.rows.length;
      add(counts.results, tally);
      this.size = Math.min(BATCH, this.size * 2);
      this.listener.watch.progress(runtime.now());
      this.listener.changed();
      if (tally.ignored === batch.rows.length) guard.check('ignored');
    }
  }

  /** The answer to a batch; none when it was too large, and the next is smaller. */
  private async send({ rows, request }: Batch): Promise<PushAnswer | undefined> {
    const { api, runtime } = this.parts;
    try {
      const params = { header: { 'X-Sync-User': this.session.user.id } };
      return await api.body(this.client.POST('/api/sync/push', { params, body: request as PushBody }));
    } catch (error) {
      await this.within(release);
      if (!(error instanceof ProblemError) || error.status !== 413) throw error;
      const refusal = { code: error.code, message: 'it is too large to send' };
      if (this.size > 1) this.size = Math.max(1, Math.floor(Math.min(this.size, rows.length) / 2));
      else
        await this.within(async (store) => {
          await refuse(
            store,
            runtime,
            rows.map((row) => ({ ...row, error: refusal })),
          );
        });
      return undefined;
    }
  }

  /** After a reset signal: prepares for a new beginning. False when the error is something else. */
  private async startOver(error: unknown): Promise<boolean> {
    if (!(error instanceof ProblemError)) return false;
    const { runtime } = this.parts;
    const [epoch, baseSeq] = [error.text('epoch'), error.text('base_seq')];
    if (error.code === 'epoch-changed' && epoch !== undefined && baseSeq !== undefined)
      await this.within((store) => beginReset(store, runtime, { epoch, baseSeq }));
    else if (error.code === 'cursor-expired' || error.code === 'bad-cursor')
      await this.within((store) => beginBootstrap(store, runtime, 'expired'));
    else return false;
    // A restored server may have forgotten this client, or remember a clone of it.
    this.identifiedAt = undefined;
    await this.identify();
    return true;
  }

  /** Now and then compares all versions with the server's, and pulls everything again if they differ. */
  private async verify(counts: Counts): Promise<void> {
    const now = this.parts.runtime.now();
    const { verified_at = 0 } = await this.within((store) => store.meta());
    if (Math.abs(now - verified_at) < VERIFY_EVERY_MS) return;
    // Everything is synced; that the server is too busy to be compared with changes nothing.
    const isSame = await this.isVerified().catch((error: unknown) => {
      if (isOver(error)) throw error;
      return undefined;
    });
    if (isSame === undefined) return;
    if (!isSame) {
      await this.within((store) => beginBootstrap(store, this.parts.runtime, 'digest'));
      await this.pull(counts);
    }
    await this.within((store) => store.update({ verified_at: now }));
  }

  /** Whether the store holds the same as the server; true as well when that cannot be told just now. */
  async isVerified(): Promise<boolean> {
    const { api } = this.parts;
    const { kinds } = this;
    const query = { kinds: kinds.join(',') };
    const digest = await api.body(this.client.GET('/api/sync/digest', { params: { query } }));
    return this.within(async (store) => {
      const meta = await store.meta();
      if (meta.epoch !== digest.epoch || meta.seq !== digest.seq) return true;
      for (const kind of kinds) {
        const own = digestOf((await store.records(kind)).filter(({ deleted }) => !deleted));
        const theirs = digest.kinds.find((other) => other.kind === kind) ?? { count: 0, sum64: '0' };
        if (own.count !== theirs.count || own.sum64 !== theirs.sum64) return false;
      }
      return true;
    });
  }
}

const pulling = ({ boot }: Meta, done: number): State =>
  boot && boot.reason !== 'first'
    ? { phase: 'resetting', kind: boot.reason, done }
    : { phase: 'pulling', done };

function add(sum: Tally, tally: Tally): void {
  for (const [status, count] of Object.entries(tally) as [keyof Tally, number][])
    sum[status] = (sum[status] ?? 0) + count;
}
