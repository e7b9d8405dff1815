import { Injectable, type OnModuleDestroy } from '@nestjs/common';
import { ClaimedJobs } from '../../../kernel/claimed-jobs.js';
import { QuotaExceeded } from '../../../kernel/quotas/quota-exceeded.js';
import { Background } from '../../../platform/background.js';
import { Logger } from '../../../platform/logger.js';
import type { Pass } from '../../../platform/turns.js';
import { UnreadableFile } from './formats/import-format.js';
import { ImportClaims } from './import-claims.js';
import type { ImportFailure, ImportJob } from './import-job.entity.js';
import { ImportRun, Interrupted, type ReadImport } from './import-run.js';
import { ImportsPolicy } from './imports.policy.js';

/** Runs the imports whose files lie on this instance, and takes imports back. */
@Injectable()
export class ImportWorker implements OnModuleDestroy {
  private readonly imports: ClaimedJobs<ImportJob>;

  constructor(
    private readonly claims: ImportClaims,
    private readonly run: ImportRun,
    policy: ImportsPolicy,
    logger: Logger,
    background: Background,
  ) {
    const options = {
      name: 'an import',
      component: 'imports',
      find: () => claims.underWay(),
      claim: (job: ImportJob) => claims.claim(job),
      work: (job: ImportJob, isStopping: () => boolean, pass: Pass) =>
        this.work(job, isStopping, pass).catch((error: unknown) => this.settle(job, error)),
      pollMs: () => policy.pollMs,
    };
    this.imports = new ClaimedJobs(options, logger, background);
  }

  wake(): void {
    this.imports.wake();
  }

  onModuleDestroy(): Promise<void> {
    return this.imports.stop();
  }

  private async work(job: ImportJob, isStopping: () => boolean, pass: Pass): Promise<void> {
    if (this.claims.isStuck(job)) await this.fail(job, 'internal', null);
    else if (job.status === 'undoing')
      await this.claims.end(await this.run.undo(job, isStopping, pass), 'undone');
    else if (!(await this.claims.hasFile(job))) await this.fail(job, 'file-lost', FILE_LOST);
    else await this.end(await this.run.import(job, isStopping, pass));
  }

  /** What went wrong is the result of the import, or is thrown and tried again. */
  private async settle(job: ImportJob, error: unknown): Promise<void> {
    if (error instanceof Interrupted) return this.claims.release(job);
    // The archive could not be opened.
    if (error instanceof UnreadableFile) return this.end({ job, defect: error });
    if (error instanceof QuotaExceeded) return this.fail(job, 'quota-exceeded', error.reason);
    throw error;
  }

  private end({ job, defect }: ReadImport): Promise<void> {
    return defect
      ? this.fail(job, defect.code, `${defect.detail} ${keptOf(job)}`)
      : this.claims.end(job, 'completed');
  }

  private fail(job: ImportJob, failure: ImportFailure, failureDetail: string | null): Promise<void> {
    return this.claims.end(job, 'failed', { failure, failureDetail: failureDetail?.slice(0, 500) ?? null });
  }
}

function keptOf({ rowsRead, rowsFailed, rowsSkipped, dryRun }: ImportJob): string {
  if (dryRun || rowsRead === rowsFailed + rowsSkipped) return 'Nothing was stored.';
  const others = rowsFailed > 0 ? `, but for the ${rowsFailed} with errors,` : '';
  return `What the ${rowsRead} rows before it have${others} is stored. It stays so unless the import is taken back.`;
}

const FILE_LOST = 'The uploaded file is no longer there. Upload it again: what was stored is found again.';
