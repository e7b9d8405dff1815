import { Injectable } from '@nestjs/common';
import { UnitOfWork } from '../../../platform/database/unit-of-work.js';
import type { ImportJob } from './import-job.entity.js';
import { ImportUndo } from './import-undo.js';
import { ImportsPolicy } from './imports.policy.js';
import { ImportsRepository } from './imports.repository.js';

/** What is noted of a record takes some 50 KB at most. */
const NOTES_AT_ONCE = 100;

/** Bounds the imports that a person can look at and take back. */
@Injectable()
export class ImportHistory {
  constructor(
    private readonly jobs: ImportsRepository,
    private readonly undo: ImportUndo,
    private readonly unitOfWork: UnitOfWork,
    private readonly policy: ImportsPolicy,
  ) {}

  /** Removes the oldest ended imports of a person beyond the newest ones. The newest one always stays. */
  async trim(userId: string): Promise<void> {
    const ended = await this.jobs.endedOf(userId);
    const steps = await this.jobs.stepsOf(userId);
    let total = 0;
    for (const [place, job] of ended.entries()) {
      total += steps.get(job.id) ?? 0;
      if (place >= this.policy.keepEnded || (place > 0 && total > this.policy.keepSteps))
        await this.remove(job);
    }
  }

  /** Removes an import with all that it would need to be taken back, unless it is under way again. */
  async remove(job: ImportJob): Promise<void> {
    const { finishedAt } = job;
    if (!finishedAt || !(await this.unitOfWork.run(() => this.jobs.close(job)))) return;
    while (await this.unitOfWork.run(() => this.jobs.removeSteps(job)));
    while (await this.unitOfWork.run(() => this.undo.forget(job, NOTES_AT_ONCE)));
    await this.unitOfWork.run(() => this.jobs.removeClosed(job));
  }
}
