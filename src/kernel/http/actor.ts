import { applyDecorators, createParamDecorator, type ExecutionContext, SetMetadata } from '@nestjs/common';
import { ApiExtension } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import type { Resource } from '../access/scopes.js';

/** The assurance level of the sign-in (NIST SP 800-63B, AAL): 1 with one factor, 2 with two factors or a passkey. */
export type Assurance = 1 | 2;

/** The person who makes the request, and how they signed in. */
export interface Actor {
  /** The owner of the requested data. */
  readonly userId: string;
  /** The person who makes the request, when it is another person to whom the owner has granted access. */
  readonly viewerId?: string;
  /** The id of the session, or of the API key, with which the request is made. */
  readonly sessionId: string;
  /** The device on which the session was opened, when the client sent its id. */
  readonly deviceId?: string;
  /** When the person last proved their identity, in milliseconds since 1970. */
  readonly authTime: number;
  readonly aal: Assurance;
  /** The scopes of the API key, or of the grants of a viewer. Undefined for a session that reads its own data. */
  readonly scopes?: readonly string[];
}

declare module 'fastify' {
  interface FastifyRequest {
    /** Set by the guards on every route that is not public, and on a route that also accepts a session when it was sent one. */
    user?: Actor;
  }
}

/** A parameter decorator that passes the actor of the request, or of the socket's message, to the handler. */
export const CurrentActor = createParamDecorator((_: unknown, context: ExecutionContext): Actor => {
  if (context.getType() === 'ws') return context.switchToWs().getClient<{ readonly actor: Actor }>().actor;
  const { user } = context.switchToHttp().getRequest<FastifyRequest>();
  if (!user) throw new Error('A public route asked for its actor');
  return user;
});

/** As `CurrentActor`, for a route that works with and without a session: undefined when the request has no credentials. */
export const MaybeActor = createParamDecorator(
  (_: unknown, context: ExecutionContext): Actor | undefined =>
    context.switchToHttp().getRequest<FastifyRequest>().user,
);

export const PUBLIC = 'hale:public';
export const FRESH = 'hale:fresh';

/** Lets people use the route before their e-mail address is verified, when verification is required. */
export const UNVERIFIED = 'hale:unverified';
export const EvenUnverified = () =>
  applyDecorators(SetMetadata(UNVERIFIED, true), ApiExtension('x-unverified', true));

/** Lets only admins use the route, and only when they signed in with a second factor. */
export const ADMIN = 'hale:admin';
export const AdminOnly = () => applyDecorators(SetMetadata(ADMIN, true), ApiExtension('x-admin', true));

/** Requires a proof of identity in the last ten minutes, so that the thief of a phone cannot use the route. */
export const Fresh = () => applyDecorators(SetMetadata(FRESH, true), ApiExtension('x-fresh', true));

/**
 * Names the kind of data that a route reads, or writes when it is no GET. An API key with the scope may use the route, and
 * a person with a grant may read it with `?owner_id=`. All other routes accept only the person's own sessions.
 */
export const RESOURCE = 'hale:resource';
export const Shareable = ({ name }: Resource) =>
  applyDecorators(SetMetadata(RESOURCE, name), ApiExtension('x-resource', name));

/**
 * Says that a shareable route also shows what is computed from other data, as far as the actor may read it. When somebody with a grant
 * uses it, the owner's access log names all scopes that it may have read.
 */
export const MIXED = 'hale:mixed';
export const ShowsOtherData = () => SetMetadata(MIXED, true);

/**
 * Lets any API key, and whoever somebody has granted access, use a route that reads several kinds of data. The handler answers
 * only what the scopes of the actor allow, and refuses an actor who may read none of it.
 */
export const IN_PART = 'hale:in-part';
export const ShareableInPart = () =>
  applyDecorators(SetMetadata(IN_PART, true), ApiExtension('x-in-part', true));

/** Opens a route to everybody. All other routes need an access token. `reason` is only for the reader of the code. */
export const Public = (reason: string) =>
  applyDecorators(SetMetadata(PUBLIC, reason), ApiExtension('x-public', true));

/** On a public route: credentials are checked when the request has some. An API key counts as none. */
export const SESSION_WELCOME = 'hale:session-welcome';
export const SessionWelcome = () =>
  applyDecorators(SetMetadata(SESSION_WELCOME, true), ApiExtension('x-session-welcome', true));
