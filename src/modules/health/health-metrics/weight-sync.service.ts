import { Injectable } from '@nestjs/common';
import type { Actor } from '../../../kernel/http/actor.js';
import type { Conditional } from '../../../kernel/http/conditional.js';
import { invalidField } from '../../../kernel/http/problem.js';
import { QuotaExceeded } from '../../../kernel/quotas/quota-exceeded.js';
import { parseInstant } from '../../../kernel/http/instant.js';
import { person } from '../../../records/define/person/person.owner.js';
import { RecordCatalog } from '../../../records/define/record-catalog.js';
import { changeTag } from '../../../records/read/change-tag.js';
import { ChangeSequence } from '../../../records/write/change-sequence.js';
import type { LocalId } from '../../../records/define/person/local-id.entity.js';
import { LocalIds } from '../../../records/write/local-ids.js';
import { Records } from '../../../records/write/records.js';
import { daysBefore, TOMBSTONE_DAYS } from '../../../records/define/retention.js';
import { SyncClients } from '../../../records/write/sync-clients.js';
import { Clock } from '../../../platform/clock.js';
import { originOf, type SyncOrigin } from './sync-origin.js';
import type { WeightChangesDto, WeightChangesQuery } from './weight-changes.dto.js';
import type { WeightEntry } from './weight-entry.entity.js';
import { isFoundByMeasurement, type PushItem, type PushOutcome, WeightPush } from './weight-push.js';
import type { WeightSyncRequestDto, WeightSyncResultDto } from './weight-sync.dto.js';
import { readItems } from './weight-sync.items.js';
import { type ChangedWeights, changesOf, resultOf } from './weight-sync.presenter.js';
import { weightRecord } from './weight.record.js';
import { WeightRepository } from './weight.repository.js';

/** A `since` that the service did not issue comes from a device's clock, which may be ahead by this much without notice. */
const MIN_OVERLAP_MS = 10 * 60_000;

/** Sync of weights with a phone that was offline: push of its outbox and pull of changes. */
@Injectable()
export class WeightSyncService {
  constructor(
    private readonly localIds: LocalIds,
    private readonly clients: SyncClients,
    private readonly sequence: ChangeSequence,
    private readonly records: Records,
    private readonly catalog: RecordCatalog,
    private readonly clock: Clock,
  ) {}

  /**
   * @param header the device that `X-Device-Id` names.
   * @throws Problem `quota-exceeded` for a new device when there are too many
   */
  async push(
    actor: Actor,
    header: string | undefined,
    { entries, clientTime, deviceId }: WeightSyncRequestDto,
  ): Promise<WeightSyncResultDto> {
    const read = readItems(entries);
    const origin = originOf(actor, header ?? actor.deviceId ?? deviceId);
    const outcomes = await this.apply(origin, read.items, clientTime);
    return resultOf(entries, read, outcomes, this.clock.date());
  }

  /** The changes of other devices; they need not be read while the person's head is the same. */
  async pull(
    actor: Actor,
    header: string | undefined,
    query: WeightChangesQuery,
  ): Promise<Conditional<WeightChangesDto>> {
    const origin = originOf(actor, header ?? actor.deviceId);
    const since = readSince(query.since);
    const head = await this.sequence.head(person(actor.userId));
    return {
      tag: changeTag(head, [origin.deviceId, since?.getTime() ?? 0, query.limit]),
      vary: 'Authorization, X-Device-Id',
      read: async () => changesOf(await this.changes(origin, since, query.limit), this.clock.date()),
    };
  }

  /** Applies the items in their order, in one transaction; each gets its own outcome. */
  private apply(
    origin: SyncOrigin,
    items: readonly PushItem[],
    clientTime: Date | undefined,
  ): Promise<PushOutcome[]> {
    const { actor } = origin;
    return this.records.change(person(actor.userId), async (changes) => {
      const skewMs = clientTime ? this.clock.now() - clientTime.getTime() : 0;
      const state = await this.load(origin, items);
      const kind = this.catalog.get(weightRecord.kind);
      const push = new WeightPush(kind, changes, { ...origin, skewMs }, state);
      const outcomes = items.map((item) => push.apply(item));
      await this.localIds.put(push.localIds);
      if (clientTime) await this.noteSkew(origin, skewMs);
      return outcomes;
    });
  }

  /** The changes after `since`, in order. Entries of one transaction are always returned together. */
  private async changes(origin: SyncOrigin, since: Date | undefined, limit: number): Promise<ChangedWeights> {
    const { actor } = origin;
    const weights = this.weightsOf(actor.userId);
    const clientId = clientOf(origin);
    // Read before the rows: a later commit has a later stamp, so the client can continue from this one.
    const { stamp: head, purgedSeq } = await this.sequence.head(person(actor.userId));
    const from = await this.startOf(weights, actor, clientId, since, head);
    const page = await this.page(weights, from, limit);
    const last = page.entries.at(-1)?.updatedAt ?? head;
    const nextSince = page.hasMore || last > head ? last : head;
    if (nextSince.getTime() !== since?.getTime()) await this.noteSince(actor, clientId, nextSince);
    const ids = page.entries.map(({ id }) => id);
    return {
      ...page,
      nextSince,
      // A client with the newest stamp has missed nothing, however old the stamp is.
      isIncomplete:
        purgedSeq > 0 &&
        since !== undefined &&
        since < head &&
        since < daysBefore(this.clock.now(), TOMBSTONE_DAYS),
      localIds: await this.localIds.byRecord(actor.userId, weightRecord.kind, keepersOf(origin), ids),
    };
  }

