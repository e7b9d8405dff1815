import { Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { ClaimLost } from '../../../kernel/claimed-jobs.js';
import { v5 as uuidv5, v7 as uuidv7 } from 'uuid';
import type { Actor } from '../../../kernel/http/actor.js';
import { FRAME_BYTES, ignoreRest } from '../../../kernel/http/uploads.js';
import type { Listing, Place } from '../../../kernel/http/paging.js';
import { Problem } from '../../../kernel/http/problem.js';
import { Clock } from '../../../platform/clock.js';
import { fileOf, ImportFiles } from './import-files.js';
import { checkMapping } from './import-inspection.js';
import type { ImportJob } from './import-job.entity.js';
import { type ImportOptions, ImportSlots, type StartOptions } from './import-slots.js';
import { ImportUpload } from './import-upload.js';
import { ImportWorker } from './import-worker.js';
import { ImportsPolicy } from './imports.policy.js';
import { ImportsRepository } from './imports.repository.js';

/** An import as it is answered. */
export interface ShownImport extends ImportJob {
  readonly undoUntil: Date | null;
}

type Received = Awaited<ReturnType<ImportUpload['receive']>>;

/** Takes uploads, and lets people watch and take back their imports. */
@Injectable()
export class ImportsService {
  constructor(
    private readonly jobs: ImportsRepository,
    private readonly slots: ImportSlots,
    private readonly upload: ImportUpload,
    private readonly files: ImportFiles,
    private readonly worker: ImportWorker,
    private readonly policy: ImportsPolicy,
    private readonly clock: Clock,
  ) {}

  /**
   * Takes the file of a new import. Nothing remains of an upload that is refused.
   * @throws Problem `validation`, `payload-too-large`, `unsupported-media-type`, `malformed-request`, `quota-exceeded`, `busy`,
   * `session-revoked` when the account was closed, `idempotency-key-reused`
   */
  async receive({ userId }: Actor, request: FastifyRequest, options: ImportOptions): Promise<ShownImport> {
    if (!request.isMultipart())
      throw new Problem('unsupported-media-type', {
        detail: 'Send multipart/form-data with the part `file`.',
      });
    const id = options.id ?? idOf(userId, request.headers['idempotency-key']);
    const known = await this.jobs.find(userId, id);
    if (known && !(await this.jobs.isAbandoned(known))) {
      if (!isRetry(known, options, Number(request.headers['content-length'] ?? NaN)))
        throw new Problem('idempotency-key-reused');
      ignoreRest(request);
      return this.shown(known);
    }
    const job = await this.slots.take(userId, id, options);
    const stopKeeping = this.slots.keep(job, () => request.raw.destroy());
    try {
      const received = await this.upload.receive(request, fileOf(job), options).finally(stopKeeping);
      return this.shown(await this.accept(job, received));
    } catch (error) {
      await this.discard(job);
      // The account was closed, or another upload has taken the place of one that seemed to have died.
      throw error instanceof ClaimLost ? new Problem('busy', { retryAfter: 5 }) : error;
    }
  }

  /** @throws Problem `not-found` */
  async get({ userId }: Actor, id: string): Promise<ShownImport> {
    const job = await this.jobs.find(userId, id);
    if (!job) throw new Problem('not-found');
    return this.shown(job);
  }

  async list({ userId }: Actor, place: Place): Promise<Listing<ShownImport>> {
    const { data, ...rest } = await this.jobs.page(userId, place);
    return { ...rest, data: data.map((job) => this.shown(job)) };
  }

  /** Takes an import back, also one that is still running. @throws Problem `not-found`, `quota-exceeded`, `busy` */
  async undo({ userId }: Actor, id: string): Promise<ShownImport> {
    const job = await this.slots.reopen(userId, id);
    this.worker.wake();
    return this.shown(job);
  }

  /** Starts a preview whose file is kept. @throws Problem `not-found`, `validation`, `quota-exceeded`, `busy` */
  async start({ userId }: Actor, id: string, asked: StartOptions): Promise<ShownImport> {
    if (asked.mapping) checkMapping(asked.mapping);
    const job = await this.slots.start(userId, id, asked);
    this.worker.wake();
    return this.shown(job);
  }

  private shown(job: ImportJob): ShownImport {
    const { status, dryRun, finishedAt } = job;
    const isStored = !dryRun && (status === 'completed' || status === 'failed');
    const until = isStored && finishedAt ? finishedAt.getTime() + this.policy.keepMs : 0;
    return { ...job, undoUntil: until > this.clock.now() ? new Date(until) : null };
  }

  private async accept(
    job: ImportJob,
    { file, format, mapping, columns, undecided }: Received,
  ): Promise<ImportJob> {
    const changes = {
      status: 'waiting' as const,
      claimedUntil: null,
      format: format.name,
      mapping,
      columns,
      undecided: undecided.length > 0 ? undecided : null,
      fileName: file.name,
      fileSize: file.size,
      updatedAt: this.clock.date(),
    };
    await this.slots.fill(job, changes);
    this.worker.wake();
    return { ...job, ...changes };
  }

  private async discard(job: ImportJob): Promise<void> {
    const isOurs = await this.slots.leave(job);
    // The file of an upload that took the place of this one is not removed.
    if (isOurs || !(await this.jobs.find(job.userId, job.id))) await this.files.remove(fileOf(job));
  }
}

/**
 * Whether an upload may be the one that began the import: its content is not read again, so that a retry is answered at once.
 * The body is as long as the file with its frame and its mapping.
 */
function isRetry(known: ImportJob, options: ImportOptions, bodySize: number): boolean {
  const { format, timeZone, dryRun, onChanged } = options;
  return (
    known.dryRun === dryRun &&
    known.onChanged === onChanged &&
    (timeZone === undefined || known.timeZone === timeZone) &&
    (format === undefined || known.format === '' || known.format === format) &&
    (Number.isNaN(bodySize) ||
      known.status === 'uploading' ||
      (bodySize >= known.fileSize && bodySize <= known.fileSize + FRAME_BYTES))
  );
}

/** The same key of the same person is the same import, so that a retry does not import twice. */
function idOf(userId: string, key: string | readonly string[] | undefined): string {
  if (key === undefined) return uuidv7();
  if (typeof key === 'string' && /^[\x20-\x7e]{1,255}$/.test(key)) return uuidv5(key, userId);
  throw new Problem('malformed-request', {
    detail: 'Idempotency-Key must be 1 to 255 printable ASCII characters.',
  });
}
