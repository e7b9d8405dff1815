import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { AccessRules } from './access-rules.js';
import { Authenticator } from './authenticator.js';

/**
 * Authenticates a request. It stores a failure instead of throwing it: the throttle guard counts the request first, so that
 * guessing tokens uses the limit of the address, and then the authorize guard throws the failure. `kernel/sockets`
 * authenticates sockets.
 */
@Injectable()
export class AuthenticateGuard implements CanActivate {
  constructor(
    private readonly rules: AccessRules,
    private readonly authenticator: Authenticator,
  ) {}

  canActivate(context: ExecutionContext): boolean | Promise<boolean> {
    if (context.getType() !== 'http') return true;
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    const { isPublic, welcomesSession } = this.rules.of(context);
    if (isPublic && !(welcomesSession && request.headers.authorization)) return true;
    return this.authenticate(request, isPublic);
  }

  private async authenticate(request: FastifyRequest, isPublic: boolean): Promise<boolean> {
    try {
      const identity = await this.authenticator.authenticate(request);
      request.identity = identity;
      // A public route is counted by its address, whoever calls it.
      if (!isPublic) request.user = identity.actor;
    } catch (reason) {
      request.refusal = { reason };
    }
    return true;
  }
}
