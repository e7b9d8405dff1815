import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { type Actor, ADMIN, FRESH, PUBLIC, RESOURCE, UNVERIFIED } from '../../kernel/http/actor.js';
import { Problem } from '../../kernel/http/problem.js';
import { type Resource, scopeOf } from '../../kernel/http/scopes.js';
import { RateLimitGuard } from '../../kernel/limits/rate-limit.guard.js';
import { Clock } from '../../platform/clock.js';
import type { Entry } from '../api-keys/public.js';
import { AccountRules } from './account-rules.js';
import { Authenticator } from './authenticator.js';
import { OwnerParameter } from './owner-parameter.js';

/** How long a proof of who one is counts for what a stolen phone must not do. */
const FRESH_MS = 10 * 60_000;

/** Denies by default: every route needs an access token unless it is marked `@Public('reason')`. */
@Injectable()
export class AccessGuard implements CanActivate {
  constructor(
    private readonly reflector: Reflector,
    private readonly authenticator: Authenticator,
    private readonly owner: OwnerParameter,
    private readonly accounts: AccountRules,
    private readonly limits: RateLimitGuard,
    private readonly clock: Clock,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const rule = <T>(name: string) =>
      this.reflector.getAllAndOverride<T | undefined>(name, [context.getHandler(), context.getClass()]);
    if (rule(PUBLIC)) return true;
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    const actor = await this.identify(request, context.switchToHttp().getResponse<FastifyReply>());
    const resource = rule<Resource>(RESOURCE);
    this.requireScope(actor, resource && scopeOf(resource, request.method));
    if (!rule(UNVERIFIED)) await this.accounts.requireVerified(actor);
    if (rule(ADMIN)) await this.accounts.requireAdmin(actor);
    if (rule(FRESH) && this.clock.now() - actor.authTime > FRESH_MS) throw new Problem('step-up-required');
    request.user = await this.owner.apply(request, actor, resource);
    return true;
  }

  private async identify(request: FastifyRequest, reply: FastifyReply): Promise<Actor> {
    let entry: Entry;
    try {
      entry = await this.authenticator.identify(request);
      request.user = entry.actor;
    } finally {
      // Before anything is refused: what may not be done costs as much as what may. Guessing tokens costs the address's budget.
      await this.limits.count(request, reply);
    }
    // After it: whoever has no budget left makes nobody write.
    await entry.admit?.();
    return entry.actor;
  }

  /** @throws Problem `insufficient-scope` for an API key that lacks it, or that may not go there at all */
  private requireScope({ scopes }: Actor, needed: string | undefined): void {
    if (scopes && (needed === undefined || !scopes.includes(needed))) throw new Problem('insufficient-scope');
  }
}
