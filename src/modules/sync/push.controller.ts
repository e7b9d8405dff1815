import { Body, Controller, Headers, Post } from '@nestjs/common';
import { ApiHeader } from '@nestjs/swagger';
import { Clock } from '../../platform/clock.js';
import { type Actor, CurrentActor } from '../../kernel/http/actor.js';
import { Problem } from '../../kernel/http/problem.js';
import { Idempotent } from '../../kernel/idempotency/idempotency.interceptor.js';
import { Endpoint } from '../../kernel/openapi/endpoint.js';
import { ClientVersions, ClientVersionHeader } from './client-versions.js';
import { EventsDto, EventsResultDto, mutationOf } from './events.dto.js';
import { PullService } from './pull.service.js';
import { pageWire } from './pull.wire.js';
import { PushDto, PushResultDto } from './push.dto.js';
import { PushService } from './push.service.js';
import { eventResultWire, resultWire } from './push.wire.js';
import { SyncSection } from './sync-section.js';

const UserHeader = () =>
  ApiHeader({
    name: 'X-Sync-User',
    required: false,
    description: 'Id of the person whose outbox this is: an outbox never goes to another account by mistake.',
    schema: { type: 'string', format: 'uuid', example: '019b94ff-a2e0-7d3a-9a61-5d6a5b1f4c33' },
  });

@SyncSection()
@Controller('api/sync')
export class PushController {
  constructor(
    private readonly pushes: PushService,
    private readonly pulls: PullService,
    private readonly versions: ClientVersions,
    private readonly clock: Clock,
  ) {}

  @Post('push')
  @Idempotent()
  @UserHeader()
  @ClientVersionHeader()
  @Endpoint({
    summary: 'Send what was done on a device',
    description:
      '1 to 100 mutations of any kind, applied in the order of `client_seq`. Each gets a result that is final, in the order they were sent. May be repeated until an answer arrives: what took effect already is answered as `duplicate`.',
    returns: PushResultDto,
    errors: ['epoch-changed', 'user-mismatch', 'upgrade-required', 'idempotency-key-reused'],
  })
  async pushChanges(
    @CurrentActor() actor: Actor,
    @Body() body: PushDto,
    @Headers('x-sync-user') user?: string,
    @Headers('x-client-version') clientVersion?: string,
    @Headers('idempotency-key') key?: string,
  ): Promise<PushResultDto> {
    this.admit(actor, user, clientVersion);
    const { client_id: clientId, epoch, client_time: time, mutations, cursor } = body;
    const clientTime = time === undefined ? undefined : new Date(time);
    const answer = await this.pushes.push(actor, { clientId, epoch, clientTime, mutations });
    const result = resultWire(answer, this.clock.date());
    // The answer to a key is kept: what changed elsewhere has no place in it.
    if (cursor === undefined || key !== undefined) return result;
    return { ...result, ...(await this.nextPage(actor, cursor)) };
  }

  @Post('events')
  @UserHeader()
  @ClientVersionHeader()
  @Endpoint({
    summary: 'Send what happened on a device',
    description:
      'For a device that only reports: the same as push, in the words of an event queue, and without an epoch. May be repeated until an answer arrives.',
    returns: EventsResultDto,
    errors: ['user-mismatch', 'upgrade-required'],
  })
  async sendEvents(
    @CurrentActor() actor: Actor,
    @Body() body: EventsDto,
    @Headers('x-sync-user') user?: string,
    @Headers('x-client-version') clientVersion?: string,
  ): Promise<EventsResultDto> {
    this.admit(actor, user, clientVersion);
    const { client_id: clientId, client_time: time, events } = body;
    const clientTime = time === undefined ? undefined : new Date(time);
    const mutations = events.map(mutationOf);
    const answer = await this.pushes.push(actor, { clientId, epoch: undefined, clientTime, mutations });
    return eventResultWire(answer, this.clock.date());
  }

  private admit(actor: Actor, user: string | undefined, clientVersion: string | undefined): void {
    if (user !== undefined && user.toLowerCase() !== actor.userId) throw new Problem('user-mismatch');
    this.versions.admit(clientVersion);
  }

  /** What was stored stays stored whatever becomes of the cursor: the next pull will tell. */
  private async nextPage(actor: Actor, cursor: string): Promise<Partial<PushResultDto>> {
    try {
      const kinds = this.pulls.kindsOf(actor, cursor);
      const head = await this.pulls.head(actor);
      const page = await this.pulls.pull(actor, { cursor, kinds, epoch: undefined, limit: 500 }, head);
      return pageWire(page);
    } catch (error) {
      if (error instanceof Problem) return {};
      throw error;
    }
  }
}
