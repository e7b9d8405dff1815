import { timingSafeEqual } from 'node:crypto';
import { Controller, Get, Headers, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { Config } from '../../config/config.js';
import { Public } from '../../kernel/http/actor.js';
import { Problem } from '../../kernel/http/problem.js';
import { Unlimited } from '../../kernel/limits/unlimited.js';
import { Metrics } from './metrics.js';

/** For Prometheus, with a token of its own; without METRICS_TOKEN there is nothing here. */
@Controller('metrics')
@Public('has a token of its own')
@Unlimited('scrapes come from one address')
@ApiExcludeController()
export class MetricsController {
  constructor(
    private readonly metrics: Metrics,
    private readonly config: Config,
  ) {}

  @Get()
  read(
    @Res({ passthrough: true }) reply: FastifyReply,
    @Headers('authorization') authorization = '',
  ): Promise<string> {
    const token = this.config.env.METRICS_TOKEN;
    if (token === undefined) throw new Problem('not-found');
    if (!isEqual(authorization, `Bearer ${token}`)) throw new Problem('unauthenticated');
    reply.type(this.metrics.contentType);
    return this.metrics.read();
  }
}

function isEqual(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)];
  return left.length === right.length && timingSafeEqual(left, right);
}
