import { Global, Injectable, Module, type OnApplicationShutdown } from '@nestjs/common';
import { Redis as Client } from 'ioredis';
import { Config } from '../../config/config.js';
import { Logger } from '../logger.js';

/** After this an unanswered command is forgotten; it has been given up long before. */
const FORGET_MS = 1_000;
/** After a failure Redis is left alone for this long, so that an outage costs one timeout, not one per request. */
const COOLDOWN_MS = 1_000;

/** The optional Redis. Absent or failing, every use of it has another way. */
@Injectable()
export class Redis implements OnApplicationShutdown {
  /** A command that takes longer is given up: Redis makes things faster, it must never make them slow. Milliseconds. */
  protected readonly patience: number = 100;
  private readonly client: Client | undefined;
  private failedAt = -Infinity;

  constructor(
    config: Config,
    private readonly logger: Logger,
  ) {
    if (config.env.REDIS_URL === undefined) return;
    this.client = new Client(config.env.REDIS_URL, {
      commandTimeout: FORGET_MS,
      connectTimeout: 2_000,
      maxRetriesPerRequest: 0,
      enableOfflineQueue: false,
      retryStrategy: (attempt) => Math.min(attempt * 200, 2_000),
    });
    // Without a listener a lost connection would end the process. Failures show in `state` and are logged once.
    this.client.on('error', (error) => this.noteFailure(error));
  }

  /** Whether one is configured, and answers. */
  get state(): 'off' | 'up' | 'down' {
    if (!this.client) return 'off';
    return this.client.status === 'ready' && !this.isCoolingDown ? 'up' : 'down';
  }

  /**
   * Runs `command`, or answers undefined when Redis is absent, failing, or too slow.
   * `command` must be safe to have run although its answer was lost.
   */
  async attempt<T>(command: (client: Client) => Promise<T>): Promise<T | undefined> {
    if (!this.client || this.state !== 'up') return undefined;
    try {
      return await inTime(command(this.client), this.patience);
    } catch (error) {
      this.noteFailure(error);
      return undefined;
    }
  }

  onApplicationShutdown(): void {
    this.client?.disconnect();
  }

  private get isCoolingDown(): boolean {
    return performance.now() - this.failedAt < COOLDOWN_MS;
  }

  private noteFailure(error: unknown): void {
    if (!this.isCoolingDown)
      this.logger.warn({ component: 'redis', error: (error as Error).name }, 'Redis does not answer');
    this.failedAt = performance.now();
  }
}

/**
 * The answer, unless it takes too long. This process being busy is no reason to give up: a timer counts from the start
 * of the current turn of the event loop, and one that is due runs before what has arrived is read. So the time is taken
 * again when the timer fires, and the verdict waits until everything that has arrived is read.
 */
function inTime<T>(answer: Promise<T>, patience: number): Promise<T> {
  const start = performance.now();
  let timer: NodeJS.Timeout | undefined;
  const tooLate = new Promise<never>((_, reject) => {
    const judge = (): void => {
      const left = patience - (performance.now() - start);
      if (left > 0) timer = setTimeout(judge, left);
      else setImmediate(reject, new Error('Redis took too long'));
    };
    timer = setTimeout(judge, patience);
  });
  return Promise.race([answer, tooLate]).finally(() => clearTimeout(timer));
}

@Global()
@Module({ providers: [Redis], exports: [Redis] })
export class RedisModule {}
