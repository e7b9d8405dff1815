import { Controller, Get, Query } from '@nestjs/common';
import { type Actor, CurrentActor, EvenUnverified } from '../../../kernel/http/actor.js';
import { PageQuery, pageOf } from '../../../kernel/http/paging.js';
import { Endpoint } from '../../../kernel/http/openapi/endpoint.js';
import { AccountSection } from '../../identity/public.js';
import { AccessLogPageDto } from './audit.dto.js';
import { accessLogEntries } from './audit.presenter.js';
import { AuditService } from './audit.service.js';

@AccountSection()
@EvenUnverified()
@Controller('api/users/me/access-log')
export class AccessLogController {
  constructor(private readonly audit: AuditService) {}

  @Get()
  @Endpoint({
    summary: 'List the access log',
    description:
      'Sign-ins, successful and refused, and all changes of access to the account, the newest first. Entries cannot be changed or removed.',
    returns: AccessLogPageDto,
  })
  async listAccessLog(@CurrentActor() actor: Actor, @Query() place: PageQuery): Promise<AccessLogPageDto> {
    return pageOf(place, accessLogEntries(await this.audit.accessLog(actor, place)));
  }
}