  /** Reads the stored data with three statements, however many items there are. */
  private async load(
    origin: SyncOrigin,
    items: readonly PushItem[],
  ): Promise<{ entries: WeightEntry[]; localIds: LocalId[] }> {
    const { userId } = origin.actor;
    const weights = this.weightsOf(userId);
    const given = items.map(({ localId }) => localId);
    const localIds = await this.localIds.find(userId, weightRecord.kind, keepersOf(origin), given);
    const ids = new Set([
      ...localIds.map(({ recordId }) => recordId),
      ...items.flatMap(({ serverId }) => serverId ?? []),
    ]);
    const instants = items
      .filter(({ localId }) => isFoundByMeasurement(origin, localId))
      .flatMap(({ input }) => input?.timestamp ?? []);
    return {
      localIds,
      entries: [...(await weights.findMeasuredAt(instants)), ...(await weights.findAll([...ids]))],
    };
  }

  private async page(
    weights: WeightRepository,
    from: Date,
    limit: number,
  ): Promise<{ entries: WeightEntry[]; hasMore: boolean }> {
    const rows = await weights.changedAfter(from, limit + 1);
    const next = rows[limit];
    if (!next) return { entries: rows, hasMore: false };
    const entries = rows.slice(0, limit);
    const last = entries.at(-1) ?? next;
    if (last.updatedAt < next.updatedAt) return { entries, hasMore: true };
    const whole = [...entries, ...(await weights.restOfStamp(last.updatedAt, last.seq))];
    return { entries: whole, hasMore: (await weights.changedAfter(last.updatedAt, 1)).length > 0 };
  }

  /** A stamp of the service is exact; any other instant comes from a device's clock and is extended by a margin. */
  private async startOf(
    weights: WeightRepository,
    actor: Actor,
    clientId: string,
    since: Date | undefined,
    head: Date,
  ): Promise<Date> {
    const zero = new Date(0);
    if (!since || since <= zero) return zero;
    if (since.getTime() === head.getTime() || (await weights.hasStamp(since))) return since;
    const client = await this.clients.find(actor.userId, clientId);
    if (client.lastSince?.getTime() === since.getTime()) return since;
    const overlap = Math.max(MIN_OVERLAP_MS, Math.abs(client.clockSkewMs ?? 0));
    return new Date(Math.max(0, Math.min(since.getTime(), this.clock.now()) - overlap));
  }

  private weightsOf(userId: string): WeightRepository {
    return new WeightRepository(this.records, person(userId));
  }

  /**
   * A device for which there is no room may still read: its `since` is then extended by a margin like that of any clock, so it
   * misses nothing.
   */
  private async noteSince({ userId }: Actor, clientId: string, lastSince: Date): Promise<void> {
    const client = await this.clients.find(userId, clientId);
    if (client.lastSince?.getTime() === lastSince.getTime()) return;
    try {
      await this.clients.remember(userId, client, { lastSince });
    } catch (error) {
      if (!(error instanceof QuotaExceeded)) throw error;
    }
  }

  private async noteSkew(origin: SyncOrigin, clockSkewMs: number): Promise<void> {
    const { userId } = origin.actor;
    const clientId = clientOf(origin);
    const client = await this.clients.find(userId, clientId);
    const isNews = Math.abs(clockSkewMs - (client.clockSkewMs ?? 0)) > 1_000;
    if (isNews) await this.clients.remember(userId, client, { clockSkewMs });
  }
}

/** The name under which what a client has seen is remembered. */
const clientOf = ({ actor, deviceId, isNamed }: SyncOrigin): string => (isNamed ? deviceId : actor.sessionId);

/** The devices to which the sender's local ids can belong; as `keeperOf` chooses them. */
const keepersOf = ({ deviceId, isNamed }: SyncOrigin): string[] => (isNamed ? [deviceId] : ['', deviceId]);

/** `since` as a client sends it: an ISO 8601 instant with offset, or milliseconds since 1970. */
function readSince(text: string | undefined): Date | undefined {
  if (text === undefined) return undefined;
  const instant = /^\d{1,14}$/.test(text) ? new Date(Number(text)) : parseInstant(text);
  if (!instant)
    throw invalidField(
      'since',
      'invalid',
      'since must be an ISO 8601 instant with offset, or milliseconds since 1970',
    );
  return instant;
}
