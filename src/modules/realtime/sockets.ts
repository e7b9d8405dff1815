import { Injectable } from '@nestjs/common';
import { RealtimePolicy } from './realtime-policy.js';
import type { SyncSocket } from './sync-socket.js';

/** All open connections of this instance, and how many of them are nobody's yet. */
@Injectable()
export class Sockets {
  private readonly open = new Set<SyncSocket>();
  private readonly strangers = new Set<SyncSocket>();
  private readonly strangersOf = new Map<string, number>();

  constructor(private readonly policy: RealtimePolicy) {}

  get size(): number {
    return this.open.size;
  }

  [Symbol.iterator](): Iterator<SyncSocket> {
    return this.open.values();
  }

  get isFull(): boolean {
    return this.open.size >= this.policy.sockets;
  }

  /** Whether one more stranger of this address may come in. */
  hasRoomFor(address: string): boolean {
    const { strangers, strangersPerAddress } = this.policy;
    return this.strangers.size < strangers && (this.strangersOf.get(address) ?? 0) < strangersPerAddress;
  }

  add(socket: SyncSocket): void {
    this.open.add(socket);
    socket.onClose(() => this.remove(socket));
  }

  /** Counts it among those who have not said who they are. */
  addStranger(socket: SyncSocket): void {
    this.add(socket);
    this.strangers.add(socket);
    this.strangersOf.set(socket.address, (this.strangersOf.get(socket.address) ?? 0) + 1);
  }

  /** It has said who it is. */
  recognise(socket: SyncSocket): void {
    if (!this.strangers.delete(socket)) return;
    const left = (this.strangersOf.get(socket.address) ?? 1) - 1;
    if (left > 0) this.strangersOf.set(socket.address, left);
    else this.strangersOf.delete(socket.address);
  }

  private remove(socket: SyncSocket): void {
    this.open.delete(socket);
    this.recognise(socket);
  }
}
