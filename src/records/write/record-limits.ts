import { Injectable } from '@nestjs/common';
import { Config } from '../../config/config.js';
import { QuotaExceeded } from '../../kernel/quotas/quota-exceeded.js';
import type { RecordDefinition } from '../define/define-record.js';
import { TOMBSTONE_DAYS } from '../define/retention.js';
import { NO_RECORDS, type RecordCounts, totalOf } from '../merge/record-counts.js';

/** The names of the quotas. */
export const RECORDS = 'records';
export const RECORDS_OF_KIND = 'records_of_kind';

/** Tombstones are rows too: an owner stores at most this many times as many rows as live records. */
const ROWS_PER_RECORD = 2;

type Limited = Pick<RecordDefinition, 'kind' | 'most'>;

/**
 * How many records one owner may store. A limit refuses only a new record. An edit, also one that restores a deleted record,
 * adds no row, so it is never refused, and a limit that was lowered changes nothing that is stored.
 */
@Injectable()
export class RecordLimits {
  /** Live records of all kinds. */
  readonly inAll: number;
  /** Live records of one kind, unless the kind has a limit of its own. */
  private readonly perKind: number;

  constructor({ env }: Config) {
    this.inAll = env.QUOTA_RECORDS;
    this.perKind = env.QUOTA_RECORDS_PER_KIND;
  }

  /** Live records of a kind. */
  limitOf({ most = this.perKind }: Limited): number {
    return Math.min(most, this.perKind);
  }

  /** How many new records of the kind fit. Not above 0 when none fits. */
  roomFor(definition: Limited, counts: RecordCounts): number {
    return Math.min(
      room(this.limitOf(definition), counts[definition.kind]),
      room(this.inAll, totalOf(counts)),
    );
  }

  /** The problem for a new record of a kind that has no room. */
  exceeded(definition: Limited, counts: RecordCounts): QuotaExceeded {
    const { kind } = definition;
    const limit = this.limitOf(definition);
    return room(limit, counts[kind]) <= 0
      ? exceeded(RECORDS_OF_KIND, kind, limit, counts[kind])
      : exceeded(RECORDS, kind, this.inAll, totalOf(counts));
  }
}

const room = (limit: number, { live, deleted } = NO_RECORDS): number =>
  Math.min(limit - live, ROWS_PER_RECORD * limit - live - deleted);

function exceeded(quota: string, kind: string, limit: number, { live, deleted } = NO_RECORDS): QuotaExceeded {
  const records = quota === RECORDS ? 'records' : `records of the kind ${kind}`;
  return live >= limit
    ? new QuotaExceeded({ quota, kind, limit, used: live, what: records, remedy: DELETE_SOME })
    : new QuotaExceeded({
        quota,
        kind,
        limit: ROWS_PER_RECORD * limit,
        used: live + deleted,
        what: `${records}, deleted ones included,`,
        remedy: WAIT,
      });
}

const DELETE_SOME = 'Delete some to make room; what is stored can still be changed.';
const WAIT = `A deleted record counts for ${TOMBSTONE_DAYS} days; what is stored can still be changed.`;
