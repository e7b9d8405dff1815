import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { Repository } from 'typeorm';
import { v7 as uuidv7 } from 'uuid';
import { ClaimLost } from '../../../kernel/claimed-jobs.js';
import type { Actor } from '../../../kernel/http/actor.js';
import type { Listing, Place } from '../../../kernel/http/paging.js';
import { Problem } from '../../../kernel/http/problem.js';
import { CountsQuota, type QuotaUse } from '../../../kernel/quotas/quota.js';
import { QuotaExceeded } from '../../../kernel/quotas/quota-exceeded.js';
import { Clock } from '../../../platform/clock.js';
import { person } from '../../../records/define/person/person.owner.js';
import { Records } from '../../../records/write/records.js';
import { ImportJob } from '../imports/import-job.entity.js';
import type { SourceDeletion } from './source-deletion.entity.js';
import { SourceDeletionWorker } from './source-deletion-worker.js';
import type { SourceDeletionDto } from './source-deletions.dto.js';
import { SourceDeletionsRepository } from './source-deletions.repository.js';
import { SourceRecords } from './source-records.js';
import { deletionsQuota } from './sources.quotas.js';
import { SourcesPolicy } from './sources.policy.js';

/** More than a person has sources. */
const MOST = 100;
/** The worker may claim a deletion that is about to be taken back. */
const ATTEMPTS = 10;

/** Begins deletions of sources, and takes them back. The person's lock is held while it is decided. */
@Injectable()
export class SourceDeletionsService {
  constructor(
    private readonly records: Records,
    private readonly found: SourceRecords,
    private readonly jobs: SourceDeletionsRepository,
    private readonly worker: SourceDeletionWorker,
    private readonly policy: SourcesPolicy,
    private readonly clock: Clock,
    @InjectRepository(ImportJob) private readonly imports: Repository<ImportJob>,
  ) {}

  @CountsQuota(deletionsQuota)
  async usage(userId: string): Promise<QuotaUse> {
    return { limit: MOST, used: await this.jobs.count(userId) };
  }

  /** What a deletion would delete. */
  async preview({ userId }: Actor, source: string): Promise<SourceDeletionDto> {
    const parts = await this.found.parts(userId, source, () => true);
    const kinds = parts.map(({ kind, count }) => ({ kind, count }));
    return { ...NOTHING, source, kinds, recordsDeleted: kinds.reduce((sum, { count }) => sum + count, 0) };
  }

  /**
   * Begins to delete the records of a source that are stored now. Repeated, it answers the same deletion.
   * @throws Problem `quota-exceeded`, `busy` while an earlier deletion of the source is taken back
   */
  async begin({ userId }: Actor, source: string): Promise<SourceDeletionDto> {
    const job = await this.records.change(person(userId), async ({ order }) => {
      const underWay = await this.jobs.underWayOf(userId, source);
      if (underWay?.status === 'undoing') throw new Problem('busy', { retryAfter: 5, detail: TAKEN_BACK });
      if (underWay) return underWay;
      await this.refuseDuringUndo(userId);
      const some = await this.found.live(userId, source, order.stamp, 1);
      if (some.length === 0) return this.deletedBefore(userId, source);
      await this.admit(userId);
      const job = this.newJob(userId, source, order.boundary());
      await this.jobs.insert(job);
      return job;
    });
    this.worker.wake();
    return job ? this.shown(job) : { ...NOTHING, source, status: 'deleted' };
  }

  list({ userId }: Actor, place: Place): Promise<Listing<SourceDeletionDto>> {
    return this.jobs
      .page(userId, place)
      .then(({ data, ...rest }) => ({ ...rest, data: data.map((job) => this.shown(job)) }));
  }

  /** @throws Problem `not-found` */
  async get({ userId }: Actor, id: string): Promise<SourceDeletionDto> {
    return this.shown(await this.ownOf(userId, id));
  }

