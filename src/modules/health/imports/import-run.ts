import type { Readable } from 'node:stream';
import { Injectable } from '@nestjs/common';
import { Clock } from '../../../platform/clock.js';
import { UnitOfWork } from '../../../platform/database/unit-of-work.js';
import { TimeSlice } from '../../../platform/time-slice.js';
import type { Pass } from '../../../platform/turns.js';
import { RecordCatalog } from '../../../records/define/record-catalog.js';
import { formatOf } from './formats/formats.js';
import { UnreadableFile } from './formats/import-format.js';
import { fileOf, ImportFiles } from './import-files.js';
import type { ImportJob, PreviewRow } from './import-job.entity.js';
import { type CheckedRow, ImportRows } from './import-rows.js';
import { ImportLease } from './import-lease.js';
import { ImportLimits } from './import-limits.js';
import { ImportWriter } from './import-writer.js';
import { fitting, ImportsPolicy, MAX_ERRORS, PREVIEW_ROWS } from './imports.policy.js';
import { metered } from './metered.js';
import { ImportsRepository } from './imports.repository.js';

/** The process stops; another one, or the next, goes on with the import. */
export class Interrupted extends Error {}

/** A chunk has at most this many times as many rows as records, where rows have none. */
const ROWS_PER_RECORD = 10;

export interface ReadImport {
  readonly job: ImportJob;
  readonly defect: UnreadableFile | undefined;
}

/** Reads the file of one import and stores its rows in chunks. */
@Injectable()
export class ImportRun {
  constructor(
    private readonly catalog: RecordCatalog,
    private readonly files: ImportFiles,
    private readonly writer: ImportWriter,
    private readonly jobs: ImportsRepository,
    private readonly unitOfWork: UnitOfWork,
    private readonly policy: ImportsPolicy,
    private readonly clock: Clock,
  ) {}

  /**
   * Rows that an earlier attempt has stored are read, because later ones may repeat them, but not stored again.
   * @returns the import after the last row that could be read, and why the file could not be read to its end
   * @throws ClaimLost, Interrupted, Problem `quota-exceeded`
   */
  async import(claimed: ImportJob, isStopping: () => boolean, pass: Pass): Promise<ReadImport> {
    const format = formatOf(claimed.format);
    const rows = new ImportRows(this.catalog, format, claimed.timeZone, this.clock);
    const lease = new ImportLease(claimed, this.jobs, this.unitOfWork, this.policy, this.clock);
    const limits = new ImportLimits(this.policy, this.files.maxBytes);
    const content = await this.open(claimed, lease, limits, async () => {
      await pass();
      if (isStopping()) throw new Interrupted();
    });
    const slice = new TimeSlice();
    let [job, read, waiting] = [claimed, 0, 0];
    let chunk: CheckedRow[] = [];
    let defect: UnreadableFile | undefined;
    try {
      for await (const row of format.read(content, { mapping: claimed.mapping ?? undefined })) {
        if (isStopping()) throw new Interrupted();
        if (slice.isOver) await slice.next();
        const checked = rows.check(row);
        limits.row(checked);
        if (++read <= claimed.rowsRead) continue;
        const weight = checked.records.reduce((sum, record) => sum + record.weight, 0);
        const isFull =
          waiting + weight > this.policy.chunkRecords ||
          chunk.length >= this.policy.chunkRecords * ROWS_PER_RECORD;
        if (isFull) [job, chunk, waiting] = [await this.store(job, chunk, lease, limits), [], 0];
        chunk.push(checked);
        waiting += weight;
      }
    } catch (error) {
      // The rows before the defect are whole.
      if (!(error instanceof UnreadableFile)) throw error;
      defect = error;
    } finally {
      content.destroy();
    }
    return { job: chunk.length > 0 ? await this.store(job, chunk, lease, limits) : job, defect };
  }

  /** The content of the file. It is stopped, and its lease renewed, also where no row can be found in it. */
  private async open(
    job: ImportJob,
    lease: ImportLease,
    limits: ImportLimits,
    pass: Pass,
  ): Promise<Readable> {
    const slice = new TimeSlice();
    return metered(await this.files.read(fileOf(job)), async (bytes) => {
      await pass();
      limits.bytes(bytes);
      if (slice.isOver) await slice.next();
      await lease.renew();
    });
  }

  /** Takes back what an import has stored. @returns the import afterwards @throws ClaimLost, Interrupted */
  async undo(claimed: ImportJob, isStopping: () => boolean, pass: Pass): Promise<ImportJob> {
    const lease = new ImportLease(claimed, this.jobs, this.unitOfWork, this.policy, this.clock);
    for (let job = claimed; ;) {
      await pass();
      if (isStopping()) throw new Interrupted();
      const next = await this.writer.takeBack(job, await lease.renewed());
      if (!next) return job;
      job = next;
    }
  }

  private async store(
    job: ImportJob,
    rows: readonly CheckedRow[],
    lease: ImportLease,
    limits: ImportLimits,
  ): Promise<ImportJob> {
    const errors = fitting([...job.errors, ...rows.flatMap((row) => row.errors)], MAX_ERRORS);
    const preview = fitting([...job.preview, ...rows.slice(0, PREVIEW_ROWS).map(previewOf)], PREVIEW_ROWS);
    const progress = { ...(await lease.renewed()), errors, ...(job.dryRun ? { preview } : {}) };
    if (!job.dryRun) {
      const { counts, steps } = await this.writer.store(job, rows, progress);
      limits.stored(steps);
      return { ...job, ...progress, ...counts };
    }
    const counts = await this.writer.preview(job, rows);
    await this.unitOfWork.run(() => this.jobs.update(job, { ...progress, ...counts }));
    return { ...job, ...progress, ...counts };
  }
}

const previewOf = ({ line, record, records }: CheckedRow): PreviewRow => ({
  line,
  ...(record === undefined ? {} : { record }),
  records: records.map(({ kind, entered }) => ({ kind: kind.name, fields: kind.fieldsWire(entered) })),
});
