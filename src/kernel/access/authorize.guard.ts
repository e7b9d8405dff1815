import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { Clock } from '../../platform/clock.js';
import type { Actor } from '../http/actor.js';
import { Problem } from '../http/problem.js';
import { type AccessRule, AccessRules } from './access-rules.js';
import { AccountRules } from './account-rules.js';
import type { Identity } from './credentials.js';
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

  canActivate(context: ExecutionContext): boolean | Promise<boolean> {
    const rule = this.rules.of(context);
    if (context.getType() === 'ws') return this.authorizeMessage(context, rule);
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    return rule.isPublic ? this.welcome(request) : this.authorize(request, rule);
  }

  /** Whoever sends messages has signed in before, with a verified address. */
  private async authorizeMessage(context: ExecutionContext, rule: AccessRule): Promise<boolean> {
    await this.requireProof(context.switchToWs().getClient<{ readonly actor: Actor }>().actor, rule);
    return true;
  }

  /** For most requests there is nothing to wait for: an `await` for each rule would take longer than the rules. */
  private async authorize(request: FastifyRequest, rule: AccessRule): Promise<boolean> {
    const { actor, admit } = identityOf(request);
    if (admit) await admit();
    if (!rule.isInPart) this.requireScope(actor, rule.resource && scopeOf(rule.resource, request.method));
    const verified = rule.isForUnverified ? undefined : this.accounts.requireVerified(actor);
    if (verified) await verified;
    if (rule.isForAdmins || rule.needsFreshProof) await this.requireProof(actor, rule);
    request.user = this.owner.isAsked(request) ? await this.owner.apply(request, actor, rule) : actor;
    return true;
  }

  /** On a public route the authenticate guard looked for credentials only if the route asks for them. An API key is no session. */
  private async welcome(request: FastifyRequest): Promise<boolean> {
    if (!request.identity && !request.refusal) return true;
    const { actor, admit } = identityOf(request);
    await admit?.();
    if (!actor.scopes) request.user = actor;
    return true;
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

/**
 * The result of the authenticate guard. Its `admit` writes to the database, so it runs here, after the request was counted: a
 * client over its limit cannot cause writes.
 * @throws Problem with which the credentials were refused
 */
function identityOf({ identity, refusal }: FastifyRequest): Identity {
  if (refusal) throw refusal.reason;
  if (!identity) throw new Problem('unauthenticated');
  return identity;
}
