interface Channel {
  postMessage(message: string): void;
  addEventListener(type: 'message', listener: () => void): void;
  close(): void;
}

interface Page {
  document?: object;
  BroadcastChannel?: new (name: string) => Channel;
}

/** Messages between tabs with the same store. */
export interface Tabs {
  /** Tells the other tabs that the store has changed. */
  tell(): void;
  close(): void;
}

/** @param heard called when another tab has changed the store. */
export function openChannel(name: string, heard: () => void): Tabs {
  const { document, BroadcastChannel } = globalThis as unknown as Page;
  // Node also has BroadcastChannel, between threads, but no tabs.
  if (!document || !BroadcastChannel) return { tell: () => undefined, close: () => undefined };
  const channel = new BroadcastChannel(`hale:${name}`);
  channel.addEventListener('message', heard);
  return { tell: () => channel.postMessage('changed'), close: () => channel.close() };
}
