import { Injectable } from '@nestjs/common';
import { Database } from '../../platform/database/database.js';
import type { Actor } from '../../kernel/http/actor.js';
import { RecordCatalog } from '../../kernel/records/catalog.js';
import { ChangeSequence, type Head } from '../../kernel/records/change-sequence.js';
import { type Digest, type Digests, EMPTY_DIGEST, moveDigest } from '../../kernel/records/digest.js';
import type { RecordKind } from '../../kernel/records/record-kind.js';
import type { SyncClient } from '../../kernel/records/sync-client.entity.js';
import { SyncClients } from '../../kernel/records/sync-clients.js';
import { ConflictsRepository } from './conflicts.repository.js';

const MAX_CLIENTS = 100;
const COUNTED_AT_ONCE = 1_000;

interface SyncStatus {
  readonly head: Head;
  readonly openConflicts: number;
  readonly clients: readonly SyncClient[];
  /** The one that was asked for. */
  readonly client: SyncClient | undefined;
}

/** Where a person's sync stands. */
@Injectable()
export class StatusService {
  constructor(
    private readonly catalog: RecordCatalog,
    private readonly sequence: ChangeSequence,
    private readonly clients: SyncClients,
    private readonly conflicts: ConflictsRepository,
    private readonly database: Database,
  ) {}

  async status({ userId }: Actor, clientId: string | undefined): Promise<SyncStatus> {
    const [head, openConflicts, clients, client] = await Promise.all([
      this.sequence.head(userId),
      this.conflicts.of(userId).countOpen(),
      this.clients.list(userId, MAX_CLIENTS),
      clientId === undefined ? undefined : this.clients.find(userId, clientId),
    ]);
    return { head, openConflicts, clients, client };
  }

  /** Kept up to date by every change; counted only when that was not possible. */
  async digests({ userId }: Actor): Promise<{ head: Head; digests: Digests }> {
    const head = await this.sequence.head(userId);
    if (head.digests) return { head, digests: head.digests };
    await this.sequence.change(userId, async (order) => {
      if (!order.knownDigests) order.adopt(await this.count(userId));
    });
    return this.digests({ userId } as Actor);
  }

  private async count(userId: string): Promise<Digests> {
    const counted: Record<string, Digest> = {};
    for (const kind of this.catalog.all) counted[kind.name] = await this.countKind(userId, kind);
    return counted;
  }

  private async countKind(userId: string, { table: { name } }: RecordKind): Promise<Digest> {
    let digest = EMPTY_DIGEST;
    for (let after = ''; ;) {
      const rows = await this.database.rows<{
        id: string;
        version: unknown;
        place: string;
        deleted: unknown;
      }>(
        `SELECT id, version, CAST(seq AS CHAR) AS place, deleted_at IS NOT NULL AS deleted
         FROM ${name} WHERE user_id = ? AND id > ? ORDER BY id LIMIT ${COUNTED_AT_ONCE}`,
        [userId, after],
      );
      for (const { id, version, place, deleted } of rows)
        digest = moveDigest(
          digest,
          id,
          undefined,
          Number(deleted) === 1 ? undefined : Number(version),
          BigInt(place),
        );
      const last = rows.at(-1);
      if (!last || rows.length < COUNTED_AT_ONCE) return digest;
      after = last.id;
    }
  }
}