  /** Takes a deletion back, also one that is still running. @throws Problem `not-found`, `busy` */
  async undo({ userId }: Actor, id: string): Promise<SourceDeletionDto> {
    for (let attempt = 1; attempt <= ATTEMPTS; attempt++)
      try {
        const job = await this.records.change(person(userId), () => this.turn(userId, id));
        this.worker.wake();
        return this.shown(job);
      } catch (error) {
        if (!(error instanceof ClaimLost)) throw error;
      }
    throw new Problem('busy', { retryAfter: 5 });
  }

  private async turn(userId: string, id: string): Promise<SourceDeletion> {
    const job = await this.ownOf(userId, id);
    if (job.status === 'undoing' || job.status === 'undone') return job;
    const underWay = await this.jobs.underWayOf(userId, job.source);
    if (underWay && underWay.id !== id) throw new Problem('busy', { retryAfter: 5, detail: DELETED_AGAIN });
    await this.refuseDuringUndo(userId);
    const changes = {
      status: 'undoing' as const,
      claimedUntil: null,
      provenAttempt: job.attempts,
      failure: null,
      updatedAt: this.clock.date(),
      finishedAt: null,
    };
    await this.jobs.update(job, changes);
    return { ...job, ...changes };
  }

  /** What both would touch depends on which of them comes to it first. */
  private async refuseDuringUndo(userId: string): Promise<void> {
    if ((await this.imports.countBy({ userId, status: 'undoing' })) > 0)
      throw new Problem('busy', { retryAfter: 5, detail: IMPORT_TAKEN_BACK });
  }

  /** A deletion that can still be taken back. */
  private async ownOf(userId: string, id: string): Promise<SourceDeletion> {
    const job = await this.jobs.find(userId, id);
    if (!job || (job.finishedAt?.getTime() ?? Infinity) < this.clock.now() - this.policy.keepMs)
      throw new Problem('not-found');
    return job;
  }

  /** What an earlier request has deleted, if nothing was taken back since. */
  private async deletedBefore(userId: string, source: string): Promise<SourceDeletion | null> {
    const newest = await this.jobs.newestOf(userId, source);
    return newest?.status === 'deleted' ? newest : null;
  }

  private async admit(userId: string): Promise<void> {
    const { limit, used } = await this.usage(userId);
    if (used < limit) return;
    const { name: quota, about: what } = deletionsQuota;
    throw new QuotaExceeded({ quota, limit, used, what, remedy: 'They are forgotten after 30 days.' });
  }

  private newJob(userId: string, source: string, storedBefore: Date): SourceDeletion {
    const now = this.clock.date();
    return {
      userId,
      id: uuidv7(),
      source,
      status: 'deleting',
      attempts: 0,
      provenAttempt: 0,
      claimedUntil: null,
      storedBefore,
      counts: {},
      recordsDeleted: 0,
      recordsRestored: 0,
      lastStamp: null,
      restoredStamp: null,
      failure: null,
      createdAt: now,
      updatedAt: now,
      finishedAt: null,
    };
  }

  private shown({ counts, ...job }: SourceDeletion): SourceDeletionDto {
    const end = job.status === 'deleted' || job.status === 'failed' ? job.finishedAt : null;
    return {
      ...job,
      kinds: Object.entries(counts).map(([kind, count]) => ({ kind, count })),
      undoUntil: end && new Date(end.getTime() + this.policy.keepMs),
    };
  }
}

const TAKEN_BACK =
  'An earlier deletion of this source is being taken back. Delete it again when that has ended.';
const IMPORT_TAKEN_BACK = 'An import is being taken back. Try again when that has ended.';
const DELETED_AGAIN = 'The source is being deleted again. Take this deletion back when that has ended.';

const NOTHING = {
  id: null,
  status: 'counted' as const,
  kinds: [],
  recordsDeleted: 0,
  recordsRestored: 0,
  failure: null,
  createdAt: null,
  finishedAt: null,
  undoUntil: null,
};
