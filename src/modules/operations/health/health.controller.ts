import { Controller, Get, Header, HttpStatus } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import { SkipThrottle } from '@nestjs/throttler';
import { Public } from '../../../kernel/http/actor.js';
import { StatusOf } from '../../../kernel/http/status-of.js';
import { Readiness, type Report } from './readiness.js';

/** Probes for the orchestrator: `live` decides about a restart, `ready` about traffic. */
@Controller('health')
@Public('probes carry no credentials')
// All probes come from one address, so a limit per address would refuse them.
@SkipThrottle()
@ApiExcludeController()
export class HealthController {
  constructor(private readonly readiness: Readiness) {}

  /** Does not use the database: a restart would not repair the database. */
  // A page of another origin may notice that the service is there: the client then knows that CORS refused it.
  @Header('Cross-Origin-Resource-Policy', 'cross-origin')
  @Get('live')
  live(): { status: string } {
    return { status: 'ok' };
  }

  @Get('ready')
  @StatusOf(({ status }: Report) => (status === 'ok' ? HttpStatus.OK : HttpStatus.SERVICE_UNAVAILABLE))
  ready(): Promise<Report> {
    return this.readiness.report();
  }
}
