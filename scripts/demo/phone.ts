import { randomUUID } from 'node:crypto';
import { appendFile, copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { createClient, type CycleReport, type Hale, type Runtime, type Socket } from '@hale/client';
import { FileStorage } from '@hale/client/file';
import { WebSocket } from 'ws';
import type { FaultProxy } from '../support/fault-proxy.js';
import type { Random } from '../support/random.js';

const LOOK_EVERY_MS = 5;
const PATIENCE_MS = 20_000;

export interface PhoneOptions {
  readonly name: string;
  /** Where its file lies. */
  readonly directory: string;
  readonly network: FaultProxy;
  readonly random: Random;
  /** How far its clock is ahead. */
  readonly clockMs?: number;
}

/** What sync did: how many edits got each result, and how many records came. */
export interface News {
  readonly results: CycleReport['results'];
  readonly pulled: number;
}

interface App {
  readonly hale: Hale;
  readonly path: string;
  /** Runs of sync that were told of. */
  told: number;
}

/** A phone with the app on it: `@hale/client` on a file, behind a network of its own. */
export class Phone {
  /** How many requests the app made, answered or not. */
  requests = 0;
  /** The edits of every push it sent, as they were sent. */
  readonly pushes: string[] = [];
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

  /** By its own clock, in milliseconds. */
  now(): number {
    return Date.now() + (this.options.clockMs ?? 0);
  }

  goOffline(): void {
    this.network.refuse(true);
    this.isOnline = false;
  }

  /** The connection is back and the app in front: from here on it syncs by itself. */
  goOnline(): void {
    this.network.refuse(false);
    this.isOnline = true;
    this.hale.start();
  }

  /** The app ends without warning, in the middle of a write, and starts again from what is in the file. */
  async crash(): Promise<void> {
    const { hale, path } = this.running;
    const left = `${path}-left`;
    await copyFile(path, left);
    await appendFile(left, '[["a line that was not finish');
    await hale.close();
    await this.launch(left);
  }

  /** Resolves when it is so, with the milliseconds that took. */
  async until(what: string, isSo: (hale: Hale) => boolean | Promise<boolean>): Promise<number> {
    const begun = performance.now();
    while (!(await isSo(this.hale))) {
      if (performance.now() - begun > PATIENCE_MS)
        throw new Error(`${this.name}: "${what}" is not so after ${PATIENCE_MS / 1000} s`);
      await wait(LOOK_EVERY_MS);
    }
    return Math.round(performance.now() - begun);
  }

  /** Everything of this phone is sent, and everything of the service is here. */
  async untilUpToDate(): Promise<void> {
    await this.until('up to date', ({ status }) => status.value.upToDate);
  }

  /** The service has greeted it over the WebSocket. */
  async untilHearing(): Promise<void> {
    await this.until('connected to hear of news', () => this.socket?.readyState === WebSocket.OPEN);
  }

  /** What sync did since this was last asked. */
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
      kinds: ['weight', 'meal'],
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
