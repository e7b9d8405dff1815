import { Body, Controller, Get, Headers, Post, Query } from '@nestjs/common';
import { type Actor, CurrentActor } from '../../../kernel/http/actor.js';
import type { Conditional } from '../../../kernel/http/conditional.js';
import { Endpoint } from '../../../kernel/http/openapi/endpoint.js';
import { Section } from '../../../kernel/http/openapi/section.js';
import { Idempotent } from '../../../kernel/idempotency/idempotency.interceptor.js';
import { DeviceHeader } from './sync-origin.js';
import { WeightSyncService } from './weight-sync.service.js';
import { WeightChangesDto, WeightChangesQuery } from './weight-changes.dto.js';
import { WeightSyncRequestDto, WeightSyncResultDto } from './weight-sync.dto.js';

@Section(
  'Weight sync',
  'Weights of a phone that is often offline. It sends its changes, then gets changes of other devices until `has_more` is false, and keeps `next_since` for the next time. Both requests may be repeated. Apps that store more than weights should use Sync.',
)
@Controller('api/health-metrics/weight/sync')
export class WeightSyncController {
  constructor(private readonly sync: WeightSyncService) {}

  @Post()
  @Idempotent()
  @DeviceHeader()
  @Endpoint({
    summary: 'Push weights',
    description:
      'Send 1 to 100 entries. Every entry is in exactly one list of the answer: `synced`, `conflicts` or `rejected`. Repeat the request until an answer arrives: an entry that was stored before is answered as `duplicate`. The newest edit wins.',
    returns: WeightSyncResultDto,
    errors: ['quota-exceeded', 'idempotency-key-reused'],
  })
  pushWeights(
    @CurrentActor() actor: Actor,
    @Body() body: WeightSyncRequestDto,
    @Headers('x-device-id') deviceId?: string,
  ): Promise<WeightSyncResultDto> {
    return this.sync.push(actor, deviceId, body);
  }

  @Get()
  @DeviceHeader()
  @Endpoint({
    summary: 'Pull weights',
    description:
      'Start without `since`; then send the `next_since` of the answer, at once while `has_more` is true. Store entries by `server_id`; an entry may be delivered twice. `If-None-Match` with the last `ETag` answers 304 if nothing changed.',
    returns: WeightChangesDto,
    conditional: true,
  })
  pullWeights(
    @CurrentActor() actor: Actor,
    @Query() query: WeightChangesQuery,
    @Headers('x-device-id') deviceId?: string,
  ): Promise<Conditional<WeightChangesDto>> {
    return this.sync.pull(actor, deviceId, query);
  }
}
