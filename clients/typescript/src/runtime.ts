import { type Socket, type SocketFactory, socketsOfPackage } from './sockets.js';

/** The environment of the client. Tests replace clock, random numbers, timers and network. */
export interface Runtime {
  /** Milliseconds since 1970 by the clock of the device. */
  now(): number;
  bytes(length: number): Uint8Array;
  /** From 0 to 1, without 1. */
  random(): number;
  /** Runs the work once, later. @returns a function that cancels it. */
  after(milliseconds: number, work: () => void): () => void;
  readonly fetch: (request: Request) => Promise<Response>;
  /** The origin of the page; absent outside of browsers. */
  readonly origin?: string;
  /** Absent if there are no WebSockets. */
  readonly socket?: SocketFactory;
  /** Looks for WebSockets if there are none. If it finds none either, only polling is used. */
  findSocket?(): Promise<SocketFactory | undefined>;
  /** Allows one holder of a name at a time; in a browser over all tabs. */
  lock<T>(name: string, work: () => Promise<T>): Promise<T>;
  isOnline(): boolean;
  isVisible(): boolean;
  /** Called when the network or the screen becomes available or unavailable. @returns a function that ends it. */
  onWake(listener: () => void): () => void;
}

interface Surroundings {
  WebSocket?: new (url: string, protocols: string[]) => Socket;
  navigator?: {
    onLine?: boolean;
    locks?: { request<T>(name: string, work: () => Promise<T>): Promise<T> };
  };
  document?: EventSource & { visibilityState: string };
  location?: { origin?: string };
  addEventListener?: EventSource['addEventListener'];
  removeEventListener?: EventSource['removeEventListener'];
}

interface EventSource {
  addEventListener(type: string, listener: () => void): void;
  removeEventListener(type: string, listener: () => void): void;
}

/** The longest delay that a timer supports. */
const MAX_DELAY_MS = 2_147_483_647;

/** The runtime of the browser or of Node. */
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
    ...(world.document && world.location?.origin && { origin: world.location.origin }),
    ...(WebSocket && { socket: (url, protocols) => new WebSocket(url, protocols) }),
    // For the developer, not for a log.
    // oxlint-disable-next-line no-console
    findSocket: () => socketsOfPackage((text) => console.warn(text)),
    lock: locks ? (name, work) => locks.request(name, work) : localLocks(),
    isOnline: () => navigator?.onLine !== false,
    isVisible: () => world.document?.visibilityState !== 'hidden',
    onWake: (listener) => listen(world, listener),
  };
}

/** Locks within one process, for environments without `navigator.locks`. */
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
  // Node has no screen and no network events.
  if (!document) return () => undefined;
  types.forEach((type) => world.addEventListener?.(type, listener));
  document.addEventListener('visibilitychange', listener);
  return () => {
    types.forEach((type) => world.removeEventListener?.(type, listener));
    document.removeEventListener('visibilitychange', listener);
  };
}
