import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { Providers } from '../providers/public.js';

/** Routes of a provider that is not set up are not there: whatever else is wrong with a request, it says so first. */
@Injectable()
export class ProviderGuard implements CanActivate {
  constructor(private readonly providers: Providers) {}

  canActivate(context: ExecutionContext): boolean {
    const { params } = context.switchToHttp().getRequest<FastifyRequest<{ Params: { provider: string } }>>();
    this.providers.get(params.provider);
    return true;
  }
}
