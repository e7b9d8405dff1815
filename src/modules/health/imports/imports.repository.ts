import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { In, IsNull, LessThan, MoreThanOrEqual, Not, Repository } from 'typeorm';
import { ClaimLost } from '../../../kernel/claimed-jobs.js';
import { Keyset } from '../../../kernel/http/keyset.js';
import { readPage } from '../../../kernel/http/page-reader.js';
import type { Listing, Place } from '../../../kernel/http/paging.js';
import { Database, instantText } from '../../../platform/database/database.js';
import { SourceTombstones } from '../sources/source-tombstones.js';
import { ImportJob, SUMMARY_COLUMNS } from './import-job.entity.js';
import { type ImportedChange, ImportStep } from './import-step.entity.js';
import { fitting } from './imports.policy.js';

/** Enough for an import as lists have it: without its mapping, errors and preview. */
const MAX_ROW_BYTES = 6_144;
/** Old imports that are deleted at a time. */
const OLD_AT_ONCE = 100;
/** Steps that are deleted in one transaction: each has some 50 KB. */
const STEPS_AT_ONCE = 20;

/** An import that ended then cannot be taken back any more. */
const CLOSED = new Date(0);

/** What a list shows of an import. */
const LISTED = SUMMARY_COLUMNS.map((name) => `job.${name}`);

/** What sockets are told. It is read often, so the long columns are left out. */
const WATCHED = {
  userId: true,
  id: true,
  slot: true,
  status: true,
  rowsRead: true,
  rowsFailed: true,
  recordsCreated: true,
  recordsUpdated: true,
  recordsUnchanged: true,
  recordsKept: true,
  recordsTakenBack: true,
} as const;

export type WatchedImport = Pick<ImportJob, keyof typeof WATCHED>;

@Injectable()
export class ImportsRepository {
  constructor(
    @InjectRepository(ImportJob) private readonly jobs: Repository<ImportJob>,
    @InjectRepository(ImportStep) private readonly steps: Repository<ImportStep>,
    private readonly sources: SourceTombstones,
    private readonly database: Database,
  ) {}

  /** The end of a lease that begins now, by the clock of the database. */
  leaseOf(milliseconds: number): Promise<Date> {
    return this.database.timeIn(milliseconds);
  }

  /** Those at which no instance works, as far as their leases say. */
  async unleased(jobs: readonly ImportJob[]): Promise<ImportJob[]> {
    if (jobs.length === 0) return [];
    const now = await this.database.timeIn(0);
    return jobs.filter(({ claimedUntil }) => claimedUntil === null || claimedUntil <= now);
  }

  /** Whether a source of the person is being deleted, or its deletion taken back. */
  isSourceMoving(userId: string): Promise<boolean> {
    return this.sources.isMoving(userId);
  }

  /** Whether it is an upload of an instance that has died. */
  async isAbandoned(job: ImportJob): Promise<boolean> {
    return job.status === 'uploading' && (await this.unleased([job])).length === 1;
  }

  async insert(job: ImportJob): Promise<void> {
    await this.jobs.insert(job);
  }

  find(userId: string, id: string): Promise<ImportJob | null> {
    return this.jobs.findOneBy({ userId, id });
  }

  /** One page, the newest first. */
  async page(userId: string, place: Place): Promise<Listing<ImportJob>> {
    const columns = [
      { sql: 'job.createdAt', holds: 'instant' },
      { sql: 'job.id', holds: 'text' },
    ] as const;
    const keyset = new Keyset(['imports', userId], columns, 'DESC');
    const [{ rows, next }, total] = await Promise.all([
      readPage<ImportJob>(keyset, place, {
        bytesOf: MAX_ROW_BYTES,
        positionOf: ({ createdAt, id }) => [instantText(createdAt), id],
        read: ({ after, offset }, count) => {
          const query = this.jobs.createQueryBuilder('job').select(LISTED).where({ userId });
          if (after) query.andWhere(...keyset.namedAfter(after));
          return query
            .orderBy('job.createdAt', 'DESC')
            .addOrderBy('job.id', 'DESC')
            .offset(offset)
            .limit(count)
            .getMany();
        },
      }),
      this.jobs.countBy({ userId }),
    ]);
    return { data: rows, total, next };
  }

  /** All imports that are under way; their number is limited. */
  underWay(): Promise<ImportJob[]> {
    return this.jobs.find({ where: { slot: Not(IsNull()) }, order: { createdAt: 'ASC' } });
  }

  underWayOf(userId: string): Promise<ImportJob[]> {
    return this.jobs.findBy({ userId, slot: Not(IsNull()) });
  }

  /** The imports of these people that are under way or have ended since, and those of them with these ids. */
  watched(userIds: readonly string[], ids: readonly string[], since: Date): Promise<WatchedImport[]> {
    const userId = In([...userIds]);
    return this.jobs.find({
      select: WATCHED,
      where: [
        { userId, slot: Not(IsNull()) },
        { userId, slot: IsNull(), finishedAt: MoreThanOrEqual(since) },
        ...(ids.length > 0 ? [{ userId, id: In([...ids]) }] : []),
      ],
    });
  }

  /** Claims an import by one UPDATE: it succeeds only if nobody has claimed it since it was read. */
  async claim(job: ImportJob, until: Date): Promise<ImportJob | undefined> {
    const { userId, id, attempts, status } = job;
    const claimed = {
      attempts: attempts + 1,
      claimedUntil: until,
      status: status === 'waiting' ? ('running' as const) : status,
    };
    const { affected } = await this.jobs.update({ userId, id, attempts, status }, claimed);
    return affected === 1 ? { ...job, ...claimed } : undefined;
  }

