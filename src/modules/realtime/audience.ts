import { Injectable } from '@nestjs/common';
import type { Announcement } from '../../kernel/records/announcements.js';
import { RealtimePolicy } from './realtime-policy.js';
import type { SyncSocket } from './sync-socket.js';

type News = Omit<Announcement, 'userId'>;

/** Somebody with open connections. */
class Listener {
  readonly sockets = new Set<SyncSocket>();
  /** The newest change anybody has told of. */
  head = -1n;
  private kinds = new Set<string>();
  private isVague = false;
  private pause: NodeJS.Timeout | undefined;

  /** Passes it on: at once, or with all that comes before the pause is over. */
  hear({ head, kinds }: News, coalesceMs: number): void {
    if (head <= this.head) return;
    this.head = head;
    for (const kind of kinds) this.kinds.add(kind);
    if (kinds.length === 0) this.isVague = true;
    if (!this.pause) this.poke(coalesceMs);
  }

  /** What a newcomer has read: news to those who are there, if there are any. */
  learn(head: bigint, coalesceMs: number): void {
    if (this.sockets.size > 1) this.hear({ head, kinds: [] }, coalesceMs);
    else if (head > this.head) this.head = head;
  }

  end(): void {
    clearTimeout(this.pause);
  }

  private poke(coalesceMs: number): void {
    const kinds = this.isVague ? [] : [...this.kinds];
    const told = this.head;
    this.kinds = new Set();
    this.isVague = false;
    for (const socket of this.sockets) socket.poke(told, kinds);
    this.pause = setTimeout(() => {
      this.pause = undefined;
      if (this.head > told) this.poke(coalesceMs);
    }, coalesceMs);
  }
}

/** Who is connected here, and has to be told of changes. */
@Injectable()
export class Audience {
  private readonly listeners = new Map<string, Listener>();

  constructor(private readonly policy: RealtimePolicy) {}

  get userIds(): string[] {
    return [...this.listeners.keys()];
  }

  /** The connections of one person. */
  of(userId: string): ReadonlySet<SyncSocket> {
    return this.listeners.get(userId)?.sockets ?? new Set();
  }

  /** @returns whether there was room; those who are there stay. */
  join(userId: string, socket: SyncSocket): boolean {
    const listener = this.listeners.get(userId) ?? new Listener();
    if (listener.sockets.size >= this.policy.socketsPerUser) return false;
    this.listeners.set(userId, listener);
    listener.sockets.add(socket);
    socket.onClose(() => this.leave(userId, socket));
    return true;
  }

  hear(announcement: Announcement): void {
    this.listeners.get(announcement.userId)?.hear(announcement, this.policy.coalesceMs);
  }

  /** Greets one who has joined. Its head may be older than what was heard since, or be news to the others. */
  greet(userId: string, socket: SyncSocket, epoch: string, head: bigint): void {
    const listener = this.listeners.get(userId);
    const heard = listener?.head ?? head;
    socket.greet(epoch, heard > head ? heard : head);
    listener?.learn(head, this.policy.coalesceMs);
  }

  private leave(userId: string, socket: SyncSocket): void {
    const listener = this.listeners.get(userId);
    if (!listener?.sockets.delete(socket) || listener.sockets.size > 0) return;
    listener.end();
    this.listeners.delete(userId);
  }
}
