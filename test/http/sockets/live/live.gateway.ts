import { ConnectedSocket, MessageBody, type OnGatewayDisconnect, SubscribeMessage } from '@nestjs/websockets';
import { type Actor, CurrentActor } from '../../../../src/kernel/http/actor.js';
import { SocketConnection } from '../../../../src/kernel/sockets/socket-connection.js';
import { type OnSignIn, SocketGateway } from '../../../../src/kernel/sockets/socket-gateway.js';
import type { SocketMessage } from '../../../../src/kernel/sockets/socket-messages.js';
import { ScoreDto, WatchDto } from './live.dto.js';
import { MatchRooms } from './match-rooms.js';

/** What happens in a match, told to all who watch it. */
@SocketGateway({ path: '/ws/matches', protocol: 'hale.matches.v1' })
export class LiveGateway implements OnSignIn, OnGatewayDisconnect<SocketConnection> {
  constructor(private readonly rooms: MatchRooms) {}

  handleSignIn(socket: SocketConnection): void {
    socket.send({ t: 'hello' });
  }

  handleDisconnect(socket: SocketConnection): void {
    this.rooms.leaveAll(socket);
  }

  @SubscribeMessage('watch')
  watch(@MessageBody() { matchId }: WatchDto, @ConnectedSocket() socket: SocketConnection): SocketMessage {
    this.rooms.join(matchId, socket);
    return { t: 'watching', match_id: matchId };
  }

  @SubscribeMessage('score')
  score(@MessageBody() { matchId, homeScore }: ScoreDto, @CurrentActor() { userId }: Actor): void {
    this.rooms.tell(matchId, { t: 'score', match_id: matchId, home_score: homeScore, by: userId });
  }
}
