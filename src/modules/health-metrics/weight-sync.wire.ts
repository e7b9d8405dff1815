import type { FieldError } from '../../kernel/http/problem.js';
import { validate } from '../../kernel/http/validation.js';
import { fromWire, toWire } from '../../kernel/http/wire.js';
import type { WeightEntry } from './weight-entry.entity.js';
import type { PushItem, PushOutcome } from './weight-push.js';
import type { ChangedWeights } from './weight-sync.service.js';
import { WeightChangeDto, type WeightChangesDto } from './weight-changes.dto.js';
import {
  type WeightRejectedDto,
  WeightSyncDeletionDto,
  WeightSyncEntryDto,
  type WeightSyncResultDto,
} from './weight-sync.dto.js';

interface ReadItems {
  readonly items: readonly PushItem[];
  readonly rejected: readonly WeightRejectedDto[];
  /** Which of the request's entries each item is. */
  readonly positions: readonly number[];
}

/** Judges every entry by itself: one that is not valid is named, the others go on. */
export function readItems(entries: readonly unknown[]): ReadItems {
  const items: PushItem[] = [];
  const positions: number[] = [];
  const rejected: WeightRejectedDto[] = [];
  for (const [position, entry] of entries.entries()) {
    const result = validate(isDeletion(entry) ? WeightSyncDeletionDto : WeightSyncEntryDto, entry);
    if (Array.isArray(result)) {
      rejected.push(rejection(entry, result[0]));
      continue;
    }
    items.push(itemOf(result));
    positions.push(position);
  }
  return { items, rejected, positions };
}

const isDeletion = (entry: unknown): boolean =>
  typeof entry === 'object' && entry !== null && 'deleted' in entry && entry.deleted === true;

function itemOf(dto: WeightSyncEntryDto): PushItem {
  const { localId, serverId, weightValue, unit, timestamp, modifiedAt, updatedAt, version, deleted } =
    fromWire(WeightSyncEntryDto, dto);
  const isComplete = typeof weightValue === 'number' && typeof unit === 'string' && timestamp instanceof Date;
  return {
    localId,
    serverId,
    input: isComplete ? { weightValue, unit, timestamp } : undefined,
    deletes: deleted === true,
    editedAt: modifiedAt ?? updatedAt,
    baseVersion: version,
  };
}

function rejection(entry: unknown, error: FieldError | undefined): WeightRejectedDto {
  const localId = typeof entry === 'object' && entry !== null && 'local_id' in entry ? entry.local_id : null;
  return {
    local_id: typeof localId === 'string' ? localId.slice(0, 64) : null,
    code: error?.code ?? 'invalid',
    field: (error?.field ?? '').slice(0, 64),
    message: (error?.message ?? '').slice(0, 300),
  };
}

/** Every entry of the request exactly once: stored, lost, or refused. */
export function resultWire(
  entries: readonly unknown[],
  { items, rejected, positions }: ReadItems,
  outcomes: readonly PushOutcome[],
  serverTime: Date,
): WeightSyncResultDto {
  const result: WeightSyncResultDto = {
    synced: [],
    conflicts: [],
    rejected: [...rejected],
    server_time: serverTime.toISOString(),
  };
  for (const [index, outcome] of outcomes.entries()) {
    const localId = items[index]?.localId ?? '';
    const sent = entries[positions[index] ?? -1];
    report(result, localId, sent, outcome);
  }
  return result;
}

const REFUSALS = {
  'unknown-server-id': { code: 'not-found', field: 'server_id', message: 'There is no such entry' },
  'taken-local-id': {
    code: 'not-allowed',
    field: 'local_id',
    message: 'This local_id stands for another entry already',
  },
  'purged-local-id': {
    code: 'not-found',
    field: 'local_id',
    message: 'The entry of this local_id was deleted long ago; a new one needs a new local_id',
  },
} as const;

function report(result: WeightSyncResultDto, localId: string, sent: unknown, outcome: PushOutcome): void {
  switch (outcome.status) {
    case 'unknown-server-id':
    case 'taken-local-id':
    case 'purged-local-id':
      result.rejected.push({ local_id: localId, ...REFUSALS[outcome.status] });
      return;
    case 'purged-duplicate':
      result.synced.push({ local_id: localId, server_id: outcome.serverId, status: 'duplicate' });
      return;
    case 'nothing-to-delete':
      result.synced.push({ local_id: localId, server_id: null, status: 'deleted' });
      return;
    case 'superseded':
      result.conflicts.push({
        local_id: localId,
        server_id: outcome.entry.id,
        reason: 'server_newer',
        resolution: 'server_wins',
        server: changeWire(outcome.entry, undefined),
        client: sent,
        ...(outcome.conflictId === undefined ? {} : { conflict_id: outcome.conflictId }),
      });
      return;
    default:
      result.synced.push({
        local_id: localId,
        server_id: outcome.entry.id,
        status: outcome.status,
        version: outcome.entry.version,
      });
  }
}

export function changesWire(
  { entries, localIds, nextSince, hasMore, isIncomplete }: ChangedWeights,
  serverTime: Date,
): WeightChangesDto {
  return {
    entries: entries.map((entry) => changeWire(entry, localIds.get(entry.id))),
    next_since: nextSince.toISOString(),
    has_more: hasMore,
    ...(isIncomplete ? { full_resync_required: true } : {}),
    server_time: serverTime.toISOString(),
  };
}

/** A tombstone says only which entry is gone: its values are nobody's business any more. */
function changeWire(entry: WeightEntry, localId: string | undefined): WeightChangeDto {
  const { id: serverId, updatedAt, modifiedAt, deletedAt, version } = entry;
  const shown =
    deletedAt === null
      ? { ...entry, deletedAt: undefined }
      : { updatedAt, modifiedAt, deletedAt, version, deleted: true };
  return toWire(WeightChangeDto, { serverId, localId, ...shown });
}
