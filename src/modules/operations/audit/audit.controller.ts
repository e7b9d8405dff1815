import { Controller, Get, Query } from '@nestjs/common';
import { type Actor, AdminOnly, CurrentActor } from '../../../kernel/http/actor.js';
import { pageOf } from '../../../kernel/http/paging.js';
import { Endpoint } from '../../../kernel/http/openapi/endpoint.js';
import { Section } from '../../../kernel/http/openapi/section.js';
import { AuditPageDto, AuditQuery } from './audit.dto.js';
import { auditEntries } from './audit.presenter.js';
import { AuditService } from './audit.service.js';

@Section(
  'Audit',
  'Everything that happened to accounts, in one chain of hashes. Entries cannot be changed.',
  4,
)
@AdminOnly()
@Controller('api/admin/audit')
export class AuditController {
  constructor(private readonly audit: AuditService) {}

  @Get()
  @Endpoint({
    summary: 'List audit entries',
    description:
      'The newest first. The request itself is recorded: in the access log of each person who is searched for or shown, and here with `action=audit.read`.',
    returns: AuditPageDto,
  })
  async listAudit(@CurrentActor() actor: Actor, @Query() query: AuditQuery): Promise<AuditPageDto> {
    return pageOf(query, auditEntries(await this.audit.search(actor, query, query, query.reason)));
  }
}
