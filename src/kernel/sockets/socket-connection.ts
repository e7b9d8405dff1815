import type { RawData, WebSocket } from 'ws';
import type { Identity } from '../access/credentials.js';
import type { Ended } from '../access/open-sessions.js';
import type { Actor } from '../http/actor.js';
import { Problem } from '../http/problem.js';
import { closeCodes, type CloseCode, type SocketMessage } from './socket-messages.js';
import type { SocketPolicy } from './socket-policy.js';

/** One connection from its handshake to its end: who has signed in and until when, and what is sent. */
export class SocketConnection {
  /** Answers the messages of a client that has signed in. */
  handler: ((message: SocketMessage) => Promise<void>) | undefined;
  private identity: Identity | undefined;
  /** The claims of the token whose session is being checked. */
  private presented: Identity | undefined;
  /** Whether the client must still be told that its token expires. */
  private owesNotice = false;
  private readonly openedAt = performance.now();
  private pingedAt = this.openedAt;
  private awaitsPong = false;
  private frames = 0;
  private windowEndsAt = -Infinity;
  private waiting = 0;
  private mistakes = 0;
  private readonly closeListeners = new Set<() => void>();
  /** The answer to the last message: messages are answered one after the other. */
  private turn: Promise<void> = Promise.resolve();

  constructor(
    private readonly socket: WebSocket,
    /** The network of the client's address, as limits count it. */
    readonly address: string,
    private readonly policy: SocketPolicy,
    /** Logs an error. The service continues. */
    private readonly report: (error: unknown) => void,
  ) {
    socket.on('pong', () => {
      this.awaitsPong = false;
      this.count();
    });
    socket.on('ping', () => this.count());
    // `ws` closes the connection after an error of the client. Nothing else has to be done.
    socket.on('error', () => undefined);
    socket.once('close', () => {
      for (const listener of this.closeListeners) this.notify(listener);
    });
  }

  /** The person who has signed in. A gateway gets no socket before the sign-in. */
  get actor(): Actor {
    if (!this.identity) throw new Error('A socket that has not signed in was asked for its actor');
    return this.identity.actor;
  }

  get isSignedIn(): boolean {
    return this.identity !== undefined;
  }

  get isOpen(): boolean {
    return this.socket.readyState === this.socket.OPEN;
  }

  /** Sends a message. The socket of a client that does not read is closed, so that its messages do not fill the memory. */
  send(message: SocketMessage): void {
    if (!this.isOpen) return;
    if (this.socket.bufferedAmount > this.policy.backlogBytes) this.close(closeCodes.tryLater);
    else this.socket.send(JSON.stringify(message));
  }

  close(code: CloseCode): void {
    if (this.isOpen) this.socket.close(code);
  }

  /**
   * Calls `listener` when the socket is closed, or at once if it is closed already.
   * @returns a function that stops listening
   */
  onClose(listener: () => void): () => void {
    if (this.socket.readyState === this.socket.CLOSED) this.notify(listener);
    else this.closeListeners.add(listener);
    return () => void this.closeListeners.delete(listener);
  }

  /** Sends an error. After a few errors the socket is closed. */
  refuse(code: string): void {
    this.send({ t: 'error', code });
    this.mistakes += 1;
    if (this.mistakes >= this.policy.mistakes) this.close(closeCodes.policy);
  }

  /** Calls `answer` with each text frame, one after the other. The socket of a client that sends too many is closed. */
  onFrame(answer: (frame: Buffer) => Promise<void>): void {
    this.socket.on('message', (data: RawData, isBinary: boolean) => {
      if (!this.count()) return;
      if (this.waiting >= this.policy.waitingFrames) return this.close(closeCodes.tooMany);
      // With the default binary type, a message is one buffer.
      this.inTurn(async () => (isBinary ? this.refuse('unknown-message') : answer(data as Buffer)));
    });
  }

