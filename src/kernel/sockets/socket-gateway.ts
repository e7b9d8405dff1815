import { applyDecorators, SetMetadata, UseFilters } from '@nestjs/common';
import { WebSocketGateway } from '@nestjs/websockets';
import type { SocketConnection } from './socket-connection.js';
import { SocketErrorFilter } from './socket-error.filter.js';

export interface SocketGatewayOptions {
  /** Where clients connect, such as `/ws/matches`. */
  readonly path: string;
  /** The subprotocol they ask for, such as `hale.matches.v1`. */
  readonly protocol: string;
}

/** The metadata key of {@link SocketGatewayOptions}. */
export const SOCKET_GATEWAY = 'hale:socket-gateway';

/**
 * A gateway whose clients are signed in before it hears of them. Its handlers are ordinary ones of Nest:
 * `@SubscribeMessage('watch')` answers `{"t":"watch"}`, with a contract class as its `@MessageBody()`.
 */
export const SocketGateway = (options: SocketGatewayOptions): ClassDecorator =>
  applyDecorators(
    WebSocketGateway(options),
    SetMetadata(SOCKET_GATEWAY, options),
    UseFilters(SocketErrorFilter),
  );

/** A gateway that greets its clients. */
export interface OnSignIn {
  /**
   * Called when a client has signed in, and again each time it does so with a fresh token. Its messages wait until this
   * has ended; a failure closes the socket.
   */
  handleSignIn(socket: SocketConnection): void | Promise<void>;
}
