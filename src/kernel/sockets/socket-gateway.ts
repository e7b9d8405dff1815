import { applyDecorators, SetMetadata, UseFilters } from '@nestjs/common';
import { WebSocketGateway } from '@nestjs/websockets';
import type { SocketConnection } from './socket-connection.js';
import { SocketErrorFilter } from './socket-error.filter.js';

export interface SocketGatewayOptions {
  /** Where clients connect, such as `/ws/matches`. */
  readonly path: string;
  /** The subprotocol that clients request, such as `hale.matches.v1`. */
  readonly protocol: string;
}

/** The metadata key of {@link SocketGatewayOptions}. */
export const SOCKET_GATEWAY = 'hale:socket-gateway';

/**
 * Declares a gateway. It gets only clients that have signed in. Its handlers are ordinary handlers of Nest:
 * `@SubscribeMessage('watch')` answers the message `{"t":"watch"}`, and its `@MessageBody()` is a contract class.
 */
export const SocketGateway = (options: SocketGatewayOptions): ClassDecorator =>
  applyDecorators(
    WebSocketGateway(options),
    SetMetadata(SOCKET_GATEWAY, options),
    UseFilters(SocketErrorFilter),
  );

/** A gateway that sends something to each client after the sign-in. */
export interface OnSignIn {
  /**
   * Runs when a client has signed in, and again each time it signs in with a fresh token. The client's messages wait until
   * it has ended. An error closes the socket.
   */
  handleSignIn(socket: SocketConnection): void | Promise<void>;
}
