import { SubscribeMessage } from '@nestjs/websockets';
import type { SocketConnection } from '../../../kernel/sockets/socket-connection.js';
import { type OnSignIn, SocketGateway } from '../../../kernel/sockets/socket-gateway.js';
import type { SocketMessage } from '../../../kernel/sockets/socket-messages.js';
import { ImportAudience } from './import-audience.js';

/** Tells a person's devices how their imports proceed. The errors of rows are read over HTTP. */
@SocketGateway({ path: '/ws/imports', protocol: 'hale.imports.v1' })
export class ImportsGateway implements OnSignIn {
  constructor(private readonly audience: ImportAudience) {}

  async handleSignIn(socket: SocketConnection): Promise<void> {
    socket.send({ t: 'hello' });
    await this.audience.join(socket);
  }

  @SubscribeMessage('ping')
  ping(): SocketMessage {
    return { t: 'pong' };
  }
}
