import type { WeightChangeDto, WeightChangesDto } from './weight-changes.dto.js';
import type { WeightEntry } from './weight-entry.entity.js';
import type { PushOutcome } from './weight-push.js';
import type { WeightSyncResultDto } from './weight-sync.dto.js';
import type { ReadItems } from './weight-sync.items.js';

export interface ChangedWeights {
  readonly entries: WeightEntry[];
  /** The `local_id`s of this device, by entry id. */
  readonly localIds: ReadonlyMap<string, string>;
  readonly nextSince: Date;
  readonly hasMore: boolean;
  /** Whether `since` is so old that deletions after it may be missing. */
  readonly isIncomplete: boolean;
}

/** Puts every entry of the request into exactly one list: stored, lost or refused. */
export function resultOf(
  entries: readonly unknown[],
  { items, rejected, positions }: ReadItems,
  outcomes: readonly PushOutcome[],
  serverTime: Date,
): WeightSyncResultDto {
  const result: WeightSyncResultDto = {
    synced: [],
    conflicts: [],
    rejected: [...rejected],
    serverTime,
  };
  for (const [index, outcome] of outcomes.entries()) {
    const localId = items[index]?.localId ?? '';
    const sent = entries[positions[index] ?? -1];
    report(result, localId, sent, outcome);
  }
  return result;
}

const REFUSALS = {
  'unknown-server-id': { code: 'not-found', field: 'server_id', message: 'This entry does not exist' },
  'taken-local-id': {
    code: 'not-allowed',
    field: 'local_id',
    message: 'This local_id already belongs to another entry',
  },
  'purged-local-id': {
    code: 'not-found',
    field: 'local_id',
    message: 'The entry of this local_id was deleted long ago; use a new local_id for a new entry',
  },
} as const;

function report(result: WeightSyncResultDto, localId: string, sent: unknown, outcome: PushOutcome): void {
  switch (outcome.status) {
    case 'unknown-server-id':
    case 'taken-local-id':
    case 'purged-local-id':
      result.rejected.push({ localId, ...REFUSALS[outcome.status] });
      return;
    case 'quota-exceeded':
      result.rejected.push({ localId, code: outcome.status, field: 'local_id', message: outcome.reason });
      return;
    case 'refused':
      result.rejected.push({ localId, ...outcome.error });
      return;
    case 'purged-duplicate':
      result.synced.push({ localId, serverId: outcome.serverId, status: 'duplicate' });
      return;
    case 'nothing-to-delete':
      result.synced.push({ localId, serverId: null, status: 'deleted' });
      return;
    case 'superseded':
      result.conflicts.push({
        localId,
        serverId: outcome.entry.id,
        reason: 'server_newer',
        resolution: 'server_wins',
        server: changeOf(outcome.entry, undefined),
        client: sent,
        ...(outcome.conflictId === undefined ? {} : { conflictId: outcome.conflictId }),
      });
      return;
    default:
      result.synced.push({
        localId,
        serverId: outcome.entry.id,
        status: outcome.status,
        version: outcome.entry.version,
      });
  }
}

export function changesOf(
  { entries, localIds, nextSince, hasMore, isIncomplete }: ChangedWeights,
  serverTime: Date,
): WeightChangesDto {
  return {
    entries: entries.map((entry) => changeOf(entry, localIds.get(entry.id))),
    nextSince,
    hasMore,
    ...(isIncomplete ? { fullResyncRequired: true } : {}),
    serverTime,
  };
}

/** A tombstone contains only ids: deleted values must not be sent. */
function changeOf(entry: WeightEntry, localId: string | undefined): WeightChangeDto {
  const { id: serverId, updatedAt, modifiedAt, deletedAt, version } = entry;
  const change: WeightChangeDto = { serverId, updatedAt, modifiedAt, version };
  if (localId !== undefined) change.localId = localId;
  if (deletedAt !== null) return Object.assign(change, { deletedAt, deleted: true });
  const { weightValue, unit, timestamp, createdAt } = entry;
  return Object.assign(change, { weightValue, unit, timestamp, createdAt });
}
