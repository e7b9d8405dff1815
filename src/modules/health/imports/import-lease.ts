import type { Clock } from '../../../platform/clock.js';
import type { UnitOfWork } from '../../../platform/database/unit-of-work.js';
import type { ImportJob } from './import-job.entity.js';
import type { ImportsPolicy } from './imports.policy.js';
import type { ImportsRepository } from './imports.repository.js';

/** The claim of an instance at one import. It is renewed long before another instance could take it. */
export class ImportLease {
  private renewedAt = performance.now();

  constructor(
    private readonly claimed: ImportJob,
    private readonly jobs: ImportsRepository,
    private readonly unitOfWork: UnitOfWork,
    private readonly policy: ImportsPolicy,
    private readonly clock: Clock,
  ) {}

  /** What progress writes with it. */
  async renewed(): Promise<Pick<ImportJob, 'claimedUntil' | 'updatedAt'>> {
    this.renewedAt = performance.now();
    return { claimedUntil: await this.jobs.leaseOf(this.policy.claimMs), updatedAt: this.clock.date() };
  }

  /** Renews it while nothing is stored. To read is no progress. @throws ClaimLost when the import was stopped */
  async renew(): Promise<void> {
    if (performance.now() - this.renewedAt < this.policy.renewMs) return;
    const { claimedUntil } = await this.renewed();
    await this.unitOfWork.run(() => this.jobs.update(this.claimed, { claimedUntil }));
  }
}
