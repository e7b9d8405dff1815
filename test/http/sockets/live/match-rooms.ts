import { Injectable } from '@nestjs/common';
import type { SocketConnection } from '../../../../src/kernel/sockets/socket-connection.js';
import type { SocketMessage } from '../../../../src/kernel/sockets/socket-messages.js';

/** Who watches which match, on this instance. */
@Injectable()
export class MatchRooms {
  private readonly rooms = new Map<string, Set<SocketConnection>>();

  join(matchId: string, socket: SocketConnection): void {
    const room = this.rooms.get(matchId) ?? new Set();
    this.rooms.set(matchId, room.add(socket));
  }

  leaveAll(socket: SocketConnection): void {
    for (const [matchId, room] of this.rooms)
      if (room.delete(socket) && room.size === 0) this.rooms.delete(matchId);
  }

  tell(matchId: string, message: SocketMessage): void {
    for (const socket of this.rooms.get(matchId) ?? []) socket.send(message);
  }

  get size(): number {
    return this.rooms.size;
  }
}
