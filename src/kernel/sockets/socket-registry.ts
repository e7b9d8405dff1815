import { Injectable } from '@nestjs/common';
import { NetworkCounts } from '../throttle/network-counts.js';
import type { SocketConnection } from './socket-connection.js';
import { SocketPolicy } from './socket-policy.js';

/** However large its network, nobody takes more of the sockets than this part. */
const OF_ONE_NETWORK = 0.8;

/** All open sockets of this instance, over all gateways: whose they are, where from, and which have not signed in yet. */
@Injectable()
export class SocketRegistry {
  private readonly open = new Set<SocketConnection>();
  private readonly byUser = new Map<string, Set<SocketConnection>>();
  /** The sockets that have not signed in, and how to stop counting each of them. */
  private readonly strangers = new Map<SocketConnection, () => void>();
  private readonly ofNetworks: NetworkCounts;
  private readonly strangersOfNetworks: NetworkCounts;

  constructor(private readonly policy: SocketPolicy) {
    const { sockets, socketsPerAddress, strangers, strangersPerAddress } = policy;
    this.ofNetworks = new NetworkCounts(socketsPerAddress, Math.ceil(sockets * OF_ONE_NETWORK));
    this.strangersOfNetworks = new NetworkCounts(strangersPerAddress, Math.ceil(strangers * OF_ONE_NETWORK));
  }

  get size(): number {
    return this.open.size;
  }

  [Symbol.iterator](): Iterator<SocketConnection> {
    return this.open.values();
  }

  /** The sockets of one person. */
  of(userId: string): ReadonlySet<SocketConnection> {
    return this.byUser.get(userId) ?? new Set();
  }

  get isFull(): boolean {
    return this.open.size >= this.policy.sockets;
  }

  /** Whether the network of this address may have one more socket, signed in or not. */
  hasRoomFor(address: string): boolean {
    return this.ofNetworks.hasRoomFor(address);
  }

  /** Whether one more socket of this address may wait for its sign-in. */
  hasRoomForStranger(address: string): boolean {
    return this.strangers.size < this.policy.strangers && this.strangersOfNetworks.hasRoomFor(address);
  }

  /** Adds a socket that has not signed in yet. */
  add(socket: SocketConnection): void {
    const leave = this.ofNetworks.add(socket.address);
    this.open.add(socket);
    this.strangers.set(socket, this.strangersOfNetworks.add(socket.address));
    socket.onClose(() => {
      this.open.delete(socket);
      this.recognise(socket);
      leave();
    });
  }

  /** It has shown a genuine token. */
  recognise(socket: SocketConnection): void {
    this.strangers.get(socket)?.();
    this.strangers.delete(socket);
  }

  /** @returns whether there was room for one more of this person; the others stay. */
  join(userId: string, socket: SocketConnection): boolean {
    const sockets = this.byUser.get(userId) ?? new Set();
    if (sockets.size >= this.policy.socketsPerUser) return false;
    this.byUser.set(userId, sockets.add(socket));
    socket.onClose(() => {
      sockets.delete(socket);
      if (sockets.size === 0) this.byUser.delete(userId);
    });
    return true;
  }
}
