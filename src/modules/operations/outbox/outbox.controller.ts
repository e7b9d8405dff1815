import { Controller, Get, Post, Query } from '@nestjs/common';
import { type Actor, AdminOnly, CurrentActor } from '../../../kernel/http/actor.js';
import { pageOf } from '../../../kernel/http/paging.js';
import { Endpoint } from '../../../kernel/http/openapi/endpoint.js';
import { Section } from '../../../kernel/http/openapi/section.js';
import { DeadLetterPageDto, DeadLetterQuery, RetriedDto, RetryQuery } from './outbox.dto.js';
import { OutboxService } from './outbox.service.js';

@Section(
  'Administration',
  'For admins who signed in with a second factor. Every view and every change of an account is recorded in the access log of its owner.',
  4,
)
@AdminOnly()
@Controller('api/admin/outbox/dead')
export class OutboxController {
  constructor(private readonly outbox: OutboxService) {}

  @Get()
  @Endpoint({
    summary: 'List dead letters',
    description:
      'Events whose delivery failed twenty times. The request and its reason are recorded in the audit log.',
    returns: DeadLetterPageDto,
  })
  async listDeadLetters(
    @CurrentActor() actor: Actor,
    @Query() { reason, ...place }: DeadLetterQuery,
  ): Promise<DeadLetterPageDto> {
    return pageOf(place, await this.outbox.list(actor, place, reason));
  }

  @Post('retry')
  @Endpoint({
    summary: 'Retry dead letters',
    description: 'Delivers them as soon as possible, with up to twenty more attempts.',
    returns: RetriedDto,
    status: 200,
  })
  retryDeadLetters(
    @CurrentActor() actor: Actor,
    @Query() { reason, subscriber }: RetryQuery,
  ): Promise<RetriedDto> {
    return this.outbox.retry(actor, subscriber, reason);
  }
}
