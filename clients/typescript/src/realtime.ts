import { retryDelay } from './retry.js';
import type { Runtime } from './runtime.js';
import type { Socket } from './sockets.js';

const PROTOCOL = 'hale.sync.v1';
const JITTER_MS = 500;
const COOLDOWN_MS = 60_000;

const EXPIRED = 4401;
const REVOKED = 4403;
/** Closed because this client did something wrong, or (4408) has too many connections: an immediate retry would fail again. */
const COOL = new Set([1008, 1009, 4408]);

interface Listener {
  /** A valid token; a refreshed one if the last was refused. */
  token(isRefused: boolean): Promise<string>;
  /** The server has changes up to this `seq`. */
  poked(epoch: string | undefined, head: string): void;
  /** The session is over. */
  revoked(): void;
  /** The state has changed. */
  moved(): void;
}

/**
 * How changes of other devices arrive: `connected`, at once; `connecting`, by polling until the connection is there; `unavailable`, by
 * polling, because there is no WebSocket; `off`, not at all by themselves, or by polling if the app turned realtime off.
 */
export type RealtimeState = 'off' | 'connecting' | 'connected' | 'unavailable';

interface Message {
  readonly t?: string;
  readonly epoch?: string;
  readonly head?: string;
}

/** Receives announcements of changes by WebSocket. Nothing depends on it, because sync also polls. */
export class Realtime {
  private socket: Socket | undefined;
  private failures = 0;
  private isOpen = false;
  /** Increased with every opening, so that a connection that an earlier one is still opening is dropped. */
  private generation = 0;
  private isRefused = false;
  /** Waiting for a retry that the client itself delayed; a delay that the server requested is not shortened. */
  private isWaiting = false;
  private cancelTimer = (): void => undefined;
  private current: RealtimeState = 'off';

  constructor(
    private readonly url: string,
    private readonly runtime: Runtime,
    private readonly listener: Listener,
  ) {}

  get state(): RealtimeState {
    return this.current;
  }

  open(): void {
    if (this.isOpen) return;
    this.isOpen = true;
    this.generation += 1;
    this.enter('connecting');
    void this.connect();
  }

  close(): void {
    this.isOpen = false;
    this.cancelTimer();
    this.enter('off');
    const { socket } = this;
    this.socket = undefined;
    socket?.close();
  }

  /** The network may be available again, so the next attempt need not wait. */
  wake(): void {
    if (!this.isOpen || !this.isWaiting) return;
    this.cancelTimer();
    void this.connect();
  }

  private async connect(): Promise<void> {
    const { generation } = this;
    this.isWaiting = false;
    try {
      const connect = this.runtime.socket ?? (await this.runtime.findSocket?.());
      if (!this.isOpen || generation !== this.generation) return;
      if (!connect) return this.enter('unavailable');
      const token = await this.listener.token(this.isRefused);
      if (!this.isOpen || generation !== this.generation) return;
      this.isRefused = false;
      const socket = connect(socketUrl(this.url), [PROTOCOL, `bearer.${token}`]);
      this.socket = socket;
      socket.addEventListener('message', ({ data }) => this.hear(socket, data));
      // The close event that follows has the reason.
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
    // Signed in. Other messages may precede the end of the connection.
    if (t === 'hello') {
      this.failures = 0;
      this.enter('connected');
    }
    if (t === 'auth_expiring') void this.renew(socket);
    // A random delay, so that not all devices pull at the same moment.
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
      // The server closes the connection, and a new one is opened.
    }
  }

  private closed(socket: Socket, code: number): void {
    if (socket !== this.socket) return;
    this.socket = undefined;
    if (code === REVOKED) {
      this.isOpen = false;
      this.enter('off');
      return this.listener.revoked();
    }
    this.isRefused = code === EXPIRED;
    this.again(COOL.has(code) ? COOLDOWN_MS : 0);
  }

  private again(wait = 0): void {
    if (!this.isOpen) return;
    this.enter('connecting');
    this.failures += 1;
    const delay = retryDelay(this.failures, this.runtime.random(), wait);
    this.cancelTimer();
    this.isWaiting = wait === 0;
    this.cancelTimer = this.runtime.after(delay, () => void this.connect());
  }

  private enter(state: RealtimeState): void {
    if (state === this.current) return;
    this.current = state;
    this.listener.moved();
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
