import { Body, Controller, Get, Param, Post, Query } from '@nestjs/common';
import { type Actor, CurrentActor } from '../../../kernel/http/actor.js';
import { pageOf } from '../../../kernel/http/paging.js';
import { IdParam, UuidPipe } from '../../../kernel/http/uuid.pipe.js';
import { Idempotent } from '../../../kernel/idempotency/idempotency.interceptor.js';
import { Endpoint } from '../../../kernel/http/openapi/endpoint.js';
import {
  ConflictListQuery,
  ConflictPageDto,
  ResolveConflictDto,
  ResolvedConflictDto,
} from './conflicts.dto.js';
import { ConflictsService } from './conflicts.service.js';
import { SyncSection } from '../sync-section.js';

@SyncSection()
@Controller('api/sync/conflicts')
export class ConflictsController {
  constructor(private readonly conflicts: ConflictsService) {}

  @Get()
  @Endpoint({
    summary: 'List conflicts',
    description:
      'Edits that two devices made independently of each other. Devices also get them by pull, as kind `conflict`.',
    returns: ConflictPageDto,
  })
  async listConflicts(
    @CurrentActor() actor: Actor,
    @Query() { status, ...place }: ConflictListQuery,
  ): Promise<ConflictPageDto> {
    return pageOf(place, await this.conflicts.list(actor, status, place));
  }

  @Post(':id/resolve')
  @Idempotent()
  @IdParam('The conflict.')
  @Endpoint({
    summary: 'Resolve a conflict',
    description: 'Only the first choice is applied. Other devices get the result by sync.',
    returns: ResolvedConflictDto,
    errors: ['not-found', 'quota-exceeded', 'conflict-resolved', 'idempotency-key-reused'],
  })
  resolveConflict(
    @CurrentActor() actor: Actor,
    @Param('id', UuidPipe) id: string,
    @Body() body: ResolveConflictDto,
  ): Promise<ResolvedConflictDto> {
    return this.conflicts.resolve(actor, id, body);
  }
}
