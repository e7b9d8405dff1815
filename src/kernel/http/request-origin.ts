import { AsyncLocalStorage } from 'node:async_hooks';
import type { FastifyRequest } from 'fastify';

/** Where a request comes from, for what is written down about it. */
export interface RequestOrigin {
  readonly requestId: string;
  readonly address: string;
  /** The Accept-Language header, as it came. */
  readonly languages: string | undefined;
}

const origins = new AsyncLocalStorage<RequestOrigin>();

/** Of the request this call serves; undefined where none is served, such as in a command. */
export const currentOrigin = (): RequestOrigin | undefined => origins.getStore();

/** A Fastify hook: after the body was read, because reading continues where the socket was opened. */
export function rememberOrigin(request: FastifyRequest, _reply: unknown, done: () => void): void {
  const languages = request.headers['accept-language'];
  origins.run({ requestId: request.id, address: request.ip, languages }, done);
}
