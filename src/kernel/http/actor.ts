import { applyDecorators, createParamDecorator, type ExecutionContext, SetMetadata } from '@nestjs/common';
import { ApiExtension } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import type { Resource } from './scopes.js';

/** How sure it is who signed in: 1 by one proof, 2 by two, or by a passkey (NIST SP 800-63B, AAL). */
export type Assurance = 1 | 2;

/** Who makes the request. */
export interface Actor {
  /** Whose data the request is about. */
  readonly userId: string;
  /** Who asks, where that is another: somebody the person has let read. */
  readonly viewerId?: string;
  /** The session the request is made in, or the API key it is made with. */
  readonly sessionId: string;
  /** The device the session was opened on, when it said so. */
  readonly deviceId?: string;
  /** When the person last proved who they are, in milliseconds since 1970. */
  readonly authTime: number;
  readonly aal: Assurance;
  /** With an API key: all it may do. */
  readonly scopes?: readonly string[];
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

/** For admins who have signed in with a second factor, and nobody else. */
export const ADMIN = 'hale:admin';
export const AdminOnly = () => applyDecorators(SetMetadata(ADMIN, true), ApiExtension('x-admin', true));

/** For what a stolen phone must not do: the person has proved who they are in the last ten minutes. */
export const Fresh = () => applyDecorators(SetMetadata(FRESH, true), ApiExtension('x-fresh', true));

/**
 * What of a person's data a route reads, or writes when it is no GET: it may be used with an API key that has the scope,
 * and read by who was granted it, with `?owner_id=`. Every other route is for the person's own sessions only.
 */
export const RESOURCE = 'hale:resource';
export const Shareable = (resource: Resource) =>
  applyDecorators(SetMetadata(RESOURCE, resource), ApiExtension('x-resource', resource));

/** Opens a route to everybody; every other route needs an access token. The reason is for the reader. */
export const Public = (reason: string) =>
  applyDecorators(SetMetadata(PUBLIC, reason), ApiExtension('x-public', true));
