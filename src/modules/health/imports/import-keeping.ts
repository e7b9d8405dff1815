import { Injectable } from '@nestjs/common';
import { CountsQuota, type QuotaUse } from '../../../kernel/quotas/quota.js';
import { Clock } from '../../../platform/clock.js';
import { UnitOfWork } from '../../../platform/database/unit-of-work.js';
import { fileOf, ImportFiles } from './import-files.js';
import type { ImportJob } from './import-job.entity.js';
import { importFilesQuota } from './imports.quotas.js';
import { ImportsPolicy } from './imports.policy.js';
import { ImportsRepository } from './imports.repository.js';

/** A person has the file of one preview: that of the last one. */
const OWN_FILES = 1;

/** Keeps the files of previews for a while, so that a preview can be started without another upload. */
@Injectable()
export class ImportKeeping {
  constructor(
    private readonly jobs: ImportsRepository,
    private readonly files: ImportFiles,
    private readonly unitOfWork: UnitOfWork,
    private readonly policy: ImportsPolicy,
    private readonly clock: Clock,
  ) {}

  @CountsQuota(importFilesQuota)
  async usage(userId: string): Promise<QuotaUse> {
    return { limit: OWN_FILES, used: (await this.jobs.keptFiles({ userId })).length };
  }

  /** Drops the other file of the person, and the oldest ones here beyond the room that there is for all people. */
  async makeRoom({ userId, id }: ImportJob): Promise<void> {
    let bytes = 0;
    for (const job of await this.jobs.keptFiles()) {
      if (!(await this.files.has(fileOf(job)))) continue;
      bytes += job.fileSize;
      const isOther = job.userId === userId && job.id !== id;
      if (isOther || bytes > this.policy.keepFileBytes) await this.drop(job);
    }
  }

  /** Drops the files whose time is over. */
  async dropOld(): Promise<void> {
    const now = this.clock.now();
    for (const job of await this.jobs.keptFiles())
      if ((job.fileUntil?.getTime() ?? 0) <= now) await this.drop(job);
  }

  /** Removes the files that a process left when it died, and those of accounts that were closed. */
  sweep(): Promise<void> {
    return this.files.sweep(async () => new Set((await this.jobs.withFiles()).map(fileOf)));
  }

  /** The file of an import that was started meanwhile stays. */
  private async drop(job: ImportJob): Promise<void> {
    if (await this.unitOfWork.run(() => this.jobs.dropFile(job))) await this.files.remove(fileOf(job));
  }
}
