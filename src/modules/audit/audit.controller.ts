import { Controller, Get, Query } from '@nestjs/common';
import { type Actor, AdminOnly, CurrentActor } from '../../kernel/http/actor.js';
import { pageWire } from '../../kernel/http/paging.js';
import { fromWire } from '../../kernel/http/wire.js';
import { Endpoint } from '../../kernel/openapi/endpoint.js';
import { Section } from '../../kernel/openapi/section.js';
import { AuditEntryDto, AuditPageDto, AuditQuery } from './audit.dto.js';
import { AuditService } from './audit.service.js';

@Section('Audit', 'What happened to accounts, in one chain of hashes. There is no way to change it.', 4)
@AdminOnly()
@Controller('api/admin/audit')
export class AuditController {
  constructor(private readonly audit: AuditService) {}

  @Get()
  @Endpoint({
    summary: 'Read the audit log',
    description:
      'The newest first. That it was read is written down, too: whoever is sought or shown reads so in the access log, and `action=audit.read` shows it here.',
    returns: AuditPageDto,
  })
  async listAudit(@CurrentActor() actor: Actor, @Query() query: AuditQuery): Promise<AuditPageDto> {
    const { limit, offset, reason, ...search } = fromWire(AuditQuery, query);
    const { data, total } = await this.audit.search(actor, search, { limit, offset }, reason);
    const rows = data.map((entry) => ({ ...entry, seq: Number(entry.seq) }));
    return pageWire(AuditEntryDto, { data: rows, total }, { limit, offset });
  }
}
