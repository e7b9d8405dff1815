/** A connection that pushes messages: the part of WebSocket that is used. */
export interface Socket {
  send(text: string): void;
  close(): void;
  addEventListener(type: 'message', listener: (event: { data: unknown }) => void): void;
  addEventListener(type: 'close', listener: (event: { code: number }) => void): void;
  addEventListener(type: 'error', listener: () => void): void;
}

export type SocketFactory = (url: string, protocols: string[]) => Socket;

/** What the client asks of its surroundings. Tests bring their own clock, dice, timers and network. */
export interface Runtime {
  /** Milliseconds since 1970 by the clock of the device. */
  now(): number;
  bytes(length: number): Uint8Array;
  /** From 0 up to, but not including, 1. */
  random(): number;
  /** Runs the work once, later; the result cancels it. */
  after(milliseconds: number, work: () => void): () => void;
  readonly fetch: (request: Request) => Promise<Response>;
  /** Absent where there are no WebSockets: polling does then. */
  readonly socket?: SocketFactory;
  /** One holder of a name at a time; in a browser among all tabs. */
  lock<T>(name: string, work: () => Promise<T>): Promise<T>;
  isOnline(): boolean;
  isVisible(): boolean;
  /** Tells of a connection or a screen that came back, or went; the result ends it. */
  onWake(listener: () => void): () => void;
}

interface Surroundings {
  WebSocket?: new (url: string, protocols: string[]) => Socket;
  navigator?: {
    onLine?: boolean;
    locks?: { request<T>(name: string, work: () => Promise<T>): Promise<T> };
  };
  document?: EventSource & { visibilityState: string };
  addEventListener?: EventSource['addEventListener'];
  removeEventListener?: EventSource['removeEventListener'];
}

interface EventSource {
  addEventListener(type: string, listener: () => void): void;
  removeEventListener(type: string, listener: () => void): void;
}

/** The longest delay a timer can have. */
const MAX_DELAY_MS = 2_147_483_647;

/** The browser or Node this runs in. */
export function systemRuntime(): Runtime {
  const world = globalThis as unknown as Surroundings;
  const { WebSocket, navigator } = world;
  const locks = navigator?.locks;
  return {
    now: () => Date.now(),
    bytes: (length) => crypto.getRandomValues(new Uint8Array(length)),
    random: () => Math.random(),
    after: (milliseconds, work) => {
      const timer = setTimeout(work, Math.min(milliseconds, MAX_DELAY_MS));
      return () => clearTimeout(timer);
    },
    fetch: (request) => globalThis.fetch(request),
    ...(WebSocket && { socket: (url, protocols) => new WebSocket(url, protocols) }),
    lock: locks ? (name, work) => locks.request(name, work) : localLocks(),
    isOnline: () => navigator?.onLine !== false,
    isVisible: () => world.document?.visibilityState !== 'hidden',
    onWake: (listener) => listen(world, listener),
  };
}

/** Locks within one process. */
export function localLocks(): Runtime['lock'] {
  const tails = new Map<string, Promise<unknown>>();
  return (name, work) => {
    const turn = (tails.get(name) ?? Promise.resolve()).then(work);
    const tail = turn.catch(() => undefined);
    tails.set(name, tail);
    void tail.then(() => tails.get(name) === tail && tails.delete(name));
    return turn;
  };
}

function listen(world: Surroundings, listener: () => void): () => void {
  const { document } = world;
  const types = ['online', 'offline'];
  // Node has neither screen nor connection events.
  if (!document) return () => undefined;
  types.forEach((type) => world.addEventListener?.(type, listener));
  document.addEventListener('visibilitychange', listener);
  return () => {
    types.forEach((type) => world.removeEventListener?.(type, listener));
    document.removeEventListener('visibilitychange', listener);
  };
}
