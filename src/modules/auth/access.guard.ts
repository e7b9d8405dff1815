import { type ExecutionContext, Injectable } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { AuthGuard } from '@nestjs/passport';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { type Actor, PUBLIC } from '../../kernel/http/actor.js';
import { Problem } from '../../kernel/http/problem.js';
import { RateLimitGuard } from '../../kernel/limits/rate-limit.guard.js';

/** Denies by default: every route needs an access token unless it is marked `@Public('reason')`. */
@Injectable()
export class AccessGuard extends AuthGuard('jwt') {
  constructor(
    private readonly reflector: Reflector,
    private readonly limits: RateLimitGuard,
  ) {
    super();
  }

  override async canActivate(context: ExecutionContext): Promise<boolean> {
    if (this.reflector.getAllAndOverride(PUBLIC, [context.getHandler(), context.getClass()])) return true;
    try {
      return (await super.canActivate(context)) as boolean;
    } catch (error) {
      // Guessing tokens costs the address's budget, like any other anonymous request.
      const http = context.switchToHttp();
      await this.limits.count(http.getRequest<FastifyRequest>(), http.getResponse<FastifyReply>());
      throw error;
    }
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
