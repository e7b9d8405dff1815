import { validate } from '../../../kernel/http/check.js';
import { cut } from '../../../kernel/http/cut.js';
import type { FieldError } from '../../../kernel/http/problem.js';
import type { PushItem } from './weight-push.js';
import { type WeightRejectedDto, WeightSyncDeletionDto, WeightSyncEntryDto } from './weight-sync.dto.js';

export interface ReadItems {
  readonly items: readonly PushItem[];
  readonly rejected: readonly WeightRejectedDto[];
  /** By item, the index of its entry in the request. */
  readonly positions: readonly number[];
}

/** Checks every entry on its own, so that an invalid one does not stop the others. */
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
  const { localId, serverId, weightValue, unit, timestamp, modifiedAt, version } = dto;
  const deletes = dto.deleted ?? dto.deletedAt != null;
  const isComplete = typeof weightValue === 'number' && typeof unit === 'string' && timestamp instanceof Date;
  return {
    localId,
    serverId,
    input: isComplete ? { weightValue, unit, timestamp } : undefined,
    deletes,
    editedAt: modifiedAt ?? (deletes ? latest(dto.updatedAt, dto.deletedAt) : dto.updatedAt),
    baseVersion: version,
  };
}

/** A deletion may also name the time of the edit before it. */
const latest = (one: Date | undefined, other: Date | null | undefined): Date | undefined =>
  other && (!one || other > one) ? other : one;

function rejection(entry: unknown, error: FieldError | undefined): WeightRejectedDto {
  const localId = typeof entry === 'object' && entry !== null && 'local_id' in entry ? entry.local_id : null;
  return {
    localId: typeof localId === 'string' ? cut(localId, 64) : null,
    code: error?.code ?? 'invalid',
    field: cut(error?.field ?? '', 64),
    message: cut(error?.message ?? '', 300),
  };
}
