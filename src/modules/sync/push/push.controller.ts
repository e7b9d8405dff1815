import { Body, Controller, Headers, Post } from '@nestjs/common';
import { ApiHeader } from '@nestjs/swagger';
import { type Actor, CurrentActor } from '../../../kernel/http/actor.js';
import { Idempotent } from '../../../kernel/idempotency/idempotency.interceptor.js';
import { Endpoint } from '../../../kernel/http/openapi/endpoint.js';
import { ClientVersionHeader } from './client-versions.js';
import { EventsDto, EventsResultDto } from './events.dto.js';
import { PushDto, PushResultDto } from './push.dto.js';
import { PushService } from './push.service.js';
import { SyncSection } from '../sync-section.js';

const UserHeader = () =>
  ApiHeader({
    name: 'X-Sync-User',
    required: false,
    description:
      'Id of the owner of the outbox, so that an outbox is never sent to another account by mistake.',
    schema: { type: 'string', format: 'uuid', example: '019b94ff-a2e0-7d3a-9a61-5d6a5b1f4c33' },
  });

@SyncSection()
@Controller('api/sync')
export class PushController {
  constructor(private readonly pushes: PushService) {}

  @Post('push')
  @Idempotent()
  @UserHeader()
  @ClientVersionHeader()
  @Endpoint({
    summary: 'Push changes',
    description:
      'Send 1 to 100 mutations of any kind. They are applied in the order of `client_seq`; the results are final and in the order of the request. Repeat the request until an answer arrives: a mutation that was applied before is answered as `duplicate`.',
    returns: PushResultDto,
    errors: [
      'epoch-changed',
      'user-mismatch',
      'quota-exceeded',
      'upgrade-required',
      'idempotency-key-reused',
    ],
  })
  pushChanges(
    @CurrentActor() actor: Actor,
    @Body() body: PushDto,
    @Headers('x-sync-user') user?: string,
    @Headers('x-client-version') clientVersion?: string,
    @Headers('idempotency-key') idempotencyKey?: string,
  ): Promise<PushResultDto> {
    return this.pushes.push(actor, body, { user, clientVersion, idempotencyKey });
  }

  @Post('events')
  @UserHeader()
  @ClientVersionHeader()
  @Endpoint({
    summary: 'Push events',
    description:
      'For a device that only reports, such as a watch: like push, with the field names of an event queue and without an epoch. Repeat the request until an answer arrives.',
    returns: EventsResultDto,
    errors: ['user-mismatch', 'quota-exceeded', 'upgrade-required'],
  })
  sendEvents(
    @CurrentActor() actor: Actor,
    @Body() body: EventsDto,
    @Headers('x-sync-user') user?: string,
    @Headers('x-client-version') clientVersion?: string,
  ): Promise<EventsResultDto> {
    return this.pushes.report(actor, body, { user, clientVersion });
  }
}
