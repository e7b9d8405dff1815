import { type ExecutionContext, Injectable } from '@nestjs/common';
import { ThrottlerGuard, type ThrottlerRequest } from '@nestjs/throttler';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { addressBudget, announce, personBudget } from './budget.js';

/**
 * Limits requests. Each person has one budget over all routes and sessions; anonymous requests use the budget of their IP
 * address. The guard runs between authenticate and authorize, so that refused requests count like served ones.
 *
 * `@Throttle` gives a route its own budget instead, and `@SkipThrottle` no budget.
 */
@Injectable()
export class ThrottleGuard extends ThrottlerGuard {
  /** Sockets have their own limits, and a request that was counted on arrival is not counted again. */
  protected override async shouldSkip(context: ExecutionContext): Promise<boolean> {
    return (
      context.getType() !== 'http' || context.switchToHttp().getRequest<FastifyRequest>().isCounted === true
    );
  }

  protected override async handleRequest(details: ThrottlerRequest): Promise<boolean> {
    const { context, limit, ttl, blockDuration, getTracker, generateKey } = details;
    const http = context.switchToHttp();
    const tracker = await getTracker(http.getRequest<FastifyRequest & Record<string, unknown>>(), context);
    const key = generateKey(context, tracker, 'default');
    const count = await this.storageService.increment(key, ttl, limit, blockDuration, 'default');
    const name = this.hasOwnBudget(context) ? 'route' : 'default';
    announce(http.getResponse<FastifyReply>(), { name, limit, windowMs: ttl }, count);
    return true;
  }

  protected override async getTracker(request: FastifyRequest): Promise<string> {
    return request.user ? personBudget(request.user) : addressBudget(request);
  }

  protected override generateKey(context: ExecutionContext, tracker: string): string {
    return this.hasOwnBudget(context)
      ? `${tracker}:${context.getClass().name}.${context.getHandler().name}`
      : tracker;
  }

  /** As `RouteBudgets` noted it at the start. */
  private hasOwnBudget(context: ExecutionContext): boolean {
    return context.switchToHttp().getRequest<FastifyRequest>().routeOptions.config.budget === 'own';
  }
}
