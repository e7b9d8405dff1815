import { type ExecutionContext, Inject, Injectable } from '@nestjs/common';
import { ThrottlerGuard, type ThrottlerRequest } from '@nestjs/throttler';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Config } from '../../config/config.js';
import type { Actor } from '../http/actor.js';
import { addressBudget, addressBudgets, announce, personBudget, WINDOW_MS } from './budget.js';
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
  @Inject(Config) private readonly config!: Config;

  override canActivate(context: ExecutionContext): Promise<boolean> {
    // Sockets have their own limits.
    if (context.getType() !== 'http') return PASSED;
    const http = context.switchToHttp();
    const request = http.getRequest<FastifyRequest>();
    // A request that was counted on arrival is not counted again.
    if (request.isCounted) return PASSED;
    const { user, routeOptions } = request;
    // As `RouteBudgets` noted at the start: the throttler reads the decorators of the route for each request.
    return routeOptions.config.budget === 'person' && user
      ? this.countPerson(user, http.getResponse<FastifyReply>())
      : super.canActivate(context);
  }

  /** Counts a request in the budget of a person over all routes. */
  private async countPerson(user: Actor, reply: FastifyReply): Promise<boolean> {
    const limit = this.config.env.RATE_LIMIT_PER_MINUTE;
    const balance = await this.budgets.spend([{ key: personBudget(user), most: limit }], WINDOW_MS);
    announce(reply, { name: 'default', limit, windowMs: WINDOW_MS }, balance);
    return true;
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

const PASSED = Promise.resolve(true);

/** The tracker of an address stands for the networks that the address belongs to. */
function stepsOf(request: FastifyRequest, tracker: string, limit: number): readonly Step[] {
  const networks = request.user ? [] : addressBudgets(request, limit);
  return networks[0]?.key === tracker ? networks : [{ key: tracker, most: limit }];
}
