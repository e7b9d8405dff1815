interface Channel {
  postMessage(message: string): void;
  addEventListener(type: 'message', listener: () => void): void;
  close(): void;
}

interface Page {
  document?: object;
  BroadcastChannel?: new (name: string) => Channel;
}

/** The other tabs on the same store. */
export interface Tabs {
  /** Something in the store is different now. */
  tell(): void;
  close(): void;
}

/** @param heard when another tab tells. */
export function openChannel(name: string, heard: () => void): Tabs {
  const { document, BroadcastChannel } = globalThis as unknown as Page;
  // Node has one too, between threads, and no tabs.
  if (!document || !BroadcastChannel) return { tell: () => undefined, close: () => undefined };
  const channel = new BroadcastChannel(`hale:${name}`);
  channel.addEventListener('message', heard);
  return { tell: () => channel.postMessage('changed'), close: () => channel.close() };
}
