/** A connection that pushes messages: the part of WebSocket that is used. */
export interface Socket {
  send(text: string): void;
  close(): void;
  addEventListener(type: 'message', listener: (event: { data: unknown }) => void): void;
  addEventListener(type: 'close', listener: (event: { code: number }) => void): void;
  addEventListener(type: 'error', listener: () => void): void;
}

export type SocketFactory = (url: string, protocols: string[]) => Socket;

type SocketClass = new (url: string, protocols: string[]) => Socket;

let hasWarned = false;

/**
 * The package `ws`, for Node before 22, which has no WebSocket. Without it only polling is left, and the developer is told once.
 */
export async function socketsOfPackage(warn: (text: string) => void): Promise<SocketFactory | undefined> {
  const WebSocket = await classOfPackage();
  if (WebSocket) return (url, protocols) => new WebSocket(url, protocols);
  if (!hasWarned)
    warn(
      '@hale/client: there is no WebSocket: changes arrive once a minute. Before Node 22, `npm install ws`',
    );
  hasWarned = true;
  return undefined;
}

async function classOfPackage(): Promise<SocketClass | undefined> {
  const { process } = globalThis as unknown as { process?: { versions?: { node?: string } } };
  if (process?.versions?.node === undefined) return undefined;
  // Not a literal, so that bundlers for browsers do not look for the package.
  const name = 'ws';
  const loading = import(/* @vite-ignore */ /* webpackIgnore: true */ name) as Promise<Package>;
  const found = await loading.catch(() => undefined);
  return found?.WebSocket;
}

interface Package {
  readonly WebSocket: SocketClass;
}
