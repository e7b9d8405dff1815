import { Injectable } from '@nestjs/common';
import type { ErrorCode } from '../../kernel/http/errors.js';
import { Problem } from '../../kernel/http/problem.js';
import { describeError, Logger } from '../../platform/logger.js';
import { AccessTokens, type Grant } from '../sessions/public.js';
import { Admission } from './admission.js';
import { type CloseCode, closeCodes, readMessage } from './realtime.wire.js';
import { Sockets } from './sockets.js';
import type { SyncSocket } from './sync-socket.js';

/** What a client must not simply come back after. */
const refusals: Partial<Record<ErrorCode, CloseCode>> = {
  'session-revoked': closeCodes.revoked,
  'email-unverified': closeCodes.policy,
};

/** What is said on a connection by its client: who it is, again before that expires, and nothing else. */
@Injectable()
export class Conversation {
  constructor(
    private readonly tokens: AccessTokens,
    private readonly admission: Admission,
    private readonly sockets: Sockets,
    private readonly logger: Logger,
  ) {}

  /** @param token from the handshake, if one came with it */
  begin(socket: SyncSocket, token: string | undefined): void {
    const grant = token === undefined ? undefined : this.tryRead(token);
    if (grant instanceof Problem || !grant) this.sockets.addStranger(socket);
    else this.sockets.add(socket);
    socket.onFrame((frame) => this.answer(socket, frame));
    if (grant) socket.inTurn(() => this.authenticate(socket, grant));
  }

  private async answer(socket: SyncSocket, frame: Buffer): Promise<void> {
    const message = readMessage(frame);
    if (message?.t === 'auth') await this.authenticate(socket, this.tryRead(message.token));
    else if (!socket.actor) socket.refuse('unauthenticated');
    else if (message?.t === 'ping') socket.send({ t: 'pong' });
    else socket.refuse('unknown-message');
  }

  private tryRead(token: string): Grant | Problem {
    try {
      return this.tokens.read(token);
    } catch (error) {
      return error instanceof Problem ? error : new Problem('unauthenticated');
    }
  }

  private async authenticate(socket: SyncSocket, grant: Grant | Problem): Promise<void> {
    try {
      if (grant instanceof Problem) throw grant;
      this.sockets.recognise(socket);
      if (!socket.actor) await this.admission.admit(socket, grant);
      else if (socket.actor.userId === grant.actor.userId) await this.admission.renew(socket, grant);
      else socket.close(closeCodes.policy);
    } catch (error) {
      this.turnAway(socket, error);
    }
  }

  private turnAway(socket: SyncSocket, error: unknown): void {
    if (!socket.isOpen) return;
    if (!(error instanceof Problem)) {
      this.logger.warn({ component: 'realtime', ...describeError(error) }, 'sign-in failed');
      return socket.close(closeCodes.tryLater);
    }
    if (error.code !== 'session-revoked' && socket.actor) return socket.refuse(error.code);
    socket.send({ t: 'error', code: error.code });
    socket.close(refusals[error.code] ?? closeCodes.signInAgain);
  }
}
