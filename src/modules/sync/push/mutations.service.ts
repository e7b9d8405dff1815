import { Injectable } from '@nestjs/common';
import { Clock } from '../../../platform/clock.js';
import type { Actor } from '../../../kernel/http/actor.js';
import { invalidField } from '../../../kernel/http/problem.js';
import { RecordCatalog } from '../../../records/define/record-catalog.js';
import type { RecordKind } from '../../../records/define/record-kind.js';
import type { RecordChanges } from '../../../records/merge/record-changes.js';
import { Records } from '../../../records/write/records.js';
import { person } from '../../../records/define/person/person.owner.js';
import type { SyncClient } from '../../../records/define/person/sync-client.entity.js';
import { SyncClients } from '../../../records/write/sync-clients.js';
import { EpochsService } from '../pull/epochs.service.js';
import { MutationLog } from './mutation-log.js';
import { isRefused, type ReadMutation, readMutations } from './mutations.js';
import { type MutationOutcome, Push } from './push.js';

export interface PushRequest {
  readonly clientId: string;
  /** The epoch that the client knows; it may be missing in the first push. */
  readonly epoch?: string | undefined;
  /** Whether the client only reports events and so never learns an epoch. */
  readonly onlyReports?: boolean;
  readonly clientTime?: Date | undefined;
  readonly mutations: readonly unknown[];
}

export interface PushAnswer {
  readonly epoch: string;
  readonly lastClientSeq: number;
  readonly mutations: readonly ReadMutation[];
  readonly outcomes: readonly MutationOutcome[];
}

/** Applies the outbox of a device in one transaction; each mutation gets its own result. */
@Injectable()
export class MutationsService {
  constructor(
    private readonly records: Records,
    private readonly catalog: RecordCatalog,
    private readonly clients: SyncClients,
    private readonly log: MutationLog,
    private readonly epochs: EpochsService,
    private readonly clock: Clock,
  ) {}

  /**
   * @throws Problem `epoch-changed`, because an acknowledgement is valid only within one history; `validation` if the
   * epoch is missing after the first push; `quota-exceeded` for a new device when there are too many
   */
  async apply({ userId }: Actor, request: PushRequest): Promise<PushAnswer> {
    const { clientId, clientTime } = request;
    // Validated before the lock is taken, because validation takes longer than writing.
    const owner = person(userId);
    const mutations = await readMutations(this.catalog.ownedBy(owner.type), request.mutations);
    const skewMs = clientTime ? this.clock.now() - clientTime.getTime() : 0;
    return this.records.change(owner, async (changes) => {
      const { epoch } = changes.order;
      if (request.epoch !== undefined && request.epoch !== epoch)
        throw await this.epochs.changed(owner, request.epoch);
      const client = await this.clients.find(userId, clientId);
      if (request.epoch === undefined && !request.onlyReports) requireFirstPush(client, mutations);
      const push = await this.prepare(changes, client, mutations, skewMs);
      const outcomes = await push.run(mutations);
      await this.log.add(userId, clientId, push.log, changes.order.stamp);
      await this.clients.remember(userId, client, {
        lastClientSeq: push.lastSeq,
        lastSeenAt: changes.order.stamp,
        ...(clientTime ? { clockSkewMs: skewMs } : {}),
      });
      return { epoch, lastClientSeq: push.lastSeq, mutations, outcomes };
    });
  }

  /** Reads the known mutations with one statement and the records with one per kind. */
  private async prepare(
    changes: RecordChanges,
    { userId, clientId, lastClientSeq: lastSeq }: SyncClient,
    mutations: readonly ReadMutation[],
    skewMs: number,
  ): Promise<Push> {
    const old = mutations.flatMap(({ clientSeq }) =>
      clientSeq !== undefined && clientSeq <= lastSeq ? clientSeq : [],
    );
    const known = await this.log.find(userId, clientId, old);
    const oldest = old.length > 0 ? await this.log.oldest(userId, clientId) : undefined;
    for (const [kind, ids] of idsByKind(mutations)) await changes.load(kind, ids);
    await changes.loadReferences(mutations.flatMap(({ content }) => (isRefused(content) ? [] : content)));
    return new Push(changes, { clientId, lastSeq, oldest, skewMs }, known, (name) => this.catalog.find(name));
  }
}

function idsByKind(mutations: readonly ReadMutation[]): Map<RecordKind, string[]> {
  const ids = new Map<RecordKind, string[]>();
  for (const { content } of mutations) {
    if (isRefused(content)) continue;
    const known = ids.get(content.kind);
    if (known) known.push(content.id);
    else ids.set(content.kind, [content.id]);
  }
  return ids;
}

/**
 * A device learns from the epoch that a restore lost its changes, so every push after the first needs it. A retry of the
 * first push contains nothing new and gets the same answer again.
 */
function requireFirstPush({ lastClientSeq }: SyncClient, mutations: readonly ReadMutation[]): void {
  const hasPushed = lastClientSeq > 0;
  if (hasPushed && mutations.some(({ clientSeq = 0 }) => clientSeq > lastClientSeq))
    throw invalidField('epoch', 'required', 'epoch is required after the first push of a device');
}
