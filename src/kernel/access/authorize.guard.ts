import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { Clock } from '../../platform/clock.js';
import type { Actor } from '../http/actor.js';
import { Problem } from '../http/problem.js';
import { type AccessRule, AccessRules } from './access-rules.js';
import { AccountRules } from './account-rules.js';
import { OwnerParameter } from './owner-parameter.js';
import { scopeOf } from './scopes.js';

/** A proof of identity is fresh for 10 minutes: after that, somebody who stole the phone cannot use `@Fresh` routes. */
const FRESH_MS = 10 * 60_000;

/** Denies by default: every route needs credentials unless it is marked `@Public('reason')`. */
@Injectable()
export class AuthorizeGuard implements CanActivate {
  constructor(
    private readonly rules: AccessRules,
    private readonly owner: OwnerParameter,
    private readonly accounts: AccountRules,
    private readonly clock: Clock,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const rule = this.rules.of(context);
    if (context.getType() === 'ws') {
      // Whoever sends messages has signed in before, with a verified address.
      await this.requireProof(context.switchToWs().getClient<{ readonly actor: Actor }>().actor, rule);
      return true;
    }
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    if (rule.isPublic) return this.welcome(request);
    const actor = await this.admit(request);
    const { resource } = rule;
    this.requireScope(actor, resource && scopeOf(resource, request.method));
    if (!rule.isForUnverified) await this.accounts.requireVerified(actor);
    await this.requireProof(actor, rule);
    request.user = await this.owner.apply(request, actor, resource);
    return true;
  }

  /** On a public route the authenticate guard looked for credentials only if the route asks for them. An API key is no session. */
  private async welcome(request: FastifyRequest): Promise<boolean> {
    if (!request.identity && !request.refusal) return true;
    const actor = await this.admit(request);
    if (!actor.scopes) request.user = actor;
    return true;
  }

  /** Uses the result of the authenticate guard. @throws Problem with which the credentials were refused */
  private async admit({ identity, refusal }: FastifyRequest): Promise<Actor> {
    if (refusal) throw refusal.reason;
    if (!identity) throw new Problem('unauthenticated');
    // This writes to the database, so it runs after the request was counted: a client over its limit cannot cause writes.
    await identity.admit?.();
    return identity.actor;
  }

  /** @throws Problem `forbidden`, `second-factor-required`, `session-revoked`, `step-up-required` */
  private async requireProof(actor: Actor, rule: AccessRule): Promise<void> {
    if (rule.isForAdmins) await this.accounts.requireAdmin(actor);
    if (rule.needsFreshProof && this.clock.now() - actor.authTime > FRESH_MS)
      throw new Problem('step-up-required');
  }

  /** @throws Problem `insufficient-scope` when an API key lacks the scope, or the route does not accept API keys */
  private requireScope({ scopes }: Actor, needed: string | undefined): void {
    if (scopes && (needed === undefined || !scopes.includes(needed))) throw new Problem('insufficient-scope');
  }
}
