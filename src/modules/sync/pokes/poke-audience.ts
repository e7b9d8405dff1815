import { Injectable } from '@nestjs/common';
import type { SocketConnection } from '../../../kernel/sockets/socket-connection.js';
import type { Announcement } from '../../../records/write/announcements.js';
import { PokesPolicy } from './pokes-policy.js';

/** The sockets of one person, and what they have been told. */
class Listener {
  /** The newest change that each was told of; undefined before its greeting. */
  readonly told = new Map<SocketConnection, number | undefined>();
  /** The newest change that anybody has told of. */
  head = -1;
  private kinds = new Set<string>();
  /** Whether a change came without its kinds. */
  private isVague = false;
  private pause: NodeJS.Timeout | undefined;

  constructor(private readonly coalesceMs: number) {}

  /** Passes a change on: at once, or together with all that come before the pause is over. */
  hear(head: number, kinds: readonly string[]): void {
    if (head <= this.head) return;
    this.head = head;
    for (const kind of kinds) this.kinds.add(kind);
    if (kinds.length === 0) this.isVague = true;
    if (!this.pause) this.poke();
  }

  /** The head that was read for a greeting may be older than what was heard since, or new to the other sockets. */
  greet(socket: SocketConnection, epoch: string, read: number): void {
    // Closed meanwhile.
    if (!this.told.has(socket)) return;
    const head = Math.max(this.head, read);
    this.told.set(socket, head);
    socket.send({ t: 'hello', epoch, head: String(head) });
    if (this.told.size > 1) this.hear(read, []);
    else this.head = head;
  }

  end(): void {
    clearTimeout(this.pause);
  }

  private poke(): void {
    const { head } = this;
    const kinds = this.isVague ? [] : [...this.kinds];
    this.kinds = new Set();
    this.isVague = false;
    for (const [socket, told] of this.told)
      if (told !== undefined && head > told) {
        this.told.set(socket, head);
        socket.send({ t: 'poke', head: String(head), kinds });
      }
    this.pause = setTimeout(() => {
      this.pause = undefined;
      if (this.head > head) this.poke();
    }, this.coalesceMs);
  }
}

/** Who is connected here and has to be told of changes. */
@Injectable()
export class PokeAudience {
  private readonly listeners = new Map<string, Listener>();

  constructor(private readonly policy: PokesPolicy) {}

  get userIds(): string[] {
    return [...this.listeners.keys()];
  }

  /** Adds a socket, unless it is here already. */
  join(socket: SocketConnection): void {
    const { userId } = socket.actor;
    const listener = this.listeners.get(userId) ?? new Listener(this.policy.coalesceMs);
    if (listener.told.has(socket)) return;
    listener.told.set(socket, undefined);
    this.listeners.set(userId, listener);
    socket.onClose(() => this.leave(userId, socket));
  }

  greet(socket: SocketConnection, epoch: string, head: number): void {
    this.listeners.get(socket.actor.userId)?.greet(socket, epoch, head);
  }

  hear({ owner, head, kinds }: Announcement): void {
    this.listeners.get(owner.id)?.hear(head, kinds);
  }

  private leave(userId: string, socket: SocketConnection): void {
    const listener = this.listeners.get(userId);
    if (!listener?.told.delete(socket) || listener.told.size > 0) return;
    listener.end();
    this.listeners.delete(userId);
  }
}
