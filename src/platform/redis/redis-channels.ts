import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { Redis as Client } from 'ioredis';
import { Config } from '../../config/config.js';
import { Redis } from './redis.js';

/** A command that takes longer fails, and the connection is opened again. */
const COMMAND_TIMEOUT_MS = 1_000;
/** How often the connection is tested: a connection that only listens does not notice that the other end is gone. */
const PING_INTERVAL_MS = 5_000;

/** A subscriber of one channel. */
interface Listener {
  readonly onMessage: (message: string) => void;
  /** The channel is open now. Messages that were sent before are lost. */
  readonly onOpen: () => void;
}

/**
 * Messages between the instances of the service. It has its own connection, because a connection that subscribes cannot run
 * other commands. Without Redis, or while it is not reachable, no messages are sent or received and nobody waits: code that
 * needs the information must also have another way to get it.
 */
@Injectable()
export class RedisChannels implements OnApplicationShutdown {
  private readonly listeners = new Map<string, Listener>();
  private client: Client | undefined;
  private pingTimer: NodeJS.Timeout | undefined;
  private isListening = false;

  constructor(
    private readonly config: Config,
    private readonly redis: Redis,
  ) {}

  /** Whether messages of other instances arrive, as far as this process knows. */
  get isUp(): boolean {
    return this.isListening && this.redis.state === 'up';
  }

  publish(channel: string, message: string): void {
    void this.redis.attempt((client) => client.publish(channel, message));
  }

  /** Subscribes to a channel, and subscribes again whenever the connection was lost. */
  listen(channel: string, listener: Listener): void {
    this.listeners.set(channel, listener);
    if (this.client && this.isListening) void this.open(this.client);
    else this.client ??= this.connect();
  }

  onApplicationShutdown(): void {
    clearInterval(this.pingTimer);
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
    // Without a listener, a lost connection would end the process. `Redis` logs the failures of both connections.
    client.on('error', () => undefined);
    client.on('ready', () => void this.open(client));
    client.on('close', () => {
      this.isListening = false;
    });
    client.on('message', (channel: string, message: string) =>
      this.listeners.get(channel)?.onMessage(message),
    );
    this.pingTimer = setInterval(() => void this.check(client), PING_INTERVAL_MS).unref();
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

/** Reconnects, unless the client already does so or was closed. */
function reconnect(client: Client): void {
  if (client.status === 'ready') client.disconnect(true);
}
