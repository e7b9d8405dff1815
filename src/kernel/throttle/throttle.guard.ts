import { type ExecutionContext, Inject, Injectable } from '@nestjs/common';
import { ThrottlerGuard, type ThrottlerRequest } from '@nestjs/throttler';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { addressBudget, addressBudgets, announce, personBudget } from './budget.js';
import { CounterStorage } from './counter-storage.js';
import type { Step } from './counters.js';

/**
 * Limits requests. Each person has one budget over all routes and sessions; anonymous requests use the budgets of their IP
 * address and its networks. The guard runs between authenticate and authorize, so that refused requests count like served ones.
 *
 * `@Throttle` gives a route its own budget instead, and `@SkipThrottle` no budget.
 */
@Injectable()
export class ThrottleGuard extends ThrottlerGuard {
  @Inject(CounterStorage) private readonly budgets!: CounterStorage;

  /** Sockets have their own limits, and a request that was counted on arrival is not counted again. */
  protected override async shouldSkip(context: ExecutionContext): Promise<boolean> {
    return (
      context.getType() !== 'http' || context.switchToHttp().getRequest<FastifyRequest>().isCounted === true
    );
  }

  protected override async handleRequest(details: ThrottlerRequest): Promise<boolean> {
    const { context, limit, ttl, getTracker, generateKey } = details;
    const http = context.switchToHttp();
    const request = http.getRequest<FastifyRequest & Record<string, unknown>>();
    const tracker = await getTracker(request, context);
    const steps = stepsOf(request, tracker, limit).map(({ key, most }) => ({
      key: generateKey(context, key, 'default'),
      most,
    }));
    const balance = await this.budgets.spend(steps, ttl);
    const name = this.hasOwnBudget(context) ? 'route' : 'default';
    announce(http.getResponse<FastifyReply>(), { name, limit, windowMs: ttl }, balance);
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

/** The tracker of an address stands for the networks that the address belongs to. */
function stepsOf(request: FastifyRequest, tracker: string, limit: number): readonly Step[] {
  const networks = request.user ? [] : addressBudgets(request, limit);
  return networks[0]?.key === tracker ? networks : [{ key: tracker, most: limit }];
}
