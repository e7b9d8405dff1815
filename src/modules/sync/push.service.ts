import { Injectable } from '@nestjs/common';
import { Clock } from '../../platform/clock.js';
import type { Actor } from '../../kernel/http/actor.js';
import { RecordCatalog } from '../../kernel/records/catalog.js';
import type { RecordChanges } from '../../kernel/records/record-changes.js';
import { Records } from '../../kernel/records/records.js';
import type { SyncClient } from '../../kernel/records/sync-client.entity.js';
import { SyncClients } from '../../kernel/records/sync-clients.js';
import { EpochsService } from './epochs.service.js';
import { MutationLog } from './mutation-log.js';
import { isRefused, type ReadMutation, readMutations } from './mutations.js';
import { type MutationOutcome, Push } from './push.js';

export interface PushRequest {
  readonly clientId: string;
  /** Undefined for a client that keeps no state of the service. */
  readonly epoch: string | undefined;
  readonly clientTime: Date | undefined;
  readonly mutations: readonly unknown[];
}

export interface PushAnswer {
  readonly epoch: string;
  readonly lastClientSeq: number;
  readonly mutations: readonly ReadMutation[];
  readonly outcomes: readonly MutationOutcome[];
}

/** The outbox of a device comes in: all of it in one transaction, each mutation with an outcome of its own. */
@Injectable()
export class PushService {
  constructor(
    private readonly records: Records,
    private readonly catalog: RecordCatalog,
    private readonly clients: SyncClients,
    private readonly log: MutationLog,
    private readonly epochs: EpochsService,
    private readonly clock: Clock,
  ) {}

  /** @throws Problem `epoch-changed`: an acknowledgement means something only within one history. */
  push({ userId }: Actor, request: PushRequest): Promise<PushAnswer> {
    const { clientId, clientTime } = request;
    // Before the lock: judging takes longer than writing.
    const mutations = readMutations(this.catalog, request.mutations);
    const skewMs = clientTime ? this.clock.now() - clientTime.getTime() : 0;
    return this.records.change(userId, async (changes) => {
      const { epoch } = changes.order;
      if (request.epoch !== undefined && request.epoch !== epoch)
        throw await this.epochs.changed(userId, request.epoch);
      const client = await this.clients.find(userId, clientId);
      const push = await this.prepare(changes, client, mutations, skewMs);
      const outcomes = await push.run(mutations);
      await this.log.add(userId, clientId, push.log, changes.order.stamp);
      await this.clients.remember(userId, clientId, {
        lastClientSeq: BigInt(push.lastSeq),
        lastSeenAt: changes.order.stamp,
        ...(clientTime ? { clockSkewMs: skewMs } : {}),
      });
      return { epoch, lastClientSeq: push.lastSeq, mutations, outcomes };
    });
  }

  /** One statement for what is known of mutations that came before, and one a kind for the records. */
  private async prepare(
    changes: RecordChanges,
    { userId, clientId, lastClientSeq }: SyncClient,
    mutations: readonly ReadMutation[],
    skewMs: number,
  ): Promise<Push> {
    const lastSeq = Number(lastClientSeq);
    const old = mutations.flatMap(({ clientSeq }) =>
      clientSeq !== undefined && clientSeq <= lastSeq ? clientSeq : [],
    );
    const known = await this.log.find(userId, clientId, old);
    const oldest = old.length > 0 ? await this.log.oldest(userId, clientId) : undefined;
    for (const kind of this.catalog.all) {
      const wanted = mutations.flatMap(({ content }) =>
        !isRefused(content) && content.kind === kind ? content.id : [],
      );
      await changes.load(kind, wanted);
    }
    return new Push(changes, { clientId, lastSeq, oldest, skewMs }, known, (name) => this.catalog.find(name));
  }
}
