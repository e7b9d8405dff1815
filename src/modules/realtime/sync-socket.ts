import type { RawData, WebSocket } from 'ws';
import type { Actor } from '../../kernel/http/actor.js';
import type { Grant } from '../sessions/public.js';
import type { RealtimePolicy } from './realtime-policy.js';
import { closeCodes, type CloseCode, type ServerMessage } from './realtime.wire.js';

/** One connection, from the handshake to its end: who it is, how long that holds, and what goes over the wire. */
export class SyncSocket {
  private grant: Grant | undefined;
  private hasNoticed = false;
  private readonly openedAt = performance.now();
  private pingedAt = this.openedAt;
  private awaitsPong = false;
  private frames = 0;
  private windowEndsAt = -Infinity;
  private mistakes = 0;
  private told: bigint | undefined;
  /** Messages are answered one after the other. */
  private turn: Promise<void> = Promise.resolve();

  constructor(
    private readonly socket: WebSocket,
    /** The bucket of its address. */
    readonly address: string,
    private readonly policy: RealtimePolicy,
  ) {
    socket.on('pong', () => {
      this.awaitsPong = false;
      this.count();
    });
    socket.on('ping', () => this.count());
    // What a client does wrong closes its connection; there is nothing else to do about it.
    socket.on('error', () => undefined);
  }

  get actor(): Actor | undefined {
    return this.grant?.actor;
  }

  get isOpen(): boolean {
    return this.socket.readyState === this.socket.OPEN;
  }

  /** Calls `answer` with each text frame, in turn; a client that sends too many is not listened to any more. */
  onFrame(answer: (frame: Buffer) => Promise<void>): void {
    this.socket.on('message', (data: RawData, isBinary: boolean) => {
      if (!this.count()) return;
      // With the default binary type a message is one buffer.
      this.inTurn(async () => (isBinary ? this.refuse('unknown-message') : answer(data as Buffer)));
    });
  }

  /** Runs `work` after what came before it, if the connection is still open then. It must not fail. */
  inTurn(work: () => Promise<void>): void {
    this.turn = this.turn.then(() => (this.isOpen ? work() : undefined));
  }

  onClose(listener: () => void): void {
    this.socket.once('close', listener);
  }

  /** From now on it is somebody, until the token expires. */
  signIn(grant: Grant): void {
    this.grant = grant;
    this.hasNoticed = false;
  }

  send(message: ServerMessage): void {
    if (!this.isOpen) return;
    if (this.socket.bufferedAmount > this.policy.backlogBytes) this.close(closeCodes.tryLater);
    else this.socket.send(JSON.stringify(message));
  }

  /** The first word to a client that is signed in. */
  greet(epoch: string, head: bigint): void {
    this.told = head;
    this.send({ t: 'hello', epoch, head: String(head) });
  }

  /** Says that there is something new, unless it was said; before the greeting there is nobody to say it to. */
  poke(head: bigint, kinds: readonly string[]): void {
    if (this.told === undefined || head <= this.told) return;
    this.told = head;
    this.send({ t: 'poke', head: String(head), kinds });
  }

  /** Says what was wrong; after some of these the client is not worth listening to. */
  refuse(code: string): void {
    this.send({ t: 'error', code });
    this.mistakes += 1;
    if (this.mistakes >= this.policy.mistakes) this.close(closeCodes.policy);
  }

  close(code: CloseCode): void {
    if (this.isOpen) this.socket.close(code);
  }

  /** What falls due with time; `now` is the clock tokens are dated by. */
  tick(now: number): void {
    if (!this.isOpen) return;
    const moment = performance.now();
    this.tickAccess(now, moment);
    if (moment - this.pingedAt >= this.policy.pingMs) this.ping(moment);
  }

  private tickAccess(now: number, moment: number): void {
    if (!this.grant) {
      if (moment - this.openedAt >= this.policy.signInMs) this.close(closeCodes.signInAgain);
      return;
    }
    const left = this.grant.expiresAt - now;
    if (left <= 0) this.close(closeCodes.signInAgain);
    else if (left <= this.policy.expiryNoticeMs && !this.hasNoticed) {
      this.hasNoticed = true;
      this.send({ t: 'auth_expiring', in: Math.ceil(left / 1_000) });
    }
  }

  /** A connection whose other end is gone looks like a quiet one until it is asked. */
  private ping(moment: number): void {
    if (this.awaitsPong) return this.cutOff();
    this.pingedAt = moment;
    this.awaitsPong = true;
    this.socket.ping();
  }

  /** Not at once: a beat that is late comes before what has arrived meanwhile is read. */
  private cutOff(): void {
    setImmediate(() => {
      if (this.awaitsPong) this.socket.terminate();
    });
  }

  /** Before a frame is looked at. @returns whether it may be. */
  private count(): boolean {
    const moment = performance.now();
    if (moment >= this.windowEndsAt) {
      this.windowEndsAt = moment + this.policy.frames.windowMs;
      this.frames = 0;
    }
    this.frames += 1;
    if (this.frames > this.policy.frames.most) this.close(closeCodes.tooMany);
    return this.isOpen;
  }
}
