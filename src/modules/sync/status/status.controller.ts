import { Controller, Get, Query } from '@nestjs/common';
import { type Actor, CurrentActor } from '../../../kernel/http/actor.js';
import { Endpoint } from '../../../kernel/http/openapi/endpoint.js';
import { person } from '../../../records/define/person/person.owner.js';
import { DigestDto, DigestQuery, StatusQuery, SyncStatusDto } from './status.dto.js';
import { StatusService } from './status.service.js';
import { SyncSection } from '../sync-section.js';

@SyncSection()
@Controller('api/sync')
export class StatusController {
  constructor(private readonly statuses: StatusService) {}

  @Get('status')
  @Endpoint({
    summary: 'Get the sync status',
    description:
      'For a screen that lists the devices, and for a client that asks which of its mutations the service has.',
    returns: SyncStatusDto,
  })
  syncStatus(@CurrentActor() actor: Actor, @Query() { clientId }: StatusQuery): Promise<SyncStatusDto> {
    return this.statuses.status(actor, clientId);
  }

  @Get('digest')
  @Endpoint({
    summary: 'Get the sync digest',
    description:
      'Compare it after the last page of a pull. If the client’s own sums differ, it has missed a change: it drops the cursor and pulls everything again.',
    returns: DigestDto,
  })
  syncDigest(@CurrentActor() actor: Actor, @Query() { kinds }: DigestQuery): Promise<DigestDto> {
    return this.statuses.digest(person(actor.userId), kinds);
  }
}
