import { applyDecorators, createParamDecorator, type ExecutionContext, SetMetadata } from '@nestjs/common';
import { ApiExtension } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';

/** Who makes the request. */
export interface Actor {
  readonly userId: string;
  readonly sessionId: string;
  /** The device the session was opened on, when it said so. */
  readonly deviceId?: string;
}

declare module 'fastify' {
  interface FastifyRequest {
    /** Set by the access guard on every route that is not public. */
    user?: Actor;
  }
}

/** The actor of the request, as a handler's parameter. */
export const CurrentActor = createParamDecorator((_: unknown, context: ExecutionContext): Actor => {
  const { user } = context.switchToHttp().getRequest<FastifyRequest>();
  if (!user) throw new Error('A public route asked for its actor');
  return user;
});

export const PUBLIC = 'hale:public';

/** Opens a route to everybody; every other route needs an access token. The reason is for the reader. */
export const Public = (reason: string) =>
  applyDecorators(SetMetadata(PUBLIC, reason), ApiExtension('x-public', true));
