import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Config } from '../../config/config.js';
import { Problem } from '../http/problem.js';
import { clientAddress } from './client-address.js';
import { Counters } from './counters.js';
import { UNLIMITED } from './unlimited.js';

const WINDOW_MS = 60_000;

/**
 * One budget a user over all routes and sessions; anonymous requests share their address's. Says what is left in the
 * fields of draft-ietf-httpapi-ratelimit-headers.
 */
@Injectable()
export class RateLimitGuard implements CanActivate {
  constructor(
    private readonly config: Config,
    private readonly counters: Counters,
    private readonly reflector: Reflector,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    if (this.reflector.getAllAndOverride(UNLIMITED, [context.getHandler(), context.getClass()])) return true;
    const http = context.switchToHttp();
    const request = http.getRequest<FastifyRequest>();
    // Whoever was identified has been counted by the access guard, so that it could refuse the rest.
    if (!request.user) await this.count(request, http.getResponse<FastifyReply>());
    return true;
  }

  /** @throws Problem `rate-limited` when the budget of this minute is used up. */
  async count(request: FastifyRequest, reply: FastifyReply): Promise<void> {
    const limit = this.config.env.RATE_LIMIT_PER_MINUTE;
    const { user } = request;
    const key = user ? `user:${user.viewerId ?? user.userId}` : `address:${clientAddress(request)}`;
    const { hits, resetMs } = await this.counters.hit(key, WINDOW_MS);
    const seconds = Math.max(1, Math.ceil(resetMs / 1_000));
    reply.header('RateLimit-Policy', `"default";q=${limit};w=${WINDOW_MS / 1_000}`);
    reply.header('RateLimit', `"default";r=${Math.max(0, limit - hits)};t=${seconds}`);
    if (hits > limit) throw new Problem('rate-limited', { retryAfter: seconds });
  }
}
