import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import type { TestingModuleBuilder } from '@nestjs/testing';
import { type ClientOptions, WebSocket } from 'ws';
import { person } from '../../../src/records/define/person/person.owner.js';
import { Announcements } from '../../../src/records/write/announcements.js';
import { SocketPolicy } from '../../../src/kernel/sockets/socket-policy.js';
import { PokesPolicy } from '../../../src/modules/sync/pokes/pokes-policy.js';
import { Api } from '../../support/api.js';
import type { TestApp } from '../../support/app.js';
import { entry, push } from '../../support/weights.js';

export const PROTOCOL = 'hale.sync.v1';

/** A deadline for what must come; nothing waits that long when it does. */
const PATIENCE_MS = 10_000;

export type Message = Readonly<Record<string, any>>;

/** The far end of a connection, to `/ws/sync` unless a path is given, with everything it was told. */
export class Device {
  readonly messages: Message[] = [];
  /** Undefined while the connection is open. */
  code: number | undefined;
  private readonly closing: Promise<number>;
  private wake: () => void = () => undefined;

  private constructor(readonly socket: WebSocket) {
    socket.on('error', () => undefined);
    socket.on('message', (data) => {
      this.messages.push(JSON.parse(String(data)) as Message);
      this.wake();
    });
    this.closing = new Promise((resolve) =>
      socket.once('close', (code) => {
        this.code = code;
        this.wake();
        resolve(code);
      }),
    );
  }

  /** Connects without a word of who it is. */
  static async connect(
    url: string,
    protocols: readonly string[] = [PROTOCOL],
    options: ClientOptions = {},
    path?: string,
  ): Promise<Device> {
    const socket = new WebSocket(address(url, path), [...protocols], options);
    const device = new Device(socket);
    await once(socket, 'open');
    return device;
  }

  /** Connects with the token of `api` as a subprotocol. */
  static open(api: Api, options: ClientOptions = {}): Promise<Device> {
    return Device.connect(api.url, [PROTOCOL, `bearer.${tokenOf(api)}`], options);
  }

  /** Connects, and waits until it is welcome. */
  static async join(api: Api, options: ClientOptions = {}): Promise<Device> {
    const device = await Device.open(api, options);
    await device.hello();
    return device;
  }

  say(message: unknown): void {
    this.socket.send(typeof message === 'string' ? message : JSON.stringify(message));
  }

  /** The first message for which `matches` holds, now or later, from number `from` on. */
  async message(matches: (message: Message) => boolean, from = 0): Promise<Message> {
    const found = (): Message | undefined => this.messages.slice(from).find(matches);
    await within(`a message; so far ${JSON.stringify(this.messages)}, closed ${this.code}`, async () => {
      while (!found()) {
        if (this.code !== undefined) throw new Error(`closed with ${this.code}`);
        await new Promise<void>((resolve) => {
          this.wake = resolve;
        });
      }
    });
    return found()!;
  }

  hello(from = 0): Promise<Message> {
    return this.message(({ t }) => t === 'hello', from);
  }

  /** A poke that tells of this change or a later one. */
  poke(head: bigint | string | number): Promise<Message> {
    return this.message(({ t, head: told }) => t === 'poke' && BigInt(told) >= BigInt(head));
  }

  get pokes(): Message[] {
    return this.messages.filter(({ t }) => t === 'poke');
  }

  /** The code the server closes with. */
  closed(): Promise<number> {
    return within('the end', () => this.closing);
  }

  /** Says a ping, and returns when it is answered: everything that was sent before has arrived by then. */
  async settle(): Promise<void> {
    const from = this.messages.length;
    this.say({ t: 'ping' });
    await this.message(({ t }) => t === 'pong', from);
  }

  async leave(): Promise<void> {
    this.socket.close();
    await this.closing;
  }
}

export const address = (url: string, path = '/ws/sync'): string => url.replace(/^http/, 'ws') + path;

export const tokenOf = (api: Api): string => api.headers['authorization']!.replace('Bearer ', '');

/** The status a handshake is refused with, or 101. */
export async function statusOf(
  url: string,
  protocols: readonly string[] = [PROTOCOL],
  options: ClientOptions = {},
): Promise<number> {
  const socket = new WebSocket(url, [...protocols], options);
  socket.on('error', () => undefined);
  const status = await Promise.race([
    once(socket, 'open').then(() => 101),
    once(socket, 'unexpected-response').then(([, response]) => (response as IncomingMessage).statusCode!),
  ]);
  socket.terminate();
  return status;
}

async function within<T>(what: string, work: () => Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`waited in vain for ${what}`)), PATIENCE_MS);
  });
  return Promise.race([work(), late]).finally(() => clearTimeout(timer));
}

type Policy = SocketPolicy & PokesPolicy;

/** The policies of production, except where a test needs shorter intervals. */
export const policy =
  (changes: Partial<Policy> = {}) =>
  (builder: TestingModuleBuilder): TestingModuleBuilder =>
    builder
      .overrideProvider(SocketPolicy)
      .useValue(Object.assign(new SocketPolicy(), changes))
      .overrideProvider(PokesPolicy)
      .useValue(Object.assign(new PokesPolicy(), changes));

/** The same person, asking another instance. */
export const at = (app: TestApp, api: Api): Api => new Api(app.url, api.headers, api.account);

/** What every connection of this person is told next. */
export const announce = (app: TestApp, api: Api, head: number, ...kinds: string[]): void =>
  app.app.get(Announcements).announce({ owner: person(api.userId), head, kinds });

/** A beat fast enough that nobody waits for it. */
export const HASTY: Partial<Policy> = { tickMs: 10, pollTickMs: 10, sessionCheckMs: 20 };
/** Heads are not compared: what comes was told. */
export const NEVER_POLLS: Partial<Policy> = { pollMs: { alone: 1e9, withRedis: 1e9 } };

let entries = 0;
/** Writes one weight. */
export async function write(api: Api): Promise<void> {
  entries += 1;
  const timestamp = new Date(Date.UTC(2026, 0, 1) + entries * 60_000).toISOString();
  const { status, body } = await push(api, entry(`realtime-${entries}`, { timestamp }));
  if (status !== 200) throw new Error(`push answered ${status}: ${JSON.stringify(body)}`);
}
