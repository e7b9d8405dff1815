import { Injectable } from '@nestjs/common';

const SECOND = 1_000;

/** How much a connection may ask, and how often this side looks around. A test that is in a hurry provides its own. */
@Injectable()
export class RealtimePolicy {
  /** Of everybody on one instance: fewer than its HTTP server takes connections, or nobody could pull. */
  readonly sockets: number = 4_000;
  /** Of one person on one instance; those who are there stay, and one more is refused. */
  readonly socketsPerUser: number = 10;
  /** Sign-ins of one person over all instances: a client that reconnects in a loop is left outside for a while. */
  readonly connectsPerMinute: number = 120;
  /** Sockets of nobody yet: of all addresses, and of one. */
  readonly strangers: number = 2_000;
  readonly strangersPerAddress: number = 20;
  /** A stranger has this long to say who it is. */
  readonly signInMs: number = 10 * SECOND;
  /** Frames a client may send within the window, pings included. */
  readonly frames: { readonly most: number; readonly windowMs: number } = {
    most: 20,
    windowMs: 10 * SECOND,
  };
  /** Messages that make no sense; then the socket is closed. */
  readonly mistakes: number = 3;
  /** Bytes that may wait for a reader who does not read. */
  readonly backlogBytes: number = 64 * 1024;
  readonly pingMs: number = 25 * SECOND;
  /** How long before its end an access token is said to expire. */
  readonly expiryNoticeMs: number = 60 * SECOND;
  /** After a poke the next one to the same person waits this long, and says it all. */
  readonly coalesceMs: number = 100;
  /** Heads are compared this often: a poke can be lost, and without Redis other instances are not heard. */
  readonly pollMs: { readonly alone: number; readonly withRedis: number } = {
    alone: SECOND,
    withRedis: 15 * SECOND,
  };
  /** Sessions may have been ended by another instance: the promise is five seconds. */
  readonly sessionCheckMs: number = 3 * SECOND;
  /** The beat all of these are measured by. */
  readonly tickMs: number = SECOND;
}
