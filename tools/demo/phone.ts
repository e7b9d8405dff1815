import { randomUUID } from 'node:crypto';
import { appendFile, copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { createClient, type CycleReport, type Hale, type Runtime, type Socket } from '@hale/client';
import { FileStorage } from '@hale/client/file';
import { meal, weight } from '@hale/client/kinds';
import { WebSocket } from 'ws';
import type { Measurement } from './measurement.js';
import type { FaultProxy } from '../support/fault-proxy.js';
import type { Random } from '../support/random.js';

const LOOK_EVERY_MS = 5;
const PATIENCE_MS = 20_000;

export interface PhoneOptions {
  readonly name: string;
  /** The directory of its file. */
  readonly directory: string;
  readonly network: FaultProxy;
  readonly random: Random;
  /** How far its clock is ahead, in milliseconds. */
  readonly clockMs?: number;
}

/** Results of sync: the number of edits with each status, and the number of received records. */
export interface News {
  readonly results: CycleReport['results'];
  readonly pulled: number;
}

interface App {
  readonly hale: Hale;
  readonly path: string;
  /** Number of sync runs that were already reported. */
  told: number;
}

/** A phone with the app: `@hale/client` with a file, behind its own network. */
export class Phone {
  /** How many requests the app made, answered or not. */
  requests = 0;
  /** The edits of every push, as they were sent. */
  readonly pushes: string[] = [];
  /** Measurements that the client refused, because the service would. */
  readonly declined = new Set<Measurement>();
  private isOnline = true;
  private socket: WebSocket | undefined;
  private app: App | undefined;

  private constructor(private readonly options: PhoneOptions) {}

  static async open(options: PhoneOptions): Promise<Phone> {
    const phone = new Phone(options);
    await phone.launch(join(options.directory, `${options.name}-${randomUUID()}`));
    return phone;
  }

  get name(): string {
    return `phone ${this.options.name}`;
  }

  get network(): FaultProxy {
    return this.options.network;
  }

  get hale(): Hale {
    return this.running.hale;
  }

  /** Current time of its own clock, in milliseconds. */
  now(): number {
    return Date.now() + (this.options.clockMs ?? 0);
  }

  goOffline(): void {
    this.network.refuse(true);
    this.isOnline = false;
  }

  /** The network is back and the app is in the foreground: from now on it syncs automatically. */
  goOnline(): void {
    this.network.refuse(false);
    this.isOnline = true;
    this.hale.start();
  }

  /** Ends the app in the middle of a write, and starts it again from the file. */
  async crash(): Promise<void> {
    const { hale, path } = this.running;
    const left = `${path}-left`;
    await copyFile(path, left);
    await appendFile(left, '[["a line that was not finish');
    await hale.close();
    await this.launch(left);
  }

  /** Waits until the condition holds. @returns the milliseconds it took. */
  async until(what: string, isSo: (hale: Hale) => boolean | Promise<boolean>): Promise<number> {
    const begun = performance.now();
    while (!(await isSo(this.hale))) {
      if (performance.now() - begun > PATIENCE_MS)
        throw new Error(`${this.name}: still not "${what}" after ${PATIENCE_MS / 1000} s`);
      await wait(LOOK_EVERY_MS);
    }
    return Math.round(performance.now() - begun);
  }

  /** Waits until all edits of this phone are sent and all changes of the service are received. */
  async untilUpToDate(): Promise<void> {
    await this.until('up to date', ({ status }) => status.value.upToDate);
  }

  /** Waits until the WebSocket is connected. */
  async untilHearing(): Promise<void> {
    await this.until('connected by WebSocket', () => this.socket?.readyState === WebSocket.OPEN);
  }

  /** Results of sync since the last call. */
  news(): News {
    const app = this.running;
    const runs = app.hale.report().slice(app.told);
    app.told += runs.length;
    const results: Record<string, number> = {};
    for (const [status, count] of runs.flatMap((run) => Object.entries(run.results)))
      results[status] = (results[status] ?? 0) + count;
    return { results, pulled: runs.reduce((sum, { pulled }) => sum + pulled, 0) };
  }

  async close(): Promise<void> {
    await this.app?.hale.close();
  }

  private get running(): App {
    if (!this.app) throw new Error(`${this.name} is switched off`);
    return this.app;
  }

  private async launch(path: string): Promise<void> {
    const { url } = this.network;
    const storage = await FileStorage.open(path);
    const hale = await createClient({
      url,
      storage,
      kinds: [weight, meal],
      runtime: this.surroundings(),
    });
    this.app = { hale, path, told: 0 };
    if (hale.user) hale.start();
  }

  private surroundings(): Partial<Runtime> {
    return {
      now: () => this.now(),
      random: this.options.random,
      isOnline: () => this.isOnline,
      fetch: (request) => this.fetch(request),
      socket: (url, protocols) => this.connect(url, protocols),
    };
  }

  private async fetch(request: Request): Promise<Response> {
    this.requests += 1;
    if (request.url.endsWith('/api/sync/push')) {
      const { mutations } = (await request.clone().json()) as { mutations: unknown };
      this.pushes.push(JSON.stringify(mutations));
    }
    return globalThis.fetch(request);
  }

  private connect(url: string, protocols: string[]): Socket {
    const socket = new WebSocket(url, protocols);
    socket.on('error', () => undefined).once('message', () => (this.socket = socket));
    return socket as unknown as Socket;
  }
}
