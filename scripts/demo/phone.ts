import type { Random } from '../support/random.js';
import { Api } from './api.js';
import { withRetry, type FailedTry, type RetryPolicy } from './retry.js';
import { LocalStore } from './store.js';
import type { Account, Conflict, Device, PushAnswer, PushedEntry, SyncedEntry } from './wire.js';

const BATCH = 100;

/** A real app would start with a second or more; a demo need not keep anyone waiting. */
const patience = (random: Random): RetryPolicy => ({ tries: 6, firstMs: 80, longestMs: 5_000, random });

export type Tally = Partial<Record<SyncedEntry['status'], number>>;

/** What a sync did. */
export interface SyncReport {
  /** How many pushed entries got each status. */
  readonly pushed: Tally;
  readonly conflicts: readonly Conflict[];
  readonly pulled: number;
  readonly deletedElsewhere: number;
}

/** What a phone tells while it syncs, for those who want to watch. */
export interface Watcher {
  failed?(failure: FailedTry): void;
  pushed?(sent: readonly PushedEntry[], answer: PushAnswer): void;
}

/** One phone: a store that works without a network, and a sync that brings it and the service to the same state. */
export class Phone {
  readonly store = new LocalStore();
  readonly api: Api;
  private readonly policy: RetryPolicy;
  private since: string | undefined;

  constructor(baseUrl: string, device: Device, random: Random) {
    this.api = new Api(baseUrl, device);
    this.policy = patience(random);
  }

  register(account: Account): Promise<void> {
    return this.patiently(() => this.api.register(account));
  }

  login(account: Account): Promise<void> {
    return this.patiently(() => this.api.login(account));
  }

  /** Empties the outbox, then fetches what others changed. */
  async sync(watcher: Watcher = {}): Promise<SyncReport> {
    const pushed: Tally = {};
    const conflicts: Conflict[] = [];
    while (this.store.pending > 0) {
      const batch = this.store.nextBatch(BATCH);
      const answer = await this.patiently(() => this.api.push(batch), watcher);
      watcher.pushed?.(batch, answer);
      this.settle(batch, answer);
      for (const { status } of answer.synced) pushed[status] = (pushed[status] ?? 0) + 1;
      conflicts.push(...answer.conflicts);
    }
    return { pushed, conflicts, ...(await this.pull(watcher)) };
  }

  private settle(batch: readonly PushedEntry[], answer: PushAnswer): void {
    const sent = new Map(batch.map((entry) => [entry.local_id, entry]));
    const take = (localId: string | null): PushedEntry => {
      const entry = sent.get(localId ?? '');
      if (!entry) throw new Error(`The service answered about ${localId}, which was not asked (again).`);
      sent.delete(entry.local_id);
      return entry;
    };
    for (const result of answer.synced) this.store.confirmed(take(result.local_id), result);
    for (const conflict of answer.conflicts) this.store.overruled(take(conflict.local_id), conflict);
    for (const rejection of answer.rejected) this.store.refused(take(rejection.local_id), rejection);
    // Without this an entry that is never answered would be sent for ever.
    if (sent.size > 0) throw new Error(`The service did not answer about ${[...sent.keys()].join(', ')}.`);
  }

  private async pull(watcher: Watcher): Promise<{ pulled: number; deletedElsewhere: number }> {
    let pulled = 0;
    let deletedElsewhere = 0;
    for (;;) {
      const page = await this.patiently(() => this.api.pull(this.since), watcher);
      for (const entry of page.entries) {
        const had = this.store.byServerId(entry.server_id);
        if (!this.store.pulled(entry)) continue;
        if (entry.deleted) deletedElsewhere += had ? 1 : 0;
        else if (had?.version !== entry.version) pulled += 1;
      }
      this.since = page.next_since;
      if (!page.has_more) return { pulled, deletedElsewhere };
    }
  }

  private patiently<T>(action: () => Promise<T>, watcher: Watcher = {}): Promise<T> {
    return withRetry(action, this.policy, (failure) => watcher.failed?.(failure));
  }
}
