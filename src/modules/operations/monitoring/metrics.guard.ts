import { timingSafeEqual } from 'node:crypto';
import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { Config } from '../../../config/config.js';
import { Problem } from '../../../kernel/http/problem.js';

/** Admits who has METRICS_TOKEN. Without METRICS_TOKEN the route does not exist. */
@Injectable()
export class MetricsGuard implements CanActivate {
  constructor(private readonly config: Config) {}

  canActivate(context: ExecutionContext): boolean {
    const { authorization = '' } = context.switchToHttp().getRequest<FastifyRequest>().headers;
    const token = this.config.env.METRICS_TOKEN;
    if (token === undefined) throw new Problem('not-found');
    if (!isEqual(authorization, `Bearer ${token}`)) throw new Problem('unauthenticated');
    return true;
  }
}

function isEqual(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)];
  return left.length === right.length && timingSafeEqual(left, right);
}
