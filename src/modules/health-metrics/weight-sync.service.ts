import { Injectable } from '@nestjs/common';
import type { Actor } from '../../kernel/http/actor.js';
import { invalidField } from '../../kernel/http/problem.js';
import { parseInstant } from '../../kernel/http/fields.js';
import { RecordCatalog } from '../../kernel/records/catalog.js';
import { ChangeSequence, type Head } from '../../kernel/records/change-sequence.js';
import type { LocalId } from '../../kernel/records/local-id.entity.js';
import { LocalIds } from '../../kernel/records/local-ids.js';
import { Records } from '../../kernel/records/records.js';
import { daysBefore, TOMBSTONE_DAYS } from '../../kernel/records/retention.js';
import { SyncClients } from '../../kernel/records/sync-clients.js';
import { Clock } from '../../platform/clock.js';
import type { WeightEntry } from './weight-entry.entity.js';
import { hasLocalKey, type PushItem, type PushOutcome, WeightPush } from './weight-push.js';
import { weightRecord } from './weight.record.js';
import { type OwnedWeights, WeightRepository } from './weight.repository.js';

/** Who sends: the person, and the device as far as it is named. */
export interface SyncOrigin {
  readonly actor: Actor;
  readonly deviceId: string;
}

export interface ChangedWeights {
  readonly entries: WeightEntry[];
  /** This device's own ids, by entry id. */
  readonly localIds: ReadonlyMap<string, string>;
  readonly nextSince: Date;
  readonly hasMore: boolean;
  /** Deletions since then are no longer told one by one. */
  readonly isIncomplete: boolean;
}

/** A `since` that is not ours comes from a device's clock, which may be this far ahead without anybody noticing. */
const MIN_OVERLAP_MS = 10 * 60_000;

/** Weights of a phone that was offline: its outbox comes in, what it missed goes out. */
@Injectable()
export class WeightSyncService {
  constructor(
    private readonly weights: WeightRepository,
    private readonly localIds: LocalIds,
    private readonly clients: SyncClients,
    private readonly sequence: ChangeSequence,
    private readonly records: Records,
    private readonly catalog: RecordCatalog,
    private readonly clock: Clock,
  ) {}

  /** Applies the items in their order, in one transaction; each gets an outcome of its own. */
  push(
    { actor, deviceId }: SyncOrigin,
    items: readonly PushItem[],
    clientTime: Date | undefined,
  ): Promise<PushOutcome[]> {
    return this.records.change(actor.userId, async (changes) => {
      const skewMs = clientTime ? this.clock.now() - clientTime.getTime() : 0;
      const state = await this.load(actor.userId, deviceId, items);
      const kind = this.catalog.get(weightRecord.kind);
      const push = new WeightPush(kind, changes, { deviceId, skewMs }, state);
      const outcomes = items.map((item) => push.apply(item));
      await this.localIds.put(push.localIds);
      if (clientTime) await this.noteSkew(actor, deviceId, skewMs);
      return outcomes;
    });
  }

  /** When it has not moved, nothing has changed. */
  head(actor: Actor): Promise<Head> {
    return this.sequence.head(actor.userId);
  }

  /** What changed after `since`, in the order of change; entries of one transaction are never torn apart. */
  async changes(
    { actor, deviceId }: SyncOrigin,
    since: Date | undefined,
    limit: number,
  ): Promise<ChangedWeights> {
    const weights = this.weights.of(actor.userId);
    const clientId = deviceId || actor.sessionId;
    // Read before the rows: whatever commits later has a later stamp, so this one is safe to continue from.
    const { stamp: head, purgedSeq } = await this.sequence.head(actor.userId);
    const from = await this.startOf(weights, actor, clientId, since, head);
    const page = await this.page(weights, from, limit);
    const last = page.entries.at(-1)?.updatedAt ?? head;
    const nextSince = page.hasMore || last > head ? last : head;
    if (nextSince.getTime() !== since?.getTime()) await this.noteSince(actor, clientId, nextSince);
    const ids = page.entries.map(({ id }) => id);
    return {
      ...page,
      nextSince,
      // Whoever has the newest stamp has missed nothing, however old it is.
      isIncomplete:
        purgedSeq > 0n &&
        since !== undefined &&
        since < head &&
        since < daysBefore(this.clock.now(), TOMBSTONE_DAYS),
      localIds: await this.localIds.byRecord(actor.userId, weightRecord.kind, deviceId, ids),
    };
  }

  /** Three statements, however many items. */
  private async load(
    userId: string,
    deviceId: string,
    items: readonly PushItem[],
  ): Promise<{ entries: WeightEntry[]; localIds: LocalId[] }> {
    const weights = this.weights.of(userId);
    const keyed = items.filter(({ localId }) => hasLocalKey(deviceId, localId));
    const localIds = await this.localIds.find(
      userId,
      weightRecord.kind,
      deviceId,
      keyed.map(({ localId }) => localId),
    );
    const ids = new Set([
      ...localIds.map(({ recordId }) => recordId),
      ...items.flatMap(({ serverId }) => serverId ?? []),
    ]);
    const instants = items
      .filter((item) => !keyed.includes(item))
      .flatMap(({ input }) => input?.timestamp ?? []);
    return {
      localIds,
      entries: [...(await weights.findMeasuredAt(instants)), ...(await weights.findAll([...ids]))],
    };
  }

  private async page(
    weights: OwnedWeights,
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

  /** A stamp of ours is exact; any other instant is a device's clock, and is taken with a margin. */
  private async startOf(
    weights: OwnedWeights,
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

  private async noteSince({ userId }: Actor, clientId: string, lastSince: Date): Promise<void> {
    const client = await this.clients.find(userId, clientId);
    if (client.lastSince?.getTime() !== lastSince.getTime())
      await this.clients.remember(userId, clientId, { lastSince });
  }

  private async noteSkew({ userId, sessionId }: Actor, deviceId: string, clockSkewMs: number): Promise<void> {
    const clientId = deviceId || sessionId;
    const client = await this.clients.find(userId, clientId);
    const isNews = Math.abs(clockSkewMs - (client.clockSkewMs ?? 0)) > 1_000;
    if (isNews) await this.clients.remember(userId, clientId, { clockSkewMs });
  }
}

/** `since` as a client sends it: an ISO 8601 instant with offset, or milliseconds since 1970. */
export function readSince(text: string | undefined): Date | undefined {
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
