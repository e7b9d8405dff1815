import { randomUUID } from 'node:crypto';
import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { createClient, type Hale, type RefusedEdit, type Runtime, type Socket } from '@hale/client';
import { FileStorage } from '@hale/client/file';
import { WebSocket } from 'ws';
import type { FaultProxy } from '../support/fault-proxy.js';
import type { Random } from '../support/random.js';
import type { Ledger, Push } from './ledger.js';
import { DEFINITIONS } from './values.js';

export interface PhoneOptions {
  /** Number of the device in the round. */
  readonly device: number;
  readonly directory: string;
  readonly network: FaultProxy;
  readonly random: Random;
  readonly ledger: Ledger;
  readonly onRequest: () => void;
  /** Whether it syncs automatically and listens for pokes. */
  readonly isLive: boolean;
  /** The process of the service that it uses. */
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
/** Refusals that are no defect: two people decided at the same time, or the service is unavailable. */
const isExpected = (status: number, text: string): boolean =>
  status === 503 || (status === 409 && text.includes('/problems/conflict-resolved'));

/** An app on its own device, with its own clock, file and network. */
export class Phone {
  /** Error of its clock, in milliseconds. */
  offset = 0;
  private life: Life | undefined;

  constructor(readonly options: PhoneOptions) {}

  get hale(): Hale {
    if (!this.life) throw new Error('the app is not running');
    return this.life.hale;
  }

  async open(from?: string): Promise<void> {
    const { directory, device, network, isLive } = this.options;
    const path = join(directory, `${device}-${randomUUID()}`);
    // The file as a crash leaves it.
    if (from !== undefined) copyFileSync(from, path);
    const storage = await FileStorage.open(path);
    let end = (): void => undefined;
    const ended = new Promise<never>((_, reject) => {
      end = () => reject(new TypeError('the app has ended'));
    });
    ended.catch(() => undefined);
    const runtime = this.runtime(ended);
    const hale = await createClient({
      url: network.url,
      storage,
      kinds: DEFINITIONS,
      runtime,
      realtime: isLive,
    });
    this.life = { hale, path, end };
    if (isLive && hale.user) hale.start();
  }

  async signIn(account: Account, isNew: boolean): Promise<void> {
    await (isNew ? this.hale.register(account) : this.hale.login(account));
    if (this.options.isLive) this.hale.start();
  }

  /** Ends the app during its work and starts it again from the file. */
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

  /** Discards a refused edit. */
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
    // Remaining work of an ended app must send nothing.
    await Promise.race([ended, Promise.resolve()]);
    const body = pathname === '/api/sync/push' ? ((await request.clone().json()) as Push) : undefined;
    for (const { kind, fields } of body?.mutations ?? []) this.options.ledger.sending(kind, fields ?? {});
    this.options.onRequest();
    const response = await globalThis.fetch(this.inSmallPages(request));
    const text = await response.text();
    // An answer that the app did not live to receive does not count.
    await Promise.race([ended, Promise.resolve()]);
    this.listen(pathname, body, response.status, text);
    const { status, headers } = response;
    return new Response(HAS_NO_BODY.has(status) ? null : text, { status, headers });
  }

  /** Limits pages to fewer changes than there are, so that faults also happen between pages. */
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
