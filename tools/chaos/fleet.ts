import { type RunningServer, startServer } from '../support/server.js';

/** One or two processes of the service on one database, which are killed and started again. */
export class Fleet {
  private readonly restarts = new Map<number, Promise<void>>();
  private readonly past: RunningServer[] = [];
  /** Called when a process has a new port. */
  moved: (place: number) => void = () => undefined;

  private constructor(
    private readonly env: Readonly<Record<string, string>>,
    private readonly servers: RunningServer[],
  ) {}

  static async start(databaseUrl: string, size: number): Promise<Fleet> {
    const env = {
      NODE_ENV: 'test',
      PORT: '0',
      DATABASE_URL: databaseUrl,
      JWT_SECRET: 'only-for-chaos-Zk3vQ9xW2mB7rT4yU8iP1sL6',
      RATE_LIMIT_PER_MINUTE: '1000000',
      LOG_LEVEL: 'warn',
      TZ: 'Pacific/Auckland',
    };
    const servers: RunningServer[] = [];
    const fleet = new Fleet(env, servers);
    // One after the other, because the first migrates.
    while (servers.length < size) servers.push(await startServer(env));
    return fleet;
  }

  get size(): number {
    return this.servers.length;
  }

  url(place: number): string {
    return this.at(place).url;
  }

  port(place: number): number {
    return Number(new URL(this.url(place)).port);
  }

  /** Kills a process (SIGKILL) and starts a new one in its place. */
  kill(place: number): Promise<void> {
    const restart =
      this.restarts.get(place) ?? this.replace(place).finally(() => this.restarts.delete(place));
    this.restarts.set(place, restart);
    return restart;
  }

  /** Resolves when the process runs. */
  async up(place: number): Promise<void> {
    await this.restarts.get(place);
  }

  /** The logs of all processes. */
  log(): string {
    return [...this.past, ...this.servers]
      .map((server) => Object.values(server.output()).join('\n'))
      .join('\n');
  }

  async stop(): Promise<void> {
    await Promise.allSettled(this.restarts.values());
    await Promise.all(this.servers.map((server) => server.kill()));
  }

  private at(place: number): RunningServer {
    const server = this.servers[place];
    if (!server) throw new Error(`no process ${place}`);
    return server;
  }

  private async replace(place: number): Promise<void> {
    const old = this.at(place);
    await old.kill();
    this.past.push(old);
    this.servers[place] = await startServer(this.env);
    this.moved(place);
  }
}
