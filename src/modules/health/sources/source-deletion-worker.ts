import { Injectable, type OnModuleDestroy } from '@nestjs/common';
import { ClaimedJobs } from '../../../kernel/claimed-jobs.js';
import { Background } from '../../../platform/background.js';
import { Clock } from '../../../platform/clock.js';
import { UnitOfWork } from '../../../platform/database/unit-of-work.js';
import { Logger } from '../../../platform/logger.js';
import type { Pass } from '../../../platform/turns.js';
import type { SourceDeletion } from './source-deletion.entity.js';
import { SourceDeletionSteps } from './source-deletion-steps.js';
import { SourceDeletionsRepository } from './source-deletions.repository.js';
import { SourcesPolicy } from './sources.policy.js';

/** Runs deletions of sources, and takes them back. */
@Injectable()
export class SourceDeletionWorker implements OnModuleDestroy {
  private readonly deletions: ClaimedJobs<SourceDeletion>;

  constructor(
    private readonly jobs: SourceDeletionsRepository,
    private readonly steps: SourceDeletionSteps,
    private readonly unitOfWork: UnitOfWork,
    private readonly policy: SourcesPolicy,
    private readonly clock: Clock,
    logger: Logger,
    background: Background,
  ) {
    const options = {
      name: 'a deletion of a source',
      component: 'sources',
      find: () => this.find(),
      claim: (job: SourceDeletion) => this.claim(job),
      work: (job: SourceDeletion, isStopping: () => boolean, pass: Pass) => this.work(job, isStopping, pass),
      pollMs: () => policy.pollMs,
    };
    this.deletions = new ClaimedJobs(options, logger, background);
  }

  wake(): void {
    this.deletions.wake();
  }

  onModuleDestroy(): Promise<void> {
    return this.deletions.stop();
  }

  private async find(): Promise<SourceDeletion[]> {
    for (const job of await this.jobs.endedBefore(new Date(this.clock.now() - this.policy.keepMs)))
      await this.unitOfWork.run(() => this.jobs.remove(job));
    return this.jobs.waiting();
  }

  private async claim(job: SourceDeletion): Promise<SourceDeletion | undefined> {
    const until = await this.jobs.leaseOf(this.policy.claimMs);
    return this.unitOfWork.run(() => this.jobs.claim(job, until));
  }

  private async work(claimed: SourceDeletion, isStopping: () => boolean, pass: Pass): Promise<void> {
    let job = this.isStuck(claimed) ? await this.unitOfWork.run(() => this.steps.giveUp(claimed)) : claimed;
    while (job.finishedAt === null && !isStopping()) {
      job = job.status === 'deleting' ? await this.steps.delete(job) : await this.steps.restore(job);
      await pass();
    }
    if (job.finishedAt === null)
      await this.unitOfWork.run(() => this.jobs.update(job, { claimedUntil: null }));
  }

  /** Whether it was begun again many times without proceeding. */
  private isStuck({ attempts, provenAttempt }: SourceDeletion): boolean {
    return attempts - provenAttempt > this.policy.maxAttempts;
  }
}
