import { Injectable } from '@nestjs/common';
import type { Config } from '../../config/config.js';

const SECOND = 1_000;

/** The limits and intervals of all sockets. Tests use shorter ones. */
@Injectable()
export class SocketPolicy {
  /** The policy as the operator configured it. */
  static of({ env }: Config): SocketPolicy {
    return Object.assign(new SocketPolicy(), {
      socketsPerUser: env.QUOTA_SOCKETS,
      socketsPerAddress: env.QUOTA_SOCKETS_PER_ADDRESS,
    });
  }

  /** On one instance: fewer than its HTTP server takes connections, so that there is room for requests. */
  readonly sockets: number = 4_000;
  /** Of one person on one instance, over all gateways. Open ones stay, and one more is refused. */
  readonly socketsPerUser: number = 10;
  /**
   * Of one IPv4 address or IPv6 /64, signed in or not, on one instance. Many people may share one, so it is far above what a
   * person may have.
   */
  readonly socketsPerAddress: number = 500;
  /** Sign-ins of one person over all instances: a client that reconnects in a loop has to wait for a while. */
  readonly connectsPerMinute: number = 120;
  /** Sockets that have not signed in yet: of all addresses, and of one. */
  readonly strangers: number = 2_000;
  readonly strangersPerAddress: number = 20;
  /** A socket has this long to sign in. */
  readonly signInMs: number = 10 * SECOND;
  /** Frames a client may send within the window, pings included. */
  readonly frames: { readonly most: number; readonly windowMs: number } = {
    most: 20,
    windowMs: 10 * SECOND,
  };
  /** Frames that may wait while an earlier one is being answered. */
  readonly waitingFrames: number = 40;
  /** Invalid messages; then the socket is closed. */
  readonly mistakes: number = 3;
  /** Bytes that may wait for a client that does not read. */
  readonly backlogBytes: number = 64 * 1024;
  readonly pingMs: number = 25 * SECOND;
  /** How long before its end an access token is said to expire. */
  readonly expiryNoticeMs: number = 60 * SECOND;
  /** Another instance may have ended a session; it must be noticed within five seconds. */
  readonly sessionCheckMs: number = 3 * SECOND;
  /** How often the times above are looked at. */
  readonly tickMs: number = SECOND;
}
