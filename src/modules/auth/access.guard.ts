import { type ExecutionContext, Injectable } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { AuthGuard } from '@nestjs/passport';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { type Actor, FRESH, PUBLIC, UNVERIFIED } from '../../kernel/http/actor.js';
import { Clock } from '../../platform/clock.js';
import { Problem } from '../../kernel/http/problem.js';
import { Config } from '../../config/config.js';
import { SessionGate } from './session-gate.js';
import { RateLimitGuard } from '../../kernel/limits/rate-limit.guard.js';

/** How long a proof of who one is counts for what a stolen phone must not do. */
const FRESH_MS = 10 * 60_000;

/** Denies by default: every route needs an access token unless it is marked `@Public('reason')`. */
@Injectable()
export class AccessGuard extends AuthGuard('jwt') {
  constructor(
    private readonly reflector: Reflector,
    private readonly limits: RateLimitGuard,
    private readonly gate: SessionGate,
    private readonly config: Config,
    private readonly clock: Clock,
  ) {
    super();
  }

  override async canActivate(context: ExecutionContext): Promise<boolean> {
    if (this.reflector.getAllAndOverride(PUBLIC, [context.getHandler(), context.getClass()])) return true;
    try {
      await super.canActivate(context);
    } catch (error) {
      // Guessing tokens costs the address's budget, like any other anonymous request.
      const http = context.switchToHttp();
      await this.limits.count(http.getRequest<FastifyRequest>(), http.getResponse<FastifyReply>());
      throw error;
    }
    await this.requireVerified(context);
    if (this.reflector.get<boolean>(FRESH, context.getHandler())) this.requireFresh(context);
    return true;
  }

  /** @throws Problem `email-unverified` */
  private async requireVerified(context: ExecutionContext): Promise<void> {
    if (!this.config.requiresVerifiedEmail) return;
    if (this.reflector.getAllAndOverride(UNVERIFIED, [context.getHandler(), context.getClass()])) return;
    const { user } = context.switchToHttp().getRequest<FastifyRequest>();
    if (!user || !(await this.gate.isVerified(user.sessionId))) throw new Problem('email-unverified');
  }

  /** @throws Problem `step-up-required` */
  private requireFresh(context: ExecutionContext): void {
    const { user } = context.switchToHttp().getRequest<FastifyRequest>();
    if (!user || this.clock.now() - user.authTime > FRESH_MS) throw new Problem('step-up-required');
  }

  override handleRequest<User = Actor>(error: unknown, user: User | false, info: unknown): User {
    if (error) throw error;
    if (user) return user;
    if (info instanceof Problem) throw info;
    throw new Problem(
      info instanceof Error && info.name === 'TokenExpiredError' ? 'token-expired' : 'unauthenticated',
    );
  }
}
