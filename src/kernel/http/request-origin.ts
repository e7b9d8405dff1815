import { AsyncLocalStorage } from 'node:async_hooks';
import type { FastifyRequest } from 'fastify';

/** Where a request comes from. The audit log and letters use it. */
export interface RequestOrigin {
  readonly requestId: string;
  readonly address: string;
  /** The Accept-Language header as the client sent it. */
  readonly languages: string | undefined;
}

const origins = new AsyncLocalStorage<RequestOrigin>();

/** The origin of the request that this call serves. Undefined outside a request, for example in a command. */
export const currentOrigin = (): RequestOrigin | undefined => origins.getStore();

/** A Fastify hook that runs after the body was read: reading the body continues in the async context of the socket. */
export function rememberOrigin(request: FastifyRequest, _reply: unknown, done: () => void): void {
  const languages = request.headers['accept-language'];
  origins.run({ requestId: request.id, address: request.ip, languages }, done);
}
