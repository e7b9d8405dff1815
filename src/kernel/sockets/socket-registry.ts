import { Injectable } from '@nestjs/common';
import type { SocketConnection } from './socket-connection.js';
import { SocketPolicy } from './socket-policy.js';

/** All open sockets of this instance, over all gateways: whose they are, and which have not signed in yet. */
@Injectable()
export class SocketRegistry {
  private readonly open = new Set<SocketConnection>();
  private readonly byUser = new Map<string, Set<SocketConnection>>();
  private readonly strangers = new Set<SocketConnection>();
  private readonly strangersOf = new Map<string, number>();

  constructor(private readonly policy: SocketPolicy) {}

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

  /** Whether one more socket of this address may wait for its sign-in. */
  hasRoomFor(address: string): boolean {
    const { strangers, strangersPerAddress } = this.policy;
    return this.strangers.size < strangers && (this.strangersOf.get(address) ?? 0) < strangersPerAddress;
  }

  /** Adds a socket that has not signed in yet. */
  add(socket: SocketConnection): void {
    this.open.add(socket);
    this.strangers.add(socket);
    this.strangersOf.set(socket.address, (this.strangersOf.get(socket.address) ?? 0) + 1);
    socket.onClose(() => this.remove(socket));
  }

  /** It has shown a genuine token. */
  recognise(socket: SocketConnection): void {
    if (!this.strangers.delete(socket)) return;
    const left = (this.strangersOf.get(socket.address) ?? 1) - 1;
    if (left > 0) this.strangersOf.set(socket.address, left);
    else this.strangersOf.delete(socket.address);
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

  private remove(socket: SocketConnection): void {
    this.open.delete(socket);
    this.recognise(socket);
  }
}
