import { applyDecorators, createParamDecorator, type ExecutionContext, SetMetadata } from '@nestjs/common';
import { ApiExtension } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';

/** Who makes the request. */
export interface Actor {
  readonly userId: string;
  readonly sessionId: string;
  /** The device the session was opened on, when it said so. */
  readonly deviceId?: string;
  /** When the person last proved who they are, in milliseconds since 1970. */
  readonly authTime: number;
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
export const FRESH = 'hale:fresh';

/** For what a person may do before their address is known to be theirs, where that is asked for. */
export const UNVERIFIED = 'hale:unverified';
export const EvenUnverified = () =>
  applyDecorators(SetMetadata(UNVERIFIED, true), ApiExtension('x-unverified', true));

/** For what a stolen phone must not do: the person has proved who they are in the last ten minutes. */
export const Fresh = () => applyDecorators(SetMetadata(FRESH, true), ApiExtension('x-fresh', true));

/** Opens a route to everybody; every other route needs an access token. The reason is for the reader. */
export const Public = (reason: string) =>
  applyDecorators(SetMetadata(PUBLIC, reason), ApiExtension('x-public', true));
