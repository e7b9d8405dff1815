import { SubscribeMessage } from '@nestjs/websockets';
import type { SocketConnection } from '../../../kernel/sockets/socket-connection.js';
import { type OnSignIn, SocketGateway } from '../../../kernel/sockets/socket-gateway.js';
import type { SocketMessage } from '../../../kernel/sockets/socket-messages.js';
import { person } from '../../../records/define/person/person.owner.js';
import { ChangeSequence } from '../../../records/write/change-sequence.js';
import { PokeAudience } from './poke-audience.js';

/** Tells a person's devices that there is something to pull; the changes themselves are pulled over HTTP. */
@SocketGateway({ path: '/ws/sync', protocol: 'hale.sync.v1' })
export class PokesGateway implements OnSignIn {
  constructor(
    private readonly audience: PokeAudience,
    private readonly sequence: ChangeSequence,
  ) {}

  async handleSignIn(socket: SocketConnection): Promise<void> {
    // Before the head is read: a change that is announced meanwhile must not be lost.
    this.audience.join(socket);
    const { seq, epoch } = await this.sequence.head(person(socket.actor.userId));
    this.audience.greet(socket, epoch, seq);
  }

  @SubscribeMessage('ping')
  ping(): SocketMessage {
    return { t: 'pong' };
  }
}
