import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { Providers } from '../providers/providers.js';

/** Routes of a provider that is not configured answer `not-found` before any other check of the request. */
@Injectable()
export class ProviderGuard implements CanActivate {
  constructor(private readonly providers: Providers) {}

  canActivate(context: ExecutionContext): boolean {
    const { params } = context.switchToHttp().getRequest<FastifyRequest<{ Params: { provider: string } }>>();
    this.providers.get(params.provider);
    return true;
  }
}
