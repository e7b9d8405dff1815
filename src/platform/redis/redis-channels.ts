import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { Redis as Client } from 'ioredis';
import { Config } from '../../config/config.js';
import { Redis } from './redis.js';

/** What takes longer is given up, with the connection. */
const COMMAND_TIMEOUT_MS = 1_000;
/** A connection that only listens does not notice by itself that the other end is gone. */
const PULSE_MS = 5_000;

/** What is said on channels, and when they are open. */
interface Listener {
  readonly onMessage: (message: string) => void;
  /** Messages come from now on; what was said before is lost. */
  readonly onOpen: () => void;
}

/**
 * Messages between the instances of the service, on a connection of its own: one that listens can do nothing else.
 * Without Redis, or while it is away, nothing is said or heard, and nobody waits: whoever needs to know has another way.
 */
@Injectable()
export class RedisChannels implements OnApplicationShutdown {
  private readonly listeners = new Map<string, Listener>();
  private client: Client | undefined;
  private pulse: NodeJS.Timeout | undefined;
  private isListening = false;

  constructor(
    private readonly config: Config,
    private readonly redis: Redis,
  ) {}

  /** Whether what others say is heard, as far as can be known. */
  get isUp(): boolean {
    return this.isListening && this.redis.state === 'up';
  }

  publish(channel: string, message: string): void {
    void this.redis.attempt((client) => client.publish(channel, message));
  }

  /** Listens from now on, through every loss of the connection. */
  listen(channel: string, listener: Listener): void {
    this.listeners.set(channel, listener);
    if (this.client && this.isListening) void this.open(this.client);
    else this.client ??= this.connect();
  }

  onApplicationShutdown(): void {
    clearInterval(this.pulse);
    this.client?.disconnect();
  }

  private connect(): Client | undefined {
    if (this.config.env.REDIS_URL === undefined) return undefined;
    const client = new Client(this.config.env.REDIS_URL, {
      commandTimeout: COMMAND_TIMEOUT_MS,
      connectTimeout: 2_000,
      maxRetriesPerRequest: null,
      enableOfflineQueue: false,
      autoResubscribe: false,
      retryStrategy: (attempt) => Math.min(attempt * 200, 2_000),
    });
    // Without a listener a lost connection would end the process; `Redis` logs the failures of both connections.
    client.on('error', () => undefined);
    client.on('ready', () => void this.open(client));
    client.on('close', () => {
      this.isListening = false;
    });
    client.on('message', (channel: string, message: string) =>
      this.listeners.get(channel)?.onMessage(message),
    );
    this.pulse = setInterval(() => void this.check(client), PULSE_MS).unref();
    return client;
  }

  private async open(client: Client): Promise<void> {
    try {
      await client.subscribe(...this.listeners.keys());
    } catch {
      return reconnect(client);
    }
    this.isListening = true;
    for (const { onOpen } of this.listeners.values()) onOpen();
  }

  private async check(client: Client): Promise<void> {
    try {
      if (this.isListening) await client.ping();
    } catch {
      reconnect(client);
    }
  }
}

/** Unless it is being made anew already, or was closed for good. */
function reconnect(client: Client): void {
  if (client.status === 'ready') client.disconnect(true);
}
