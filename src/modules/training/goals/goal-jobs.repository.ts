import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { LessThanOrEqual, Repository } from 'typeorm';
import { Database, instantText } from '../../../platform/database/database.js';
import { GoalJob } from './goal-job.entity.js';

/** People that one look finds. */
const AT_ONCE = 100;

/** A job as the worker knows it: each person has one. */
export interface ClaimableJob extends GoalJob {
  readonly id: string;
}

@Injectable()
export class GoalJobsRepository {
  constructor(
    @InjectRepository(GoalJob) private readonly jobs: Repository<GoalJob>,
    private readonly database: Database,
  ) {}

  /** The end of a lease that begins now, by the clock of the database. */
  leaseOf(milliseconds: number): Promise<Date> {
    return this.database.timeIn(milliseconds);
  }

  /** People whose goals are to be looked at, and nobody does. */
  async due(now: Date): Promise<ClaimableJob[]> {
    const leased = instantText(await this.database.timeIn(0));
    const found = await this.jobs
      .createQueryBuilder('job')
      .where({ dueAt: LessThanOrEqual(now) })
      .andWhere('(job.claimedUntil IS NULL OR job.claimedUntil <= :leased)', { leased })
      .orderBy('job.dueAt', 'ASC')
      .limit(AT_ONCE)
      .getMany();
    return found.map((job) => ({ ...job, id: '' }));
  }

  /** Claims a job by one UPDATE: it succeeds only if nobody has claimed it since it was read. Joins the caller's unit of work. */
  async claim(job: ClaimableJob, claimedUntil: Date): Promise<ClaimableJob | undefined> {
    const { userId, attempts } = job;
    const claimed = { attempts: attempts + 1, claimedUntil };
    const { affected } = await this.jobs.update({ userId, attempts }, claimed);
    return affected === 1 ? { ...job, ...claimed } : undefined;
  }

  /** Gives a claimed job back. Joins the caller's unit of work. */
  async release({ userId, attempts }: ClaimableJob, dueAt: Date | null): Promise<void> {
    await this.jobs.update({ userId, attempts }, { dueAt, claimedUntil: null });
  }
}
