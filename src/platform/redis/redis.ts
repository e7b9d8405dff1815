import { Global, Injectable, Module, type OnApplicationShutdown } from '@nestjs/common';
import { Redis as Client } from 'ioredis';
import { Config } from '../../config/config.js';
import { Logger } from '../logger.js';

/** The client drops an unanswered command after this time. `attempt` gives it up much earlier. */
const COMMAND_TIMEOUT_MS = 1_000;
/** After a failure, Redis is not used for one second, so that an outage costs one timeout and not one for each request. */
const COOLDOWN_MS = 1_000;

/** The optional Redis. Every caller must also work without it. */
@Injectable()
export class Redis implements OnApplicationShutdown {
  /** A command that takes longer than this is given up, because Redis must never make requests slow. Milliseconds. */
  protected readonly patience: number = 100;
  private readonly client: Client | undefined;
  private failedAt = -Infinity;

  constructor(
    config: Config,
    private readonly logger: Logger,
  ) {
    if (config.env.REDIS_URL === undefined) return;
    this.client = new Client(config.env.REDIS_URL, {
      commandTimeout: COMMAND_TIMEOUT_MS,
      connectTimeout: 2_000,
      maxRetriesPerRequest: 0,
      enableOfflineQueue: false,
      retryStrategy: (attempt) => Math.min(attempt * 200, 2_000),
    });
    // Without a listener, a lost connection would end the process. Failures change `state` and are logged once.
    this.client.on('error', (error) => this.noteFailure(error));
  }

  /** `off` when no Redis is configured, `up` when it answers, else `down`. */
  get state(): 'off' | 'up' | 'down' {
    if (!this.client) return 'off';
    return this.client.status === 'ready' && !this.isCoolingDown ? 'up' : 'down';
  }

  /**
   * Runs `command`. Redis may have run the command although its answer was lost, so that must do no harm.
   * @returns undefined when there is no Redis, or when it fails or is too slow.
   */
  async attempt<T>(command: (client: Client) => Promise<T>): Promise<T | undefined> {
    if (!this.client || this.state !== 'up') return undefined;
    try {
      return await withTimeout(command(this.client), this.patience);
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
 * Waits for the answer, but not longer than `patience` milliseconds. It must not give up only because this process is busy:
 * a timer counts from the start of the current turn of the event loop, and a due timer runs before arrived data is read. So
 * the time is measured again when the timer fires, and the rejection waits until all arrived data was read.
 */
function withTimeout<T>(answer: Promise<T>, patience: number): Promise<T> {
  const start = performance.now();
  let timer: NodeJS.Timeout | undefined;
  const tooLate = new Promise<never>((_, reject) => {
    const checkTime = (): void => {
      const left = patience - (performance.now() - start);
      if (left > 0) timer = setTimeout(checkTime, left);
      else setImmediate(reject, new Error('Redis took too long'));
    };
    timer = setTimeout(checkTime, patience);
  });
  return Promise.race([answer, tooLate]).finally(() => clearTimeout(timer));
}

@Global()
@Module({ providers: [Redis], exports: [Redis] })
export class RedisModule {}
