import { retryDelay } from './retry.js';
import type { Runtime, Socket } from './runtime.js';

const PROTOCOL = 'hale.sync.v1';
const JITTER_MS = 500;
const COOLDOWN_MS = 60_000;

const EXPIRED = 4401;
const REVOKED = 4403;
/** Closed because of what this client is or does; 4408: because of too many connections. At once it would be no better. */
const COOL = new Set([1008, 1009, 4408]);

interface Listener {
  /** A token that is good now; a renewed one when the last was refused. */
  token(isRefused: boolean): Promise<string>;
  /** There is something new on the server, at this place of its order. */
  poked(epoch: string | undefined, head: string): void;
  /** The session is over. */
  revoked(): void;
}

interface Message {
  readonly t?: string;
  readonly epoch?: string;
  readonly head?: string;
}

/** Hears from the server that there is something to pull. Nothing depends on it: sync polls as well. */
export class Realtime {
  private socket: Socket | undefined;
  private failures = 0;
  private isOpen = false;
  /** Moves on with every opening: a connection that was on its way for an earlier one is dropped. */
  private generation = 0;
  private isRefused = false;
  /** Between two tries, of its own accord: what the server asked for is waited for. */
  private isWaiting = false;
  private cancelTimer = (): void => undefined;

  constructor(
    private readonly url: string,
    private readonly runtime: Runtime,
    private readonly listener: Listener,
  ) {}

  open(): void {
    if (this.isOpen || !this.runtime.socket) return;
    this.isOpen = true;
    this.generation += 1;
    void this.connect();
  }

  close(): void {
    this.isOpen = false;
    this.cancelTimer();
    const { socket } = this;
    this.socket = undefined;
    socket?.close();
  }

  /** The connection may be back, so there is no reason to wait for the next try. */
  wake(): void {
    if (!this.isOpen || !this.isWaiting) return;
    this.cancelTimer();
    void this.connect();
  }

  private async connect(): Promise<void> {
    const { generation } = this;
    this.isWaiting = false;
    try {
      const token = await this.listener.token(this.isRefused);
      if (!this.isOpen || generation !== this.generation) return;
      this.isRefused = false;
      const socket = this.runtime.socket?.(socketUrl(this.url), [PROTOCOL, `bearer.${token}`]);
      if (!socket) return;
      this.socket = socket;
      socket.addEventListener('message', ({ data }) => this.hear(socket, data));
      // The close that follows says more.
      socket.addEventListener('error', () => undefined);
      socket.addEventListener('close', ({ code }) => this.closed(socket, code));
    } catch {
      if (generation === this.generation) this.again();
    }
  }

  private hear(socket: Socket, data: unknown): void {
    const message = read(data);
    if (socket !== this.socket || !message) return;
    const { t, epoch, head } = message;
    // Signed in. What else is said may be why the connection ends.
    if (t === 'hello') this.failures = 0;
    if (t === 'auth_expiring') void this.renew(socket);
    // Not all devices at the same moment.
    if ((t === 'hello' || t === 'poke') && head !== undefined)
      this.runtime.after(
        this.runtime.random() * JITTER_MS,
        () => this.isOpen && this.listener.poked(epoch, head),
      );
  }

  private async renew(socket: Socket): Promise<void> {
    try {
      const token = await this.listener.token(true);
      if (socket === this.socket) socket.send(JSON.stringify({ t: 'auth', token }));
    } catch {
      // The server closes the connection, and a new one is tried.
    }
  }

  private closed(socket: Socket, code: number): void {
    if (socket !== this.socket) return;
    this.socket = undefined;
    if (code === REVOKED) {
      this.isOpen = false;
      return this.listener.revoked();
    }
    this.isRefused = code === EXPIRED;
    this.again(COOL.has(code) ? COOLDOWN_MS : 0);
  }

  private again(wait = 0): void {
    if (!this.isOpen) return;
    this.failures += 1;
    const delay = retryDelay(this.failures, this.runtime.random(), wait);
    this.cancelTimer();
    this.isWaiting = wait === 0;
    this.cancelTimer = this.runtime.after(delay, () => void this.connect());
  }
}

const socketUrl = (url: string): string => `${url.replace(/^http/, 'ws').replace(/\/$/, '')}/ws/sync`;

function read(data: unknown): Message | undefined {
  try {
    return JSON.parse(String(data)) as Message;
  } catch {
    return undefined;
  }
}
