import { parseJson } from '../../kernel/http/json.js';

/** Where clients connect, and the protocol they ask for. */
export const PATH = '/ws/sync';
export const PROTOCOL = 'hale.sync.v1';
const BEARER = 'bearer.';

/** Close codes; those from 4000 on are ours. */
export const closeCodes = {
  goingAway: 1001,
  policy: 1008,
  tryLater: 1013,
  /** Not signed in, or the token has expired: refresh it and come again. */
  signInAgain: 4401,
  /** The session was ended: nothing but a sign-in helps. */
  revoked: 4403,
  /** Too fast, or too many. */
  tooMany: 4408,
} as const;
export type CloseCode = (typeof closeCodes)[keyof typeof closeCodes];

/** What the service says. There is never a record in it. */
export type ServerMessage =
  | { readonly t: 'hello'; readonly epoch: string; readonly head: string }
  /** Without kinds it may be any. */
  | { readonly t: 'poke'; readonly head: string; readonly kinds: readonly string[] }
  | { readonly t: 'auth_expiring'; readonly in: number }
  | { readonly t: 'pong' }
  | { readonly t: 'error'; readonly code: string };

/** What a client may say. */
export type ClientMessage = { readonly t: 'auth'; readonly token: string } | { readonly t: 'ping' };

/** The message of a text frame, or undefined when it is none a client may send. */
export function readMessage(frame: Buffer): ClientMessage | undefined {
  let message: unknown;
  try {
    message = parseJson(frame);
  } catch {
    return undefined;
  }
  if (typeof message !== 'object' || message === null || !('t' in message)) return undefined;
  if (message.t === 'ping') return { t: 'ping' };
  if (message.t === 'auth' && 'token' in message && typeof message.token === 'string')
    return { t: 'auth', token: message.token };
  return undefined;
}

/** The subprotocols a handshake offers. */
export const offeredProtocols = (header: string | undefined): string[] =>
  header === undefined ? [] : header.split(',').map((protocol) => protocol.trim());

/** The access token among the subprotocols: where a browser, which can set no header, may put it. */
export const offeredToken = (header: string | undefined): string | undefined =>
  offeredProtocols(header)
    .find((protocol) => protocol.startsWith(BEARER))
    ?.slice(BEARER.length);
