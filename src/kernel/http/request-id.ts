import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

/** Keeps the client's request id, so that both logs can be joined. An id of another form is replaced. */
export function requestId(request: Pick<IncomingMessage, 'headers'>): string {
  const given = request.headers['x-request-id'];
  return typeof given === 'string' && /^[\w-]{8,64}$/.test(given) ? given : randomUUID();
}
