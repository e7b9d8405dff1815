import { Injectable, type OnModuleDestroy } from '@nestjs/common';
import { ClaimedJobs } from '../../../kernel/claimed-jobs.js';
import { Background } from '../../../platform/background.js';
import { Clock } from '../../../platform/clock.js';
import { UnitOfWork } from '../../../platform/database/unit-of-work.js';
import { Logger } from '../../../platform/logger.js';
import { type ClaimableJob, GoalJobsRepository } from './goal-jobs.repository.js';
import { GoalKeeper } from './goal-keeper.js';
import { GoalsPolicy } from './goals.policy.js';

/** Looks after the goals of each person when something has changed, and when a day ends. */
@Injectable()
export class GoalWorker implements OnModuleDestroy {
  private readonly jobs: ClaimedJobs<ClaimableJob>;

  constructor(
    stored: GoalJobsRepository,
    keeper: GoalKeeper,
    unitOfWork: UnitOfWork,
    policy: GoalsPolicy,
    clock: Clock,
    logger: Logger,
    background: Background,
  ) {
    const options = {
      name: 'the keeping of goals',
      component: 'goals',
      find: () => stored.due(clock.date()),
      claim: async (job: ClaimableJob) => {
        const until = await stored.leaseOf(policy.claimMs);
        return unitOfWork.run(() => stored.claim(job, until));
      },
      work: (job: ClaimableJob, isStopping: () => boolean) =>
        keeper.visit(job.userId, isStopping, (next) => stored.release(job, next)),
      pollMs: () => policy.pollMs,
    };
    this.jobs = new ClaimedJobs(options, logger, background);
  }

  onModuleDestroy(): Promise<void> {
    return this.jobs.stop();
  }
}
