import { Injectable } from '@nestjs/common';
import { Clock } from '../../platform/clock.js';
import { describeError, Logger } from '../../platform/logger.js';
import { AccountRules } from '../access/account-rules.js';
import { Authenticator } from '../access/authenticator.js';
import type { Actor } from '../http/actor.js';
import { Problem } from '../http/problem.js';
import { Counters } from '../throttle/counters.js';
import type { SocketConnection } from './socket-connection.js';
import { type CloseCode, closeCodes } from './socket-messages.js';
import { SocketPolicy } from './socket-policy.js';
import { SocketRegistry } from './socket-registry.js';

const MINUTE_MS = 60_000;

/** Sends the greeting to a client that has signed in. */
type Welcome = (isFirst: boolean) => Promise<void>;

/** Signs in the client of a socket by the same strategies and rules as a request, and again when it sends a fresh token. */
@Injectable()
export class SocketSignIn {
  constructor(
    private readonly authenticator: Authenticator,
    private readonly accounts: AccountRules,
    private readonly registry: SocketRegistry,
    private readonly counters: Counters,
    private readonly policy: SocketPolicy,
    private readonly clock: Clock,
    private readonly logger: Logger,
  ) {}

  async signIn(socket: SocketConnection, token: string, welcome: Welcome): Promise<void> {
    const isFirst = !socket.isSignedIn;
    try {
      const identity = await this.authenticator.readToken(token);
      this.registry.recognise(socket);
      // The session is watched before it is checked, so that its end in between is noticed.
      socket.present(identity);
      await this.authenticator.authenticateToken(token);
      // Counted after the check: the token of an ended session must not use up its owner's limit.
      if (!(await this.admit(socket, identity.actor, isFirst))) return;
      await this.accounts.requireVerified(identity.actor);
      socket.signIn(identity);
      if (!socket.isOpen) return;
      if (isFirst) this.noteOpening(socket);
      await welcome(isFirst);
      socket.greeted(this.clock.now());
    } catch (error) {
      this.turnAway(socket, error, isFirst);
    }
  }

  /** Whether the client may continue. If not, its socket was closed. */
  private async admit(socket: SocketConnection, { userId }: Actor, isFirst: boolean): Promise<boolean> {
    if (!isFirst) {
      if (socket.actor.userId !== userId) socket.close(closeCodes.policy);
      return socket.isOpen;
    }
    const { hits } = await this.counters.hit(`sockets:user:${userId}`, MINUTE_MS);
    if (!socket.isOpen) return false;
    if (hits > this.policy.connectsPerMinute || !this.registry.join(userId, socket))
      socket.close(closeCodes.tooMany);
    return socket.isOpen;
  }

  /** A refused token changes nothing for a client that has signed in before, unless its session was ended. */
  private turnAway(socket: SocketConnection, error: unknown, isFirst: boolean): void {
    if (!socket.isOpen) return;
    if (!(error instanceof Problem)) {
      this.logger.warn({ component: 'sockets', ...describeError(error) }, 'sign-in failed');
      return socket.close(closeCodes.tryLater);
    }
    if (!isFirst && error.code !== 'session-revoked') return socket.refuse(error.code);
    socket.send({ t: 'error', code: error.code });
    socket.close(closeCodeOf(error));
  }

  private noteOpening(socket: SocketConnection): void {
    const { userId, sessionId } = socket.actor;
    const note = (event: string): void =>
      this.logger.debug({ event, user_id: userId, session_id: sessionId }, 'socket');
    note('socket_open');
    socket.onClose(() => note('socket_close'));
  }
}

function closeCodeOf({ code, status }: Problem): CloseCode {
  if (code === 'session-revoked') return closeCodes.revoked;
  if (status >= 500) return closeCodes.tryLater;
  return status === 401 ? closeCodes.signInAgain : closeCodes.policy;
}
