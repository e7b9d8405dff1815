import { Body, Controller, Get, Headers, HttpStatus, Post, Query, Res } from '@nestjs/common';
import { ApiHeader } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { type Actor, CurrentActor } from '../../kernel/http/actor.js';
import { Endpoint } from '../../kernel/openapi/endpoint.js';
import { Section } from '../../kernel/openapi/section.js';
import { Idempotent } from '../../kernel/idempotency/idempotency.interceptor.js';
import { itemHash } from '../../kernel/records/local-ids.js';
import { invalidField } from '../../kernel/http/problem.js';
import { Clock } from '../../platform/clock.js';
import { changesWire, readItems, resultWire } from './weight-sync.wire.js';
import { readSince, type SyncOrigin, WeightSyncService } from './weight-sync.service.js';
import { WeightChangesDto, WeightChangesQuery } from './weight-changes.dto.js';
import { WeightSyncRequestDto, WeightSyncResultDto } from './weight-sync.dto.js';

const DEVICE_ID = /^[A-Za-z0-9._:-]{1,64}$/;
const DeviceHeader = () =>
  ApiHeader({
    name: 'X-Device-Id',
    required: false,
    description:
      'Id of this installation; `local_id` is private to it. Without it the device named at sign-in counts.',
    schema: { type: 'string', pattern: DEVICE_ID.source, example: 'a1f4c8e2-phone' },
  });

@Section(
  'Weight sync',
  'Weights of a phone that is often offline: send what changed on it, then get what changed elsewhere, until `has_more` is false. The phone keeps `next_since` for the next time. Both may be repeated at will. Apps that keep more than weights use Sync.',
)
@Controller('api/health-metrics/weight/sync')
export class WeightSyncController {
  constructor(
    private readonly sync: WeightSyncService,
    private readonly clock: Clock,
  ) {}

  @Post()
  @Idempotent()
  @DeviceHeader()
  @Endpoint({
    summary: 'Send what changed on a phone',
    description:
      '1 to 100 entries. Every entry appears exactly once: in `synced`, `conflicts` or `rejected`. May be repeated until an answer arrives: what was stored already is answered as `duplicate`. The newest edit wins.',
    returns: WeightSyncResultDto,
    errors: ['idempotency-key-reused'],
  })
  async pushWeights(
    @CurrentActor() actor: Actor,
    @Body() body: WeightSyncRequestDto,
    @Headers('x-device-id') header?: string,
  ): Promise<WeightSyncResultDto> {
    const read = readItems(body.entries);
    const clientTime = body.client_time === undefined ? undefined : new Date(body.client_time);
    const outcomes = await this.sync.push(
      originOf(actor, header ?? actor.deviceId ?? body.device_id),
      read.items,
      clientTime,
    );
    return resultWire(body.entries, read, outcomes, this.clock.date());
  }

  @Get()
  @DeviceHeader()
  @Endpoint({
    summary: 'Get what changed since last time',
    description:
      'Start without `since`; then send `next_since` of the answer, at once while `has_more`. Store entries by `server_id`; getting one twice is harmless. `If-None-Match` with the last `ETag` answers 304 when nothing changed.',
    returns: WeightChangesDto,
    conditional: true,
  })
  async pullWeights(
    @CurrentActor() actor: Actor,
    @Query() query: WeightChangesQuery,
    @Res({ passthrough: true }) reply: FastifyReply,
    @Headers('x-device-id') header?: string,
    @Headers('if-none-match') known?: string,
  ): Promise<WeightChangesDto | undefined> {
    const origin = originOf(actor, header ?? actor.deviceId);
    const since = readSince(query.since);
    const { epoch, seq } = await this.sync.head(actor);
    const asked = itemHash([origin.deviceId, since?.getTime() ?? 0, query.limit]).slice(0, 16);
    const tag = `W/"${epoch}.${seq}.${asked}"`;
    reply
      .header('ETag', tag)
      .header('Cache-Control', 'private, no-cache')
      .header('Vary', 'Authorization, X-Device-Id');
    if (known === tag) {
      reply.status(HttpStatus.NOT_MODIFIED);
      return undefined;
    }
    return changesWire(await this.sync.changes(origin, since, query.limit), this.clock.date());
  }
}

function originOf(actor: Actor, deviceId: string | undefined): SyncOrigin {
  if (deviceId !== undefined && !DEVICE_ID.test(deviceId))
    throw invalidField(
      'X-Device-Id',
      'invalid',
      'X-Device-Id must be 1 to 64 letters, digits, dots, colons, dashes or underscores',
    );
  return { actor, deviceId: deviceId ?? '' };
}
