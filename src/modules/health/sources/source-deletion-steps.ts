import { Injectable } from '@nestjs/common';
import { Clock } from '../../../platform/clock.js';
import { TimeSlice } from '../../../platform/time-slice.js';
import { person } from '../../../records/define/person/person.owner.js';
import type { RecordKind } from '../../../records/define/record-kind.js';
import type { SyncedRecord } from '../../../records/define/synced-record.js';
import type { RecordChanges } from '../../../records/merge/record-changes.js';
import { stampNow } from '../../../records/write/record-repository.js';
import { Records } from '../../../records/write/records.js';
import { isOfImport } from '../imports/imports.devices.js';
import { deletionDevice, writerOfValues } from './deletion-devices.js';
import type { DeletionFailure, SourceDeletion } from './source-deletion.entity.js';
import { SourceDeletionsRepository } from './source-deletions.repository.js';
import { type RecordsOfKind, SourceRecords } from './source-records.js';
import { SourcesPolicy } from './sources.policy.js';

/** The device that takes back what was the person's own. */
const RESTORING_DEVICE = 'source-deletion-undo';
/** Counts by kind that are kept; of a person with more own kinds, the rest is counted together. */
const MAX_COUNTS = 200;

/**
 * Deletes the records of a source, and takes them back: some hundred in each transaction, together with the progress. So a
 * process that dies loses nothing, and every record is counted once.
 */
@Injectable()
export class SourceDeletionSteps {
  constructor(
    private readonly records: Records,
    private readonly found: SourceRecords,
    private readonly jobs: SourceDeletionsRepository,
    private readonly policy: SourcesPolicy,
    private readonly clock: Clock,
  ) {}

  /**
   * Deletes some records. Each becomes a tombstone, so that every phone learns of it; a tombstone keeps its values.
   * @returns the deletion; `finishedAt` is set when nothing is left
   * @throws ClaimLost, Problem `session-revoked` when the account was closed
   */
  delete(job: SourceDeletion): Promise<SourceDeletion> {
    const { userId, source, storedBefore } = job;
    return this.records.change(person(userId), async (changes) => {
      const some = await this.found.live(userId, source, storedBefore, this.policy.chunkRecords);
      if (some.length === 0) return this.end(job, 'deleted');
      const counts = { ...job.counts };
      const done = await each(changes, some, (kind, record) => {
        const stamp = stampNow({ deviceId: deletionDevice(job.id) }, changes);
        changes.apply({ kind, id: record.id, op: 'delete', entered: {}, stamp, baseVersion: record.version });
        const part = this.found.partOf(kind, record);
        const name = part in counts || Object.keys(counts).length < MAX_COUNTS ? part : kind.name;
        counts[name] = (counts[name] ?? 0) + 1;
      });
      return this.proceed(job, {
        counts,
        recordsDeleted: job.recordsDeleted + done,
        lastStamp: changes.order.stamp,
      });
    });
  }

  /**
   * Takes back what was deleted by one transaction. A record that was edited since stays.
   * @returns the deletion; `finishedAt` is set when nothing is left
   * @throws ClaimLost, Problem `session-revoked` when the account was closed
   */
  restore(job: SourceDeletion): Promise<SourceDeletion> {
    const { userId, source, storedBefore, lastStamp, restoredStamp } = job;
    return this.records.change(person(userId), async (changes) => {
      const next =
        lastStamp &&
        (await this.found.deletedAfter(userId, source, restoredStamp ?? storedBefore, lastStamp));
      if (!next) return this.end(job, 'undone');
      const some = await this.found.deleted(userId, source, next, deletionDevice(job.id));
      const done = await each(changes, some, (kind, record) => {
        // It sets no field: each keeps its value and the edit that set it, as if the record had not been deleted.
        const stamp = stampNow({ deviceId: restorerOf(kind, record) }, changes);
        changes.apply({ kind, id: record.id, op: 'update', entered: {}, stamp, baseVersion: record.version });
      });
      return this.proceed(job, { recordsRestored: job.recordsRestored + done, restoredStamp: next });
    });
  }

  /** Ends a deletion that does not proceed. It can be taken back, as far as it came, and an undo goes on where it stopped. */
  giveUp(job: SourceDeletion): Promise<SourceDeletion> {
    return this.end(job, 'failed', job.status === 'undoing' ? 'undo-interrupted' : 'deletion-interrupted');
  }

  private async proceed(job: SourceDeletion, progress: Partial<SourceDeletion>): Promise<SourceDeletion> {
    const changes = {
      ...progress,
      provenAttempt: job.attempts,
      updatedAt: this.clock.date(),
      claimedUntil: await this.jobs.leaseOf(this.policy.claimMs),
    };
    await this.jobs.update(job, changes);
    return { ...job, ...changes };
  }

  private async end(
    job: SourceDeletion,
    status: 'deleted' | 'undone' | 'failed',
    failure: DeletionFailure | null = null,
  ): Promise<SourceDeletion> {
    const now = this.clock.date();
    const changes = { status, failure, claimedUntil: null, updatedAt: now, finishedAt: now };
    await this.jobs.update(job, changes);
    return { ...job, ...changes };
  }
}

/** What an import wrote last stays that import's, so that it can be taken back, and another import still updates it. */
function restorerOf(kind: RecordKind, record: SyncedRecord): string {
  const writer = writerOfValues(kind, record);
  return writer !== undefined && isOfImport(writer) ? writer : RESTORING_DEVICE;
}

/** @returns how many records there were */
async function each(
  changes: RecordChanges,
  some: readonly RecordsOfKind[],
  work: (kind: RecordKind, record: SyncedRecord) => void,
): Promise<number> {
  let done = 0;
  const slice = new TimeSlice();
  for (const { kind, records } of some) {
    changes.know(kind, records);
    for (const record of records) {
      if (slice.isOver) await slice.next();
      work(kind, record);
      done += 1;
    }
  }
  return done;
}
