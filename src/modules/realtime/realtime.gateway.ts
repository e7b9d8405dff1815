import type { IncomingMessage } from 'node:http';
import { type OnGatewayConnection, WebSocketGateway } from '@nestjs/websockets';
import type { WebSocket } from 'ws';
import { Conversation } from './conversation.js';
import { Handshake } from './handshake.js';
import { RealtimePolicy } from './realtime-policy.js';
import { offeredToken, PATH } from './realtime.wire.js';
import { SyncSocket } from './sync-socket.js';

/** Tells a person's devices that there is something to pull; what it is they ask over HTTP. */
@WebSocketGateway({ path: PATH })
export class RealtimeGateway implements OnGatewayConnection<WebSocket> {
  constructor(
    private readonly handshake: Handshake,
    private readonly conversation: Conversation,
    private readonly policy: RealtimePolicy,
  ) {}

  handleConnection(socket: WebSocket, request: IncomingMessage): void {
    const connection = new SyncSocket(socket, this.handshake.addressOf(request), this.policy);
    this.conversation.begin(connection, offeredToken(request.headers['sec-websocket-protocol']));
  }
}
