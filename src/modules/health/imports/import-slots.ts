import { Injectable } from '@nestjs/common';
import { Config } from '../../../config/config.js';
import { PersonLock } from '../../../kernel/person-lock.js';
import { invalidField, Problem } from '../../../kernel/http/problem.js';
import { CountsQuota, type QuotaUse } from '../../../kernel/quotas/quota.js';
import { ClaimLost } from '../../../kernel/claimed-jobs.js';
import { QuotaExceeded } from '../../../kernel/quotas/quota-exceeded.js';
import { Clock } from '../../../platform/clock.js';
import { isDuplicate } from '../../../platform/database/errors.js';
import { snakeCase } from '../../../platform/database/naming.js';
import { UnitOfWork } from '../../../platform/database/unit-of-work.js';
import { UsersService } from '../../identity/public.js';
import type { ImportJob, OnChanged } from './import-job.entity.js';
import { refuseUndecided } from './import-inspection.js';
import type { CsvMapping } from './formats/import-format.js';
import { importsQuota } from './imports.quotas.js';
import { ImportsPolicy } from './imports.policy.js';
import { ImportsRepository } from './imports.repository.js';

export interface ImportOptions {
  readonly id?: string | undefined;
  readonly format?: string | undefined;
  readonly timeZone?: string | undefined;
  readonly dryRun: boolean;
  readonly onChanged: OnChanged;
}

export interface StartOptions {
  readonly dryRun?: boolean | undefined;
  readonly mapping?: Partial<CsvMapping> | undefined;
  readonly timeZone?: string | undefined;
  readonly onChanged?: OnChanged | undefined;
}

/** A person has one import under way at a time. */
const OWN_AT_ONCE = 1;
/** Others may take the slot that was free a moment ago. */
const ATTEMPTS = 10;

/**
 * Limits how many imports are under way: one of each person, and some of all people, because each of them keeps a file. The
 * person's lock guards the first limit, a unique number of each import the second.
 */
@Injectable()
export class ImportSlots {
  constructor(
    private readonly jobs: ImportsRepository,
    private readonly lock: PersonLock,
    private readonly users: UsersService,
    private readonly unitOfWork: UnitOfWork,
    private readonly policy: ImportsPolicy,
    private readonly clock: Clock,
    private readonly config: Config,
  ) {}

  @CountsQuota(importsQuota)
  async usage(userId: string): Promise<QuotaUse> {
    return { limit: OWN_AT_ONCE, used: (await this.jobs.underWayOf(userId)).length };
  }

  /** Begins an upload. @throws Problem `quota-exceeded`, `busy` */
  async take(userId: string, id: string, options: ImportOptions): Promise<ImportJob> {
    const timeZone = options.timeZone ?? (await this.users.get(userId)).timeZone;
    return this.inSlot(userId, async (slot) => {
      const claimedUntil = await this.jobs.leaseOf(this.policy.claimMs);
      const job = { ...this.begin(userId, id, options), claimedUntil, timeZone, slot };
      await this.jobs.insert(job);
      return job;
    });
  }

  /**
   * Renews an upload, so that it is not taken for one of an instance that has died. `onLost` is called when it was ended.
   * @returns what ends the renewals
   */
  keep(job: ImportJob, onLost: () => void): () => void {
    const renew = async (): Promise<void> => {
      const claimedUntil = await this.jobs.leaseOf(this.policy.claimMs);
      await this.unitOfWork.run(() => this.jobs.update(job, { claimedUntil }));
    };
    // The end of the upload finds why else it could not be renewed.
    let isOver = false;
    const check = (error: unknown): void => {
      if (error instanceof ClaimLost && !isOver) onLost();
    };
    const renewals = setInterval(() => void renew().catch(check), this.policy.renewMs).unref();
    return () => {
      isOver = true;
      clearInterval(renewals);
    };
  }

  /** Ends an upload whose file has arrived. @throws ClaimLost, Problem `session-revoked` when the account was closed */
  fill(job: ImportJob, changes: Partial<ImportJob>): Promise<void> {
    return this.lock.hold(job.userId, () => this.jobs.update(job, changes));
  }

  /** Ends an upload that is refused. @returns whether it was still there */
  leave(job: ImportJob): Promise<boolean> {
    return this.unitOfWork.run(() => this.jobs.removeUpload(job));
  }

  /** @throws Problem `busy` while a source is deleted or taken back */
  private async refuseWhileSourceMoves(userId: string): Promise<void> {
    if (await this.jobs.isSourceMoving(userId)) throw new Problem('busy', { retryAfter: 5, detail: MOVING });
  }

  /** Begins to take an import back. @throws Problem `not-found`, `quota-exceeded`, `busy` */
  async reopen(userId: string, id: string): Promise<ImportJob> {
    const isUnderWay = async (): Promise<ImportJob | undefined> => {
      const job = await this.ownOf(userId, id);
      if (job.status === 'undone' || job.status === 'undoing') return job;
      await this.refuseWhileSourceMoves(userId);
      // It has stored nothing yet, and its request would go on.
      if (job.status === 'uploading') throw new Problem('busy', { retryAfter: 5, detail: ARRIVING });
      return job.slot === null ? undefined : this.turn(job, job.slot);
    };
    for (let attempt = 1; attempt <= ATTEMPTS; attempt++)
      try {
        return (
          (await this.lock.hold(userId, isUnderWay)) ??
          (await this.inSlot(userId, async (slot) => {
            // A deletion may have begun since the lock was given back.
            await this.refuseWhileSourceMoves(userId);
            return this.turn(await this.ownOf(userId, id), slot);
          }))
        );
      } catch (error) {
        // The worker has claimed or ended it since it was read.
        if (!(error instanceof ClaimLost)) throw error;
      }
    throw new Problem('busy', { retryAfter: 5 });
  }

