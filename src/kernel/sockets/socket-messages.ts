import { parseJson } from '../http/json.js';

const BEARER = 'bearer.';

/** The message by which a client signs in. The service itself reads it, for every gateway. */
export const AUTH = 'auth';

/** Close codes. Those from 4000 on are defined by this service. */
export const closeCodes = {
  goingAway: 1001,
  policy: 1008,
  tryLater: 1013,
  /** The client is not signed in, or its token has expired: it refreshes the token and connects again. */
  signInAgain: 4401,
  /** The session was ended: the person has to sign in again. */
  revoked: 4403,
  /** The client sent too many frames, or opened too many connections. */
  tooMany: 4408,
} as const;
export type CloseCode = (typeof closeCodes)[keyof typeof closeCodes];

/** A frame in either direction: a JSON object whose member `t` names the message. */
export interface SocketMessage {
  readonly t: string;
  readonly [member: string]: unknown;
}

export const isMessage = (value: unknown): value is SocketMessage =>
  typeof value === 'object' && value !== null && 't' in value && typeof value.t === 'string';

/** The message of a text frame, or undefined when the frame contains no message. */
export function readMessage(frame: Buffer): SocketMessage | undefined {
  try {
    const message = parseJson(frame);
    return isMessage(message) ? message : undefined;
  } catch {
    return undefined;
  }
}

/** The subprotocols that a handshake offers. */
export const offeredProtocols = (header: string | undefined): string[] =>
  header === undefined ? [] : header.split(',').map((protocol) => protocol.trim());

/** The access token among the subprotocols: a browser cannot set a header, but it can offer these. */
export const offeredToken = (header: string | undefined): string | undefined =>
  offeredProtocols(header)
    .find((protocol) => protocol.startsWith(BEARER))
    ?.slice(BEARER.length);
