import { Body, Controller, Get, Param, Post, Query } from '@nestjs/common';
import { type Actor, CurrentActor } from '../../kernel/http/actor.js';
import { pageWire } from '../../kernel/http/paging.js';
import { IdParam, UuidPipe } from '../../kernel/http/uuid.pipe.js';
import { toWire } from '../../kernel/http/wire.js';
import { Idempotent } from '../../kernel/idempotency/idempotency.interceptor.js';
import { Endpoint } from '../../kernel/openapi/endpoint.js';
import { changeWire } from './change.dto.js';
import {
  ConflictDto,
  ConflictListQuery,
  ConflictPageDto,
  ResolveConflictDto,
  ResolvedConflictDto,
} from './conflicts.dto.js';
import { ConflictsService } from './conflicts.service.js';
import { SyncSection } from './sync-section.js';

@SyncSection()
@Controller('api/sync/conflicts')
export class ConflictsController {
  constructor(private readonly conflicts: ConflictsService) {}

  @Get()
  @Endpoint({
    summary: 'List conflicts',
    description:
      'Edits that did not know of each other. Devices get them by pull as well, as kind `conflict`.',
    returns: ConflictPageDto,
  })
  async listConflicts(
    @CurrentActor() actor: Actor,
    @Query() { status, limit, offset }: ConflictListQuery,
  ): Promise<ConflictPageDto> {
    return pageWire(ConflictDto, await this.conflicts.list(actor, status, { limit, offset }), {
      limit,
      offset,
    });
  }

  @Post(':id/resolve')
  @Idempotent()
  @IdParam('The conflict.')
  @Endpoint({
    summary: 'Resolve a conflict',
    description: 'The first choice counts. Other devices learn of it by sync.',
    returns: ResolvedConflictDto,
    errors: ['not-found', 'conflict-resolved', 'idempotency-key-reused'],
  })
  async resolveConflict(
    @CurrentActor() actor: Actor,
    @Param('id', UuidPipe) id: string,
    @Body() { choice, fields }: ResolveConflictDto,
  ): Promise<ResolvedConflictDto> {
    const { conflict, written } = await this.conflicts.resolve(actor, id, { choice, fields });
    return {
      conflict: toWire(ConflictDto, conflict),
      ...(written ? { record: changeWire(written.kind, written.record) } : {}),
    };
  }
}