  /**
   * Starts a preview whose file is kept. One that was started already is answered as it is, so that a retry starts it once.
   * @throws Problem `not-found`, `validation`, `quota-exceeded`, `busy`
   */
  start(userId: string, id: string, asked: StartOptions): Promise<ImportJob> {
    const started = async (): Promise<ImportJob | undefined> => {
      const job = await this.ownOf(userId, id);
      if (!job.dryRun) return job;
      if (job.slot !== null) throw new Problem('busy', { retryAfter: 5 });
      if (!job.fileUntil || job.fileUntil <= this.clock.date()) throw fileGone();
      refuseUndecided((job.undecided ?? []).filter((name) => !has(asked.mapping, name)));
      if (asked.mapping && !job.mapping) throw noMapping(job.format);
      return undefined;
    };
    return this.inSlot(
      userId,
      async (slot) => {
        const job = await this.ownOf(userId, id);
        const changes = { ...this.restarted(job, asked), slot };
        await this.jobs.start(job, changes);
        return { ...job, ...changes, fileUntil: null };
      },
      started,
    );
  }

  private restarted(
    job: ImportJob,
    { dryRun = false, mapping, timeZone, onChanged }: StartOptions,
  ): Partial<ImportJob> {
    return {
      status: 'waiting',
      dryRun,
      claimedUntil: null,
      ...NOTHING,
      errors: [],
      preview: [],
      undecided: null,
      mapping: job.mapping && { ...job.mapping, ...mapping },
      timeZone: timeZone ?? job.timeZone,
      onChanged: onChanged ?? job.onChanged,
      finishedAt: null,
      updatedAt: this.clock.date(),
    };
  }

  /** An import that can still be taken back: later its changes are removed. */
  private async ownOf(userId: string, id: string): Promise<ImportJob> {
    const job = await this.jobs.find(userId, id);
    if (!job || (job.finishedAt?.getTime() ?? Infinity) < this.clock.now() - this.policy.keepMs)
      throw new Problem('not-found');
    return job;
  }

  private async turn(job: ImportJob, slot: number): Promise<ImportJob> {
    const changes = {
      status: 'undoing' as const,
      slot,
      claimedUntil: null,
      finishedAt: null,
      fileUntil: null,
      updatedAt: this.clock.date(),
    };
    await this.jobs.update(job, changes);
    return { ...job, ...changes };
  }

  private async inSlot(
    userId: string,
    work: (slot: number) => Promise<ImportJob>,
    known: () => Promise<ImportJob | undefined> = () => Promise.resolve(undefined),
  ): Promise<ImportJob> {
    for (let attempt = 1; attempt <= ATTEMPTS; attempt++)
      try {
        return await this.lock.hold(userId, async () => {
          const found = await known();
          if (found) return found;
          await this.admit(userId);
          return work(await this.freeSlot());
        });
      } catch (error) {
        // Another one has the slot, or the file was dropped.
        if (!isDuplicate(error) && !(error instanceof ClaimLost)) throw error;
      }
    throw new Problem('busy', { retryAfter: 60 });
  }

  private async admit(userId: string): Promise<void> {
    for (const job of await this.jobs.underWayOf(userId))
      if (await this.jobs.isAbandoned(job)) await this.jobs.removeUpload(job);
      else
        throw new QuotaExceeded({
          quota: importsQuota.name,
          limit: OWN_AT_ONCE,
          used: OWN_AT_ONCE,
          what: importsQuota.about,
          remedy: 'Wait until it has ended, or take it back.',
        });
  }

  private async freeSlot(): Promise<number> {
    const taken = new Set((await this.jobs.underWay()).map(({ slot }) => slot));
    for (let slot = 1; slot <= this.config.env.IMPORTS_AT_ONCE; slot++) if (!taken.has(slot)) return slot;
    throw new Problem('busy', { retryAfter: 60 });
  }

  private begin(userId: string, id: string, { dryRun, onChanged }: ImportOptions): ImportJob {
    const now = this.clock.date();
    return {
      userId,
      id,
      status: 'uploading',
      slot: null,
      attempts: 0,
      claimedUntil: null,
      format: '',
      fileName: null,
      fileSize: 0,
      timeZone: '',
      dryRun,
      onChanged,
      mapping: null,
      columns: null,
      ...NOTHING,
      recordsTakenBack: 0,
      recordsLeft: 0,
      errors: [],
      preview: [],
      failure: null,
      failureDetail: null,
      createdAt: now,
      updatedAt: now,
      finishedAt: null,
      fileUntil: null,
      undecided: null,
    };
  }
}

const NOTHING = {
  rowsRead: 0,
  rowsFailed: 0,
  rowsSkipped: 0,
  recordsCreated: 0,
  recordsUpdated: 0,
  recordsUnchanged: 0,
  recordsKept: 0,
};

const ARRIVING = 'The file is still arriving. Take the import back when its upload has ended.';

const MOVING =
  'A source is being deleted, or its deletion taken back. Take the import back when that has ended.';

const has = (mapping: StartOptions['mapping'], name: string): boolean =>
  Object.entries(mapping ?? {}).some(([key, value]) => value !== undefined && snakeCase(key) === name);

const fileGone = (): Problem =>
  invalidField('id', 'not-allowed', 'The file of this preview is no longer there: upload it again');

const noMapping = (format: string): Problem =>
  invalidField('mapping', 'not-allowed', `mapping is not allowed for the format ${format}`);
