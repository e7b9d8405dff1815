import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { In, LessThan, Repository } from 'typeorm';
import { ClaimLost } from '../../../kernel/claimed-jobs.js';
import { Keyset } from '../../../kernel/http/keyset.js';
import { readPage } from '../../../kernel/http/page-reader.js';
import type { Listing, Place } from '../../../kernel/http/paging.js';
import { Database, instantText } from '../../../platform/database/database.js';
import { SourceDeletion } from './source-deletion.entity.js';

/** Enough for the counts of a deletion. */
const MAX_ROW_BYTES = 32_768;
/** Deletions that one look finds, and old ones that are removed at a time. */
const AT_ONCE = 100;

const UNDER_WAY = ['deleting', 'undoing'] as const;
const ENDED = ['deleted', 'undone', 'failed'] as const;

type Claimed = Pick<SourceDeletion, 'userId' | 'id' | 'attempts' | 'status'>;

@Injectable()
export class SourceDeletionsRepository {
  constructor(
    @InjectRepository(SourceDeletion) private readonly jobs: Repository<SourceDeletion>,
    private readonly database: Database,
  ) {}

  /** The end of a lease that begins now, by the clock of the database. */
  leaseOf(milliseconds: number): Promise<Date> {
    return this.database.timeIn(milliseconds);
  }

  async insert(job: SourceDeletion): Promise<void> {
    await this.jobs.insert(job);
  }

  find(userId: string, id: string): Promise<SourceDeletion | null> {
    return this.jobs.findOneBy({ userId, id });
  }

  /** The newest deletion of a source. */
  newestOf(userId: string, source: string): Promise<SourceDeletion | null> {
    return this.jobs.findOne({ where: { userId, source }, order: { createdAt: 'DESC', id: 'DESC' } });
  }

  underWayOf(userId: string, source: string): Promise<SourceDeletion | null> {
    return this.jobs.findOneBy({ userId, source, status: In([...UNDER_WAY]) });
  }

  count(userId: string): Promise<number> {
    return this.jobs.countBy({ userId });
  }

  /** One page, the newest first. */
  async page(userId: string, place: Place): Promise<Listing<SourceDeletion>> {
    const columns = [
      { sql: 'job.createdAt', holds: 'instant' },
      { sql: 'job.id', holds: 'text' },
    ] as const;
    const keyset = new Keyset(['source_deletions', userId], columns, 'DESC');
    const [{ rows, next }, total] = await Promise.all([
      readPage<SourceDeletion>(keyset, place, {
        bytesOf: MAX_ROW_BYTES,
        positionOf: ({ createdAt, id }) => [instantText(createdAt), id],
        read: ({ after, offset }, count) => {
          const query = this.jobs.createQueryBuilder('job').where({ userId });
          if (after) query.andWhere(...keyset.namedAfter(after));
          return query
            .orderBy('job.createdAt', 'DESC')
            .addOrderBy('job.id', 'DESC')
            .offset(offset)
            .limit(count)
            .getMany();
        },
      }),
      this.count(userId),
    ]);
    return { data: rows, total, next };
  }

  /** The deletions of all people that are under way and that nobody works at. */
  async waiting(): Promise<SourceDeletion[]> {
    const now = instantText(await this.database.timeIn(0));
    return this.jobs
      .createQueryBuilder('job')
      .where({ status: In([...UNDER_WAY]) })
      .andWhere('(job.claimedUntil IS NULL OR job.claimedUntil <= :now)', { now })
      .orderBy('job.createdAt', 'ASC')
      .limit(AT_ONCE)
      .getMany();
  }

  /**
   * Claims a deletion by one UPDATE: it succeeds only if nobody has claimed it since it was read. It is read again then: whoever
   * worked at it may have proceeded in between. Joins the caller's unit of work.
   */
  async claim(job: SourceDeletion, claimedUntil: Date): Promise<SourceDeletion | undefined> {
    const { userId, id, attempts, status } = job;
    const claimed = { attempts: attempts + 1, claimedUntil };
    const { affected } = await this.jobs.update({ userId, id, attempts, status }, claimed);
    return affected === 1 ? ((await this.find(userId, id)) ?? undefined) : undefined;
  }

  /** Changes a deletion under its claim. Joins the caller's unit of work. @throws ClaimLost */
  async update({ userId, id, attempts, status }: Claimed, changes: Partial<SourceDeletion>): Promise<void> {
    const { affected } = await this.jobs.update({ userId, id, attempts, status }, changes);
    if (affected !== 1) throw new ClaimLost();
  }

  /** Deletions that ended before this: they cannot be taken back any more. */
  endedBefore(until: Date): Promise<SourceDeletion[]> {
    return this.jobs.find({ where: { status: In([...ENDED]), finishedAt: LessThan(until) }, take: AT_ONCE });
  }

  async remove({ userId, id, attempts, status }: Claimed): Promise<void> {
    await this.jobs.delete({ userId, id, attempts, status });
  }
}
