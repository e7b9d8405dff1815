import { Controller, Get, Query } from '@nestjs/common';
import { type Actor, CurrentActor, EvenUnverified } from '../../kernel/http/actor.js';
import { PageQuery, pageWire } from '../../kernel/http/paging.js';
import { Endpoint } from '../../kernel/openapi/endpoint.js';
import { AccountSection } from '../users/public.js';
import { AccessLogEntryDto, AccessLogPageDto } from './audit.dto.js';
import { AuditService, type NamedEntry } from './audit.service.js';

@AccountSection()
@EvenUnverified()
@Controller('api/users/me/access-log')
export class AccessLogController {
  constructor(private readonly audit: AuditService) {}

  @Get()
  @Endpoint({
    summary: 'See who used my account',
    description:
      'Sign-ins, good and bad, and whatever changed who gets in, the newest first. Nobody can change or remove an entry.',
    returns: AccessLogPageDto,
  })
  async listAccessLog(
    @CurrentActor() actor: Actor,
    @Query() { limit, offset }: PageQuery,
  ): Promise<AccessLogPageDto> {
    const { data, total } = await this.audit.accessLog(actor, { limit, offset });
    const rows = data.map((entry) => ({ ...entry, by: byOf(entry) }));
    return pageWire(AccessLogEntryDto, { data: rows, total }, { limit, offset });
  }
}

const byOf = ({ actor, subject }: NamedEntry): string =>
  actor === null ? 'stranger' : actor === subject ? 'me' : 'somebody';
