import { Injectable } from '@nestjs/common';
import { Clock } from '../../../platform/clock.js';
import { Database } from '../../../platform/database/database.js';
import type { Actor } from '../../../kernel/http/actor.js';
import { RecordCatalog } from '../../../records/define/record-catalog.js';
import { ChangeSequence, type Head } from '../../../records/write/change-sequence.js';
import { type Digest, type Digests, EMPTY_DIGEST, moveDigest } from '../../../records/merge/digest.js';
import type { Owner } from '../../../records/define/owner.js';
import { person } from '../../../records/define/person/person.owner.js';
import type { RecordKind } from '../../../records/define/record-kind.js';
import { SyncClients } from '../../../records/write/sync-clients.js';
import { ConflictsService } from '../conflicts/conflicts.service.js';
import { MAX_PAGE } from '../pull/pull.dto.js';
import { readKinds } from '../pull/requested-kinds.js';
import { MAX_MUTATIONS } from '../push/push.dto.js';
import type { DigestDto, SyncStatusDto } from './status.dto.js';

const MAX_CLIENTS = 100;
const COUNTED_AT_ONCE = 1_000;
const POLL_SECONDS = 60;

/** The state of a person's sync. */
@Injectable()
export class StatusService {
  constructor(
    private readonly catalog: RecordCatalog,
    private readonly sequence: ChangeSequence,
    private readonly clients: SyncClients,
    private readonly conflicts: ConflictsService,
    private readonly database: Database,
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
    const { head, digests } = await this.digests(owner);
    return {
      epoch: head.epoch,
      seq: `${head.seq}`,
      kinds: kinds.map(({ name }) => {
        const { count, sum } = digests[name] ?? EMPTY_DIGEST;
        return { kind: name, count, sum64: `${sum}` };
      }),
    };
  }

  /** Every change updates the digests; they are counted from the rows only when they are missing. */
  async digests(owner: Owner): Promise<{ head: Head; digests: Digests }> {
    const head = await this.sequence.head(owner);
    const { digests } = head;
    if (digests) return { head, digests };
    await this.sequence.change(owner, async (order) => {
      if (!order.knownDigests) order.adopt(await this.count(owner));
    });
    return this.digests(owner);
  }

  private async count(owner: Owner): Promise<Digests> {
    const counted: Record<string, Digest> = {};
    for (const kind of this.catalog.ownedBy(owner.type))
      counted[kind.name] = await this.countKind(owner, kind);
    return counted;
  }

  private async countKind({ type, id: ownerId }: Owner, { table: { name } }: RecordKind): Promise<Digest> {
    let digest = EMPTY_DIGEST;
    for (let after = ''; ;) {
      const rows = await this.database.rows<{ id: string; version: unknown; seq: unknown; deleted: unknown }>(
        `SELECT id, version, seq, deleted_at IS NOT NULL AS deleted
         FROM ${name} WHERE ${type.column} = ? AND id > ? ORDER BY id LIMIT ${COUNTED_AT_ONCE}`,
        [ownerId, after],
      );
      for (const { id, version, seq, deleted } of rows)
        digest = moveDigest(
          digest,
          id,
          undefined,
          Number(deleted) === 1 ? undefined : Number(version),
          Number(seq),
        );
      const last = rows.at(-1);
      if (!last || rows.length < COUNTED_AT_ONCE) return digest;
      after = last.id;
    }
  }
}
