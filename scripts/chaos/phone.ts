import { randomUUID } from 'node:crypto';
import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { createClient, type Hale, type RefusedEdit, type Runtime, type Socket } from '@hale/client';
import { FileStorage } from '@hale/client/file';
import { WebSocket } from 'ws';
import type { FaultProxy } from '../support/fault-proxy.js';
import type { Random } from '../support/random.js';
import type { Ledger, Push } from './ledger.js';
import { KINDS } from './values.js';

export interface PhoneOptions {
  /** Among all devices of a round. */
  readonly device: number;
  readonly directory: string;
  readonly network: FaultProxy;
  readonly random: Random;
  readonly ledger: Ledger;
  readonly onRequest: () => void;
  /** Syncs by itself and hears pokes. */
  readonly isLive: boolean;
  /** Which process of the service it talks to. */
  place: number;
}

export interface Account {
  readonly email: string;
  readonly password: string;
}

/** From one start of the app to its end. */
interface Life {
  hale: Hale;
  readonly path: string;
  end(): void;
}

const MOST_IN_A_PAGE = 12;
const HAS_NO_BODY = new Set([204, 304]);
/** Two people decided, or nobody is there: all other refusals are somebody's mistake. */
const isExpected = (status: number, text: string): boolean =>
  status === 503 || (status === 409 && text.includes('/problems/conflict-resolved'));

/** An app on a device of its own: its own clock, its own file, its own bad network. */
export class Phone {
  /** How wrong its clock is. */
  offset = 0;
  private life: Life | undefined;

  constructor(readonly options: PhoneOptions) {}

  get hale(): Hale {
    if (!this.life) throw new Error('the app does not run');
    return this.life.hale;
  }

  async open(from?: string): Promise<void> {
    const { directory, device, network, isLive } = this.options;
    const path = join(directory, `${device}-${randomUUID()}`);
    // What a crash leaves on the disk.
    if (from !== undefined) copyFileSync(from, path);
    const storage = await FileStorage.open(path);
    let end = (): void => undefined;
    const ended = new Promise<never>((_, reject) => {
      end = () => reject(new TypeError('the app is gone'));
    });
    ended.catch(() => undefined);
    const runtime = this.runtime(ended);
    const hale = await createClient({ url: network.url, storage, kinds: KINDS, runtime, realtime: isLive });
    this.life = { hale, path, end };
    if (isLive && hale.user) hale.start();
  }

  async signIn(account: Account, isNew: boolean): Promise<void> {
    await (isNew ? this.hale.register(account) : this.hale.login(account));
    if (this.options.isLive) this.hale.start();
  }

  /** The app ends in the middle of whatever it does, and starts again from what is on the disk. */
  async crash(): Promise<void> {
    const { life } = this;
    if (!life) return;
    life.end();
    const opening = this.open(life.path);
    life.hale.stop();
    await opening;
    await life.hale.close();
  }

  async close(): Promise<void> {
    this.life?.end();
    await this.life?.hale.close();
  }

  /** What was refused is given up. */
  async discard({ id, kind, recordId }: RefusedEdit): Promise<void> {
    await this.hale.needsAttention.discard(id);
    this.options.ledger.giveUp(this.options.device, kind, recordId);
  }

  private runtime(ended: Promise<never>): Partial<Runtime> {
    const { random } = this.options;
    return {
      now: () => Date.now() + this.offset,
      random,
      bytes: (length) => Uint8Array.from({ length }, () => Math.floor(random() * 256)),
      fetch: (request) => Promise.race([this.fetch(request, ended), ended]),
      socket: (url, protocols) =>
        new WebSocket(url, protocols).on('error', () => undefined) as unknown as Socket,
    };
  }

  private async fetch(request: Request, ended: Promise<never>): Promise<Response> {
    const { pathname } = new URL(request.url);
    // Whatever still runs of an app that is gone sends nothing any more.
    await Promise.race([ended, Promise.resolve()]);
    const body = pathname === '/api/sync/push' ? ((await request.clone().json()) as Push) : undefined;
    for (const { kind, fields } of body?.mutations ?? []) this.options.ledger.sending(kind, fields ?? {});
    this.options.onRequest();
    const response = await globalThis.fetch(this.inSmallPages(request));
    const text = await response.text();
    // What the app did not live to hear it was not told.
    await Promise.race([ended, Promise.resolve()]);
    this.listen(pathname, body, response.status, text);
    const { status, headers } = response;
    return new Response(HAS_NO_BODY.has(status) ? null : text, { status, headers });
  }

  /** What a device is told of at once is less than it holds: everything happens in between. */
  private inSmallPages(request: Request): Request {
    const url = new URL(request.url);
    if (url.pathname !== '/api/sync/pull') return request;
    url.searchParams.set('limit', String(1 + Math.floor(this.options.random() * MOST_IN_A_PAGE)));
    return new Request(url, request);
  }

  private listen(path: string, body: Push | undefined, status: number, text: string): void {
    const { ledger, device } = this.options;
    if (status >= 400 && !isExpected(status, text))
      ledger.problems.push(`${path} answered ${status}: ${text}`);
    if (status !== 200) return;
    if (path === '/api/sync/pull') ledger.pulled(JSON.parse(text).changes);
    if (body) ledger.answered(device, body, JSON.parse(text));
  }
}
