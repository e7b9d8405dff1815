import { Controller, Get, HttpStatus, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { Public } from '../../kernel/http/actor.js';
import { Unlimited } from '../../kernel/limits/unlimited.js';
import { Readiness } from './readiness.js';

/** For the orchestrator: restart me (live), send me requests (ready). */
@Controller('health')
@Public('probes carry no credentials')
@Unlimited('probes come from one address')
@ApiExcludeController()
export class HealthController {
  constructor(private readonly readiness: Readiness) {}

  /** Never touches the database: a restart would not bring it back. */
  @Get('live')
  live(): { status: string } {
    return { status: 'ok' };
  }

  @Get('ready')
  async ready(@Res({ passthrough: true }) reply: FastifyReply): Promise<object> {
    const report = await this.readiness.report();
    reply.status(report.status === 'ok' ? HttpStatus.OK : HttpStatus.SERVICE_UNAVAILABLE);
    return report;
  }
}
