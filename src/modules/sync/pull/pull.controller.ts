import { Controller, Get, Query } from '@nestjs/common';
import { type Actor, CurrentActor } from '../../../kernel/http/actor.js';
import type { Conditional } from '../../../kernel/http/conditional.js';
import { Endpoint } from '../../../kernel/http/openapi/endpoint.js';
import { person } from '../../../records/define/person/person.owner.js';
import { PullDto, PullQuery } from './pull.dto.js';
import { PullService } from './pull.service.js';
import { SyncSection } from '../sync-section.js';

@SyncSection()
@Controller('api/sync')
export class PullController {
  constructor(private readonly pulls: PullService) {}

  @Get('pull')
  @Endpoint({
    summary: 'Pull changes',
    description:
      'Start without `cursor`; then send the `cursor` of the last answer, at once while `has_more` is true. Without a cursor the pages contain all live records but no old deletions: when the last page has arrived, delete local records that were not in them. `If-None-Match` with the last `ETag` answers 304 if nothing changed.',
    returns: PullDto,
    conditional: true,
    errors: ['bad-cursor', 'cursor-expired', 'cursor-user-mismatch', 'epoch-changed', 'too-many-epochs'],
  })
  pullChanges(@CurrentActor() actor: Actor, @Query() query: PullQuery): Promise<Conditional<PullDto>> {
    return this.pulls.answer(person(actor.userId), query);
  }
}