  /** Runs `work` after the earlier messages, if the socket is still open then. */
  inTurn(work: () => Promise<void>): void {
    this.waiting += 1;
    this.afterTurns(async () => {
      this.waiting -= 1;
      if (this.isOpen) await work();
    });
  }

  /** Runs `work` after the earlier messages, also if the socket is closed then. */
  afterTurns(work: () => void | Promise<void>): void {
    this.turn = this.turn.then(work).catch((error: unknown) => {
      this.report(error);
      this.close(closeCodes.tryLater);
    });
  }

  /** The sessions whose end closes this socket. */
  get sessionIds(): string[] {
    return [this.identity, this.presented].flatMap((one) => (one ? [one.actor.sessionId] : []));
  }

  /** Whether it is signed in, or is signing in, with a session that may have ended. */
  mayUse(ended: Ended): boolean {
    return [this.identity, this.presented].some(
      (one) =>
        one &&
        ('userId' in ended ? one.actor.userId === ended.userId : one.actor.sessionId === ended.sessionId),
    );
  }

  /** Call it before the session of a token is checked: the end of the session is noticed from then on. */
  present(identity: Identity): void {
    this.presented = identity;
  }

  /**
   * Call it after the check: the client is signed in until its token expires.
   * @throws Problem `session-revoked` when the session was ended during the check
   */
  signIn(identity: Identity): void {
    if (this.presented !== identity) throw new Problem('session-revoked');
    this.presented = undefined;
    this.identity = identity;
    this.owesNotice = false;
  }

  /** Call it after the greeting: a client whose token expires soon is told at once. */
  greeted(now: number): void {
    this.owesNotice = true;
    this.tick(now);
  }

  endSession(sessionId: string): void {
    if (this.presented?.actor.sessionId === sessionId) this.presented = undefined;
    if (this.identity?.actor.sessionId === sessionId) this.close(closeCodes.revoked);
  }

  /** Sends what is due, and closes the socket when its token has expired. @param now the time of the clock that dates tokens */
  tick(now: number): void {
    if (!this.isOpen) return;
    const moment = performance.now();
    this.tickAccess(now, moment);
    if (moment - this.pingedAt >= this.policy.pingMs) this.ping(moment);
  }

  private tickAccess(now: number, moment: number): void {
    if (!this.identity) {
      if (moment - this.openedAt >= this.policy.signInMs) this.close(closeCodes.signInAgain);
      return;
    }
    const left = this.identity.expiresAt - now;
    if (left <= 0) this.close(closeCodes.signInAgain);
    else if (left <= this.policy.expiryNoticeMs && this.owesNotice) {
      this.owesNotice = false;
      this.send({ t: 'auth_expiring', in: Math.ceil(left / 1_000) });
    }
  }

  /** Pings the client: without a ping, a connection whose other end is gone looks like a quiet one. */
  private ping(moment: number): void {
    if (this.awaitsPong) return this.cutOff();
    this.pingedAt = moment;
    this.awaitsPong = true;
    this.socket.ping();
  }

  /** Waits for one turn of the event loop: a late timer runs before frames that have arrived are read. */
  private cutOff(): void {
    setImmediate(() => {
      if (this.awaitsPong) this.socket.terminate();
    });
  }

  /**
   * Counts a frame before it is read. After the close, the frames of the client are no longer read: reading a flood costs as
   * much as answering it, and the connection stays open while its answer to the close may arrive.
   * @returns whether the frame may be read.
   */
  private count(): boolean {
    const moment = performance.now();
    if (moment >= this.windowEndsAt) {
      this.windowEndsAt = moment + this.policy.frames.windowMs;
      this.frames = 0;
    }
    this.frames += 1;
    const { most } = this.policy.frames;
    if (this.frames > most) this.close(closeCodes.tooMany);
    if (this.frames > 2 * most) this.socket.pause();
    return this.isOpen;
  }

  private notify(listener: () => void): void {
    try {
      listener();
    } catch (error) {
      this.report(error);
    }
  }
}
