import { Injectable } from '@nestjs/common';
import { Database } from '../../../platform/database/database.js';
import { type DigestCount, type Digests, EMPTY_DIGEST, moveDigest } from '../../../records/merge/digest.js';
import type { Owner, OwnerType } from '../../../records/define/owner.js';
import { RecordCatalog } from '../../../records/define/record-catalog.js';
import type { RecordKind } from '../../../records/define/record-kind.js';
import { type ChangeSet, ChangeSequence, type Head } from '../../../records/write/change-sequence.js';

interface CountedRow {
  readonly id: string;
  readonly version: unknown;
  readonly seq: unknown;
  readonly deleted: unknown;
}

/**
 * The digests of an owner's records. Every change updates them. They are missing after a restore, and are counted from the
 * records then: in many short units of work, between which requests of the owner and of others go on, changes included. See
 * `docs/decisions/0041-a-missing-digest-is-counted-in-steps.md`.
 */
@Injectable()
export class DigestsService {
  /** Records that are counted in one unit of work: few milliseconds, in which the owner's lock is held. */
  protected readonly step: number = 1_000;

  constructor(
    private readonly catalog: RecordCatalog,
    private readonly sequence: ChangeSequence,
    private readonly database: Database,
  ) {}

  /**
   * The digests and the head at which they are valid. Requests that come while they are counted go on with the same count,
   * also those that reach another instance.
   */
  async of(owner: Owner): Promise<{ head: Head; digests: Digests }> {
    for (;;) {
      const head = await this.sequence.head(owner);
      const { digests } = head;
      if (digests) return { head, digests };
      await this.sequence.change(owner, (changes) => this.count(changes));
    }
  }

  /** Counts the next records, over all kinds in the order of their names, and adopts the digests after the last. */
  private async count(changes: ChangeSet): Promise<void> {
    if (changes.knownDigests) return;
    let count: DigestCount = changes.unfinishedCount ?? { kind: '', id: '', digests: {} };
    let room = this.step;
    for (const kind of inOrder(this.catalog, changes.owner.type)) {
      if (kind.name < count.kind) continue;
      const after = kind.name === count.kind ? count.id : '';
      const rows = await this.rows(changes.owner, kind, after, room);
      count = { kind: kind.name, id: rows.at(-1)?.id ?? after, digests: add(count.digests, kind.name, rows) };
      room -= rows.length;
      if (room === 0) return changes.counted(count);
    }
    changes.adopt(count.digests);
  }

  private rows(
    { type, id }: Owner,
    { table: { name } }: RecordKind,
    after: string,
    limit: number,
  ): Promise<CountedRow[]> {
    return this.database.rows<CountedRow>(
      `SELECT id, version, seq, deleted_at IS NOT NULL AS deleted
       FROM ${name} WHERE ${type.column} = ? AND id > ? ORDER BY id LIMIT ?`,
      [id, after, limit],
      false,
    );
  }
}

const inOrder = (catalog: RecordCatalog, type: OwnerType): RecordKind[] =>
  catalog.ownedBy(type).toSorted((a, b) => (a.name < b.name ? -1 : 1));

/** The digests after the next records of a kind. */
function add(digests: Digests, kind: string, rows: readonly CountedRow[]): Digests {
  let digest = digests[kind] ?? EMPTY_DIGEST;
  for (const { id, version, seq, deleted } of rows) {
    const live = Number(deleted) === 1 ? undefined : Number(version);
    digest = moveDigest(digest, id, undefined, live, Number(seq));
  }
  return { ...digests, [kind]: digest };
}
