import type { Background } from '../platform/background.js';
import { describeError, type Logger } from '../platform/logger.js';
import { PeriodicTask } from '../platform/periodic-task.js';
import { type Pass, Turns } from '../platform/turns.js';
import { isGone } from './person-lock.js';

/** Another process has claimed the job, or the person has stopped or deleted it, or closed the account. */
export class ClaimLost extends Error {}

interface ClaimedJobsOptions<Job> {
  /** What a job is called in the log, such as `an import`. */
  readonly name: string;
  readonly component: string;
  /** Finds jobs that may wait for somebody. */
  readonly find: () => Promise<readonly Job[]>;
  /**
   * Claims a job by one UPDATE with a lease, which ends by the time of the database: the clocks of two instances may differ.
   * @returns undefined when another process was faster, or there is nothing to do here
   */
  readonly claim: (job: Job) => Promise<Job | undefined>;
  /**
   * Works at a claimed job, and gives it back when the process stops. Another attempt is made when the lease has ended. It calls
   * `pass` now and then, so that others have their turn, and renews its lease afterwards.
   */
  readonly work: (job: Job, isStopping: () => boolean, pass: Pass) => Promise<void>;
  readonly pollMs: () => number;
}

/** Jobs that one process runs at the same time, and those that it has claimed, which run in turns. */
const RUNNING = 2;
const CLAIMED = 20;
const TICK_MS = 200;

/**
 * Runs jobs that people have left in the database. Only one instance works at each, and another goes on when that one has died.
 */
export class ClaimedJobs<Job extends { readonly userId: string; readonly id: string }> {
  private readonly polls: PeriodicTask;
  private readonly claimed = new Map<string, Promise<void>>();
  private readonly turns = new Turns(RUNNING);
  private hasStopped = false;

  constructor(
    private readonly options: ClaimedJobsOptions<Job>,
    private readonly logger: Logger,
    background: Background,
  ) {
    this.polls = new PeriodicTask({
      work: () => this.poll(),
      everyMs: options.pollMs,
      tickMs: Math.min(options.pollMs(), TICK_MS),
      report: (error) => this.report(error),
    });
    background.add(() => this.polls.start());
  }

  /** Looks for jobs at the next tick. */
  wake(): void {
    this.polls.runAtNextTick();
  }

  /** Before the database closes. A claim that is given back is taken by the next process at once. */
  async stop(): Promise<void> {
    this.hasStopped = true;
    await this.polls.stop();
    await Promise.all(this.claimed.values());
  }

  private async poll(): Promise<void> {
    for (const job of await this.options.find()) {
      if (this.hasStopped || this.claimed.size >= CLAIMED) return;
      const key = `${job.userId} ${job.id}`;
      const claimed = this.claimed.has(key) ? undefined : await this.options.claim(job);
      if (claimed) this.claimed.set(key, this.work(key, claimed));
    }
  }

  /** Never rejects: what goes wrong is tried again. */
  private async work(key: string, job: Job): Promise<void> {
    try {
      await this.turns.run((pass) => this.options.work(job, () => this.hasStopped, pass));
    } catch (error) {
      if (!(error instanceof ClaimLost || isGone(error))) this.report(error);
    }
    this.claimed.delete(key);
    this.wake();
  }

  private report(error: unknown): void {
    const { component, name } = this.options;
    this.logger.error({ component, ...describeError(error) }, `${name} was interrupted`);
  }
}
