import { Injectable } from '@nestjs/common';
import { Clock } from '../../../platform/clock.js';
import { UnitOfWork } from '../../../platform/database/unit-of-work.js';
import { fileOf, ImportFiles } from './import-files.js';
import { ImportHistory } from './import-history.js';
import { ImportKeeping } from './import-keeping.js';
import type { ImportJob } from './import-job.entity.js';
import { ImportsPolicy } from './imports.policy.js';
import { ImportsRepository } from './imports.repository.js';

/** Which instance works at which import. */
@Injectable()
export class ImportClaims {
  constructor(
    private readonly jobs: ImportsRepository,
    private readonly files: ImportFiles,
    private readonly history: ImportHistory,
    private readonly keeping: ImportKeeping,
    private readonly unitOfWork: UnitOfWork,
    private readonly policy: ImportsPolicy,
    private readonly clock: Clock,
  ) {}

  /**
   * The imports that are under way and that no instance works at, after files were removed that none needs. Those that wait for
   * this instance, which has their file, are kept from being ended.
   */
  async underWay(): Promise<ImportJob[]> {
    await this.keeping.sweep();
    const now = this.clock.date();
    const jobs = await this.jobs.underWay();
    for (const job of jobs)
      if (
        job.status === 'waiting' &&
        now.getTime() - job.updatedAt.getTime() > this.policy.lostMs / 4 &&
        (await this.hasFile(job))
      )
        await this.unitOfWork.run(() => this.jobs.note(job, now));
    return this.jobs.unleased(jobs);
  }

  /** Claims an import for which there is something to do here. */
  async claim(job: ImportJob): Promise<ImportJob | undefined> {
    if (job.status === 'uploading') {
      await this.unitOfWork.run(() => this.jobs.removeUpload(job));
      return undefined;
    }
    if (!(await this.hasFile(job)) && this.clock.now() - job.updatedAt.getTime() <= this.policy.lostMs)
      return undefined;
    const until = await this.jobs.leaseOf(this.policy.claimMs);
    return this.unitOfWork.run(() => this.jobs.claim(job, until));
  }

  /** The file is on the instance that received it. It is not needed to take an import back. */
  async hasFile(job: ImportJob): Promise<boolean> {
    return job.status === 'undoing' || (await this.files.has(fileOf(job)));
  }

  /** Whether an import was begun again many times without proceeding. To take it back is a new beginning. */
  isStuck({ attempts, updatedAt }: ImportJob): boolean {
    return attempts > this.policy.maxAttempts && this.clock.now() - updatedAt.getTime() > this.policy.stuckMs;
  }

  /** Lets the next process go on at once. */
  release(job: ImportJob): Promise<void> {
    return this.unitOfWork.run(() => this.jobs.update(job, { claimedUntil: null }));
  }

  /** @throws ClaimLost */
  async end(
    job: ImportJob,
    status: 'completed' | 'failed' | 'undone',
    more: Pick<Partial<ImportJob>, 'failure' | 'failureDetail'> = {},
  ): Promise<void> {
    const now = this.clock.date();
    const isKept = job.dryRun && status === 'completed';
    const fileUntil = isKept ? new Date(now.getTime() + this.policy.keepFileMs) : null;
    const changes = {
      status,
      slot: null,
      claimedUntil: null,
      finishedAt: now,
      updatedAt: now,
      fileUntil,
      ...more,
    };
    await this.unitOfWork.run(() => this.jobs.update(job, changes));
    await (isKept ? this.keeping.makeRoom(job) : this.removeFile(job));
    await this.history.trim(job.userId);
  }

  async removeFile(job: ImportJob): Promise<void> {
    await this.files.remove(fileOf(job));
  }
}
