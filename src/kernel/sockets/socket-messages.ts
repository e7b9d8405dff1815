import { parseJson } from '../http/json.js';

const BEARER = 'bearer.';

/** The message by which a client signs in; the service reads it itself, for every gateway. */
export const AUTH = 'auth';

/** Close codes; those from 4000 on are ours. */
export const closeCodes = {
  goingAway: 1001,
  policy: 1008,
  tryLater: 1013,
  /** Not signed in, or the token has expired: refresh it and connect again. */
  signInAgain: 4401,
  /** The session was ended: only a sign-in helps. */
  revoked: 4403,
  /** Too many frames or connections. */
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

/** The message of a text frame, or undefined when it is none. */
export function readMessage(frame: Buffer): SocketMessage | undefined {
  try {
    const message = parseJson(frame);
    return isMessage(message) ? message : undefined;
  } catch {
    return undefined;
  }
}

/** The subprotocols a handshake offers. */
export const offeredProtocols = (header: string | undefined): string[] =>
  header === undefined ? [] : header.split(',').map((protocol) => protocol.trim());

/** The access token among the subprotocols: a browser cannot set a header, but it can offer these. */
export const offeredToken = (header: string | undefined): string | undefined =>
  offeredProtocols(header)
    .find((protocol) => protocol.startsWith(BEARER))
    ?.slice(BEARER.length);
