import { Controller, Get, Query } from '@nestjs/common';
import { Clock } from '../../platform/clock.js';
import { type Actor, CurrentActor } from '../../kernel/http/actor.js';
import { toWire } from '../../kernel/http/wire.js';
import { Endpoint } from '../../kernel/openapi/endpoint.js';
import { RecordCatalog } from '../../kernel/records/catalog.js';
import { EMPTY_DIGEST } from '../../kernel/records/digest.js';
import { MAX_PAGE } from './pull.dto.js';
import { readKinds } from './pull.wire.js';
import { MAX_MUTATIONS } from './push.dto.js';
import { DigestDto, DigestQuery, StatusQuery, SyncClientDto, SyncStatusDto } from './status.dto.js';
import { StatusService } from './status.service.js';
import { SyncSection } from './sync-section.js';

const POLL_SECONDS = 60;

@SyncSection()
@Controller('api/sync')
export class StatusController {
  constructor(
    private readonly statuses: StatusService,
    private readonly catalog: RecordCatalog,
    private readonly clock: Clock,
  ) {}

  @Get('status')
  @Endpoint({
    summary: 'See where sync stands',
    description:
      'For a screen that shows the devices, and for a client that asks what the service has from it.',
    returns: SyncStatusDto,
  })
  async syncStatus(@CurrentActor() actor: Actor, @Query() query: StatusQuery): Promise<SyncStatusDto> {
    const { client_id: asked } = query;
    const { head, openConflicts, clients, client } = await this.statuses.status(actor, asked);
    return {
      epoch: head.epoch,
      seq: `${head.seq}`,
      server_time: this.clock.date().toISOString(),
      conflicts: openConflicts,
      last_client_seq: Number(client?.lastClientSeq ?? 0),
      clients: clients.map((each) =>
        toWire(SyncClientDto, {
          ...each,
          lastClientSeq: Number(each.lastClientSeq),
          current: each.clientId === (asked ?? actor.deviceId),
        }),
      ),
      limits: { mutations: MAX_MUTATIONS, pull: MAX_PAGE, poll_seconds: POLL_SECONDS },
      kinds: this.catalog.all.map(({ name }) => name),
    };
  }

  @Get('digest')
  @Endpoint({
    summary: 'Compare stores',
    description:
      'After a drain, a client whose own sums differ has missed something: it drops the cursor and begins anew.',
    returns: DigestDto,
  })
  async syncDigest(@CurrentActor() actor: Actor, @Query() query: DigestQuery): Promise<DigestDto> {
    const kinds = readKinds(this.catalog, query.kinds);
    const { head, digests } = await this.statuses.digests(actor);
    return {
      epoch: head.epoch,
      seq: `${head.seq}`,
      kinds: kinds.map(({ name }) => {
        const { count, sum } = digests[name] ?? EMPTY_DIGEST;
        return { kind: name, count, sum64: `${sum}` };
      }),
    };
  }
}
