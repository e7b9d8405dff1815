import { Controller, Get, Headers, HttpStatus, Query, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { Clock } from '../../platform/clock.js';
import { type Actor, CurrentActor } from '../../kernel/http/actor.js';
import { Endpoint } from '../../kernel/openapi/endpoint.js';
import { RecordCatalog } from '../../kernel/records/catalog.js';
import { itemHash } from '../../kernel/records/local-ids.js';
import { PullDto, PullQuery } from './pull.dto.js';
import { PullService } from './pull.service.js';
import { pageWire, readKinds } from './pull.wire.js';
import { SyncSection } from './sync-section.js';

@SyncSection()
@Controller('api/sync')
export class PullController {
  constructor(
    private readonly pulls: PullService,
    private readonly catalog: RecordCatalog,
    private readonly clock: Clock,
  ) {}

  @Get('pull')
  @Endpoint({
    summary: 'Get what changed elsewhere',
    description:
      'Start without `cursor`; then send that of the last answer, at once while `has_more`. Without a cursor the answer holds what lives, and no old deletions: when it is complete, drop what did not come. `If-None-Match` with the last `ETag` answers 304 when nothing changed.',
    returns: PullDto,
    conditional: true,
    errors: ['bad-cursor', 'cursor-expired', 'cursor-user-mismatch', 'epoch-changed'],
  })
  async pullChanges(
    @CurrentActor() actor: Actor,
    @Query() query: PullQuery,
    @Res({ passthrough: true }) reply: FastifyReply,
    @Headers('if-none-match') known?: string,
  ): Promise<PullDto | undefined> {
    const head = await this.pulls.head(actor);
    const tag = `W/"${head.epoch}.${head.seq}.${itemHash(query).slice(0, 16)}"`;
    reply.header('Cache-Control', 'private, no-cache').header('Vary', 'Authorization');
    if (known === tag) {
      reply.status(HttpStatus.NOT_MODIFIED).header('ETag', tag);
      return undefined;
    }
    const { cursor, epoch, limit } = query;
    const kinds = readKinds(this.catalog, query.kinds);
    const page = await this.pulls.pull(actor, { cursor, kinds, epoch, limit }, head);
    // Not before: a refusal has no tag that could come back as "nothing new".
    reply.header('ETag', tag);
    return {
      epoch: head.epoch,
      server_time: this.clock.date().toISOString(),
      ...pageWire(page),
    };
  }
}