  /** Notes that the instance with the file of an import that waits is there. */
  async note({ userId, id, attempts }: ImportJob, updatedAt: Date): Promise<void> {
    await this.jobs.update({ userId, id, attempts, status: 'waiting' }, { updatedAt });
  }

  /** Changes an import under its claim. Joins the caller's unit of work. @throws ClaimLost */
  async update(
    { userId, id, attempts, status }: Pick<ImportJob, 'userId' | 'id' | 'attempts' | 'status'>,
    changes: Partial<ImportJob>,
  ): Promise<void> {
    const { affected } = await this.jobs.update({ userId, id, attempts, status }, changes);
    if (affected !== 1) throw new ClaimLost();
  }

  /** The imports that need their files, by one statement: a preview may be started, and an import end, at any moment. */
  withFiles(): Promise<Pick<ImportJob, 'userId' | 'id'>[]> {
    return this.jobs.find({
      select: { userId: true, id: true },
      where: [{ slot: Not(IsNull()) }, { fileUntil: Not(IsNull()) }],
    });
  }

  /** The files of previews that are kept, the newest first. */
  keptFiles(of: { userId?: string } = {}): Promise<ImportJob[]> {
    return this.jobs.find({
      select: { userId: true, id: true, fileSize: true, fileUntil: true },
      where: { ...of, fileUntil: Not(IsNull()) },
      order: { fileUntil: 'DESC' },
    });
  }

  /** @returns false when the preview was started meanwhile */
  async dropFile({ userId, id, fileUntil }: ImportJob): Promise<boolean> {
    if (!fileUntil) return false;
    const { affected } = await this.jobs.update({ userId, id, fileUntil }, { fileUntil: null });
    return affected === 1;
  }

  /** Starts a preview whose file is still kept. @throws ClaimLost when it is not any more */
  async start({ userId, id, fileUntil }: ImportJob, changes: Partial<ImportJob>): Promise<void> {
    if (!fileUntil) throw new ClaimLost();
    const { affected } = await this.jobs.update(
      { userId, id, fileUntil, slot: IsNull() },
      { ...changes, fileUntil: null },
    );
    if (affected !== 1) throw new ClaimLost();
  }

  /** Removes some of the oldest steps of an import. @returns false when none was left */
  async removeSteps({ userId, id }: Pick<ImportJob, 'userId' | 'id'>): Promise<boolean> {
    const first = await this.steps.minimum('step', { userId, importId: id });
    if (first === null) return false;
    await this.steps.delete({ userId, importId: id, step: LessThan(first + STEPS_AT_ONCE) });
    return true;
  }

  /** Ends that an import can be taken back. @returns false when it is under way again, or gone */
  async close({ userId, id, finishedAt }: ImportJob): Promise<boolean> {
    if (!finishedAt) return false;
    const { affected } = await this.jobs.update(
      { userId, id, slot: IsNull(), finishedAt },
      { finishedAt: CLOSED },
    );
    return affected === 1;
  }

  async removeClosed({ userId, id }: Pick<ImportJob, 'userId' | 'id'>): Promise<void> {
    await this.jobs.delete({ userId, id, slot: IsNull(), finishedAt: CLOSED });
  }

  /** Removes an upload that has not become an import, and is not a later one with its id. @returns whether it was there */
  async removeUpload({ userId, id, createdAt }: ImportJob): Promise<boolean> {
    const { affected } = await this.jobs.delete({ userId, id, createdAt, status: 'uploading' });
    return affected === 1;
  }

  /** @returns how many steps the import has */
  async addStep(userId: string, importId: string, changes: readonly ImportedChange[]): Promise<number> {
    let step = (await this.steps.maximum('step', { userId, importId })) ?? 0;
    for (let rest = changes; rest.length > 0;) {
      // A single record always fits.
      const part = fitting(rest, rest.length);
      const taken = part.length > 0 ? part : rest.slice(0, 1);
      await this.steps.insert({ userId, importId, step: ++step, changes: taken });
      rest = rest.slice(taken.length);
    }
    return step;
  }

  /** The newest changes: they are taken back first. */
  lastStep(userId: string, importId: string): Promise<ImportStep | null> {
    return this.steps.findOne({ where: { userId, importId }, order: { step: 'DESC' } });
  }

  async removeStep({ userId, importId, step }: ImportStep): Promise<void> {
    await this.steps.delete({ userId, importId, step });
  }

  /** Imports that ended before this. */
  endedBefore(until: Date): Promise<ImportJob[]> {
    return this.jobs.find({ where: { finishedAt: LessThan(until), slot: IsNull() }, take: OLD_AT_ONCE });
  }

  /** The imports of a person that have ended, the newest first. */
  endedOf(userId: string): Promise<ImportJob[]> {
    return this.jobs.find({
      select: { userId: true, id: true, finishedAt: true, createdAt: true },
      where: { userId, slot: IsNull(), finishedAt: Not(IsNull()) },
      order: { createdAt: 'DESC', id: 'DESC' },
    });
  }

  /** How many steps each import of a person has. */
  async stepsOf(userId: string): Promise<Map<string, number>> {
    const rows = await this.steps
      .createQueryBuilder('step')
      .select('step.importId', 'importId')
      .addSelect('COUNT(*)', 'steps')
      .where({ userId })
      .groupBy('step.importId')
      .getRawMany<{ importId: string; steps: number | string }>();
    return new Map(rows.map(({ importId, steps }) => [importId, Number(steps)]));
  }
}
