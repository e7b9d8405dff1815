import { Controller, Delete, Get, Param, Post, Query } from '@nestjs/common';
import { type Actor, CurrentActor } from '../../../kernel/http/actor.js';
import { Endpoint } from '../../../kernel/http/openapi/endpoint.js';
import { PageQuery, pageOf } from '../../../kernel/http/paging.js';
import { IdParam, UuidPipe } from '../../../kernel/http/uuid.pipe.js';
import { DeleteSourceQuery, SourceDeletionDto, SourceDeletionPageDto } from './source-deletions.dto.js';
import { SourceDeletionsService } from './source-deletions.service.js';
import { SourcesSection } from './source-orders.controller.js';
import { SourceParam, SourcePipe } from './source.pipe.js';

@SourcesSection()
@Controller('api/sources')
export class SourceDeletionsController {
  constructor(private readonly deletions: SourceDeletionsService) {}

  @Get('deletions')
  @Endpoint({
    summary: 'List deletions of sources',
    description: 'The newest first. A deletion is listed for 30 days after its end.',
    returns: SourceDeletionPageDto,
  })
  async listSourceDeletions(@CurrentActor() actor: Actor, @Query() query: PageQuery) {
    return pageOf(query, await this.deletions.list(actor, query));
  }

  @Get('deletions/:id')
  @IdParam('The deletion.')
  @Endpoint({
    summary: 'Get a deletion of a source',
    description: 'Its progress, and until when it can be taken back.',
    returns: SourceDeletionDto,
    errors: ['not-found'],
  })
  getSourceDeletion(@CurrentActor() actor: Actor, @Param('id', UuidPipe) id: string) {
    return this.deletions.get(actor, id);
  }

  @Post('deletions/:id/undo')
  @IdParam('The deletion.')
  @Endpoint({
    summary: 'Take a deletion of a source back',
    description:
      'Stops it if it is running. Every record that it deleted returns on all devices as it was, except those that somebody edited or deleted since. One that has failed goes on where it stopped. This runs in the background, and asking again changes nothing.',
    status: 202,
    returns: SourceDeletionDto,
    errors: ['not-found'],
  })
  undoSourceDeletion(@CurrentActor() actor: Actor, @Param('id', UuidPipe) id: string) {
    return this.deletions.undo(actor, id);
  }

  @Delete(':source')
  @SourceParam()
  @Endpoint({
    summary: 'Delete a source',
    description:
      'Deletes every record of the source that is stored now, of all kinds and on all devices, except those that are edited while it runs. This runs in the background: see `GET /api/sources/deletions/{id}`. It can be taken back for 30 days. Records that the source uploads later are stored, but those that were deleted stay deleted when it uploads them again. With `dry_run=true` they are only counted.',
    returns: SourceDeletionDto,
    errors: ['quota-exceeded'],
  })
  deleteSource(
    @CurrentActor() actor: Actor,
    @Param('source', SourcePipe) source: string,
    @Query() { dryRun }: DeleteSourceQuery,
  ) {
    return dryRun ? this.deletions.preview(actor, source) : this.deletions.begin(actor, source);
  }
}
