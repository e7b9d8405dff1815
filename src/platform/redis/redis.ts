import { Global, Injectable, Module, type OnModuleDestroy } from '@nestjs/common';
import { Redis as Client } from 'ioredis';
import { Config } from '../../config/config.js';
import { Logger } from '../logger.js';

/** A command that takes longer is given up: Redis makes things faster, it must never make them slow. */
const COMMAND_TIMEOUT_MS = 100;
/** After a failure Redis is left alone for this long, so that an outage costs one timeout, not one per request. */
const COOLDOWN_MS = 1_000;

/** The optional Redis. Absent or failing, every use of it has another way. */
@Injectable()
export class Redis implements OnModuleDestroy {
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
      return await command(this.client);
    } catch (error) {
      this.noteFailure(error);
      return undefined;
    }
  }

  onModuleDestroy(): void {
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

@Global()
@Module({ providers: [Redis], exports: [Redis] })
export class RedisModule {}
