import { Injectable } from '@nestjs/common';
import { Clock } from '../../../platform/clock.js';
import type { Actor } from '../../../kernel/http/actor.js';
import { RecordCatalog } from '../../../records/define/record-catalog.js';
import { ChangeSequence } from '../../../records/write/change-sequence.js';
import { EMPTY_DIGEST } from '../../../records/merge/digest.js';
import type { Owner } from '../../../records/define/owner.js';
import { person } from '../../../records/define/person/person.owner.js';
import { SyncClients } from '../../../records/write/sync-clients.js';
import { ConflictsService } from '../conflicts/conflicts.service.js';
import { MAX_PAGE } from '../pull/pull.dto.js';
import { readKinds } from '../pull/requested-kinds.js';
import { MAX_MUTATIONS } from '../push/push.dto.js';
import { DigestsService } from './digests.service.js';
import type { DigestDto, SyncStatusDto } from './status.dto.js';

const MAX_CLIENTS = 100;
const POLL_SECONDS = 60;

/** The state of a person's sync. */
@Injectable()
export class StatusService {
  constructor(
    private readonly catalog: RecordCatalog,
    private readonly sequence: ChangeSequence,
    private readonly clients: SyncClients,
    private readonly conflicts: ConflictsService,
    private readonly digests: DigestsService,
    private readonly clock: Clock,
  ) {}

  /** @param asked the client whose `last_client_seq` is asked for. */
  async status({ userId, deviceId }: Actor, asked: string | undefined): Promise<SyncStatusDto> {
    const owner = person(userId);
    const [head, conflicts, clients, client] = await Promise.all([
      this.sequence.head(owner),
      this.conflicts.countOpen(owner),
      this.clients.list(userId, MAX_CLIENTS),
      asked === undefined ? undefined : this.clients.find(userId, asked),
    ]);
    return {
      epoch: head.epoch,
      seq: `${head.seq}`,
      serverTime: this.clock.date(),
      conflicts,
      lastClientSeq: client?.lastClientSeq ?? 0,
      clients: clients.map((each) => ({ ...each, current: each.clientId === (asked ?? deviceId) })),
      limits: { mutations: MAX_MUTATIONS, pull: MAX_PAGE, pollSeconds: POLL_SECONDS },
      kinds: this.catalog.ownedBy(owner.type).map(({ name }) => name),
    };
  }

  /** @throws Problem `validation` for an unknown kind */
  async digest(owner: Owner, names: string | undefined): Promise<DigestDto> {
    const kinds = readKinds(this.catalog, owner.type, names);
    const { head, digests } = await this.digests.of(owner);
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
