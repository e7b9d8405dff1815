import { beginBootstrap, beginReset } from './bootstrap.js';
import { digestOf } from './digest.js';
import { LoopGuard } from './guard.js';
import { uuidv7 } from './ids.js';
import { keepOffset, type Parts, within } from './parts.js';
import { isOver, ProblemError, Unreachable } from './problem.js';
import { applyPage, nextPage } from './pull.js';
import {
  renewClientId,
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
/** A token is refreshed about as often. */
const PROFILE_EVERY_MS = 10 * 60_000;

/** Numbers of one run; they contain no values. */
export interface Counts {
  pulled: number;
  pushed: number;
  results: Tally;
}

interface Listener {
  enter(state: State): unknown;
  /** The store has changed. */
  changed(): void;
  readonly watch: StallWatch;
}

/**
 * One run of sync for one sign-in: pull, push until the outbox is empty, pull. Every request and every transaction belongs to
 * this sign-in, and fails with `signed-out` after it has ended.
 */
export class Cycle {
  private readonly client: ReturnType<Parts['api']['of']>;
  private identifiedAt: number | undefined;
  private profileAt: number | undefined;
  /** The kinds of the server; undefined until it was asked, which counts as all. */
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
        await this.learnProfile();
        return await this.verify(counts);
      } catch (error) {
        if (restarts < MOST_RESTARTS && (await this.startOver(error))) continue;
        // The server may have been replaced by an older version that lacks a kind.
        if (error instanceof ProblemError && error.status === 422) this.identifiedAt = undefined;
        throw error;
      }
  }

  private within<T>(work: (store: UserStore) => Promise<T>): Promise<T> {
    return within(this.parts, this.session, work);
  }

  private readonly isKnown = (kind: string): boolean => this.known?.has(kind) ?? true;

  /** The kinds of the app that the server has: a pull that names an unknown kind fails. */
  private get kinds(): readonly string[] {
    return [...this.parts.kinds.keys()].filter(this.isKnown);
  }

  /**
   * Asks once which kinds the server has, and whether it has a greater number from this client than the client remembers. Asks
   * again after a while if a kind is missing: the server may have been updated.
   */
  private async identify(): Promise<void> {
    const { api, runtime } = this.parts;
    const now = runtime.now();
    const isOld = Math.abs(now - (this.identifiedAt ?? now)) > LEARN_EVERY_MS;
    const isDue = isOld && this.kinds.length < this.parts.kinds.size;
    if (this.identifiedAt !== undefined && !isDue) return;
    const device = await this.within(({ transaction }) => readDevice(transaction, () => uuidv7(runtime)));
    const query = { client_id: device.client_id };
    const status = await api.body(this.client.GET('/api/sync/status', { params: { query } }));
    if (status.last_client_seq > device.sent_client_seq)
      await this.within((store) => renewClientId(store, runtime));
    this.known = new Set(status.kinds);
    await this.within((store) => holdBack(store, this.isKnown, status.last_client_seq));
    this.identifiedAt = now;
  }

  /**
   * Reads the profile, which another device may have changed, in the first run after the app was opened, and regularly. Without it
   * everything is synced all the same.
   */
  private async learnProfile(): Promise<void> {
    const { api, runtime } = this.parts;
    const now = runtime.now();
    if (Math.abs(now - (this.profileAt ?? -Infinity)) < PROFILE_EVERY_MS) return;
    if (await api.body(this.client.GET('/api/users/me')).catch(unlessOver)) this.profileAt = now;
  }

  private async pull(counts: Counts): Promise<void> {
    const { runtime } = this.parts;
    const { kinds, isKnown } = this;
    const guard = new LoopGuard();
    for (let done = 0; ;) {
      const { query, meta } = await this.within(async (store) => ({
        query: await nextPage(store, runtime, { kinds, isKnown }),
        meta: await store.meta(),
      }));
      this.listener.enter(pulling(meta, done));
      const sentAt = runtime.now();
      const page = await this.page(query);
      this.listener.watch.answer();
      guard.check(query.cursor, page.cursor, page.changes.length, page.has_more);
      const { changed, isStale } = await this.within(async (store) => {
        await keepOffset(store.transaction, runtime, page.server_time, sentAt);
        return applyPage(store, runtime, { query, page });
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

  /** Sends until the outbox is empty. @returns the number of edits that were sent. */
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

  /** The answer to a batch; undefined if the batch was too large, and the next one is smaller. */
  private async send({ rows, request }: Batch): Promise<PushAnswer | undefined> {
    const { api, runtime } = this.parts;
    try {
      const params = { header: { 'X-Sync-User': this.session.user.id } };
      const answer = await api.body(
        this.client.POST('/api/sync/push', { params, body: request as PushBody }),
      );
      // Not an answer of the service, which always sends a body.
      if (!answer) throw new Unreachable('network');
      return answer;
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

  /** Prepares a new beginning after a reset signal. @returns false for any other error. */
  private async startOver(error: unknown): Promise<boolean> {
    if (!(error instanceof ProblemError)) return false;
    const { runtime } = this.parts;
    const [epoch, baseSeq] = [error.text('epoch'), error.text('base_seq')];
    if (error.code === 'epoch-changed' && epoch !== undefined && baseSeq !== undefined)
      await this.within((store) => beginReset(store, runtime, { epoch, baseSeq }));
    else if (error.code === 'cursor-expired' || error.code === 'bad-cursor')
      await this.within((store) => beginBootstrap(store, runtime, 'expired'));
    else return false;
    // A restored server may not know this client, or know a clone of it.
    this.identifiedAt = undefined;
    await this.identify();
    return true;
  }

  /** Compares all versions with the server's once a day, and pulls everything again if they differ. */
  private async verify(counts: Counts): Promise<void> {
    const now = this.parts.runtime.now();
    const { verified_at = 0 } = await this.within((store) => store.meta());
    if (Math.abs(now - verified_at) < VERIFY_EVERY_MS) return;
    // Everything is synced; a server that is too busy for the comparison changes nothing.
    const isSame = await this.isVerified().catch(unlessOver);
    if (isSame === undefined) return;
    if (!isSame) {
      await this.within((store) => beginBootstrap(store, this.parts.runtime, 'digest'));
      await this.pull(counts);
    }
    await this.within((store) => store.update({ verified_at: now }));
  }

  /** Whether store and server have the same records; also true if that cannot be determined now. */
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

/** For a request that sync can do without. */
function unlessOver(error: unknown): undefined {
  if (isOver(error)) throw error;
}

const pulling = ({ boot }: Meta, done: number): State =>
  boot && boot.reason !== 'first'
    ? { phase: 'resetting', kind: boot.reason, done }
    : { phase: 'pulling', done };

function add(sum: Tally, tally: Tally): void {
  for (const [status, count] of Object.entries(tally) as [keyof Tally, number][])
    sum[status] = (sum[status] ?? 0) + count;
}
