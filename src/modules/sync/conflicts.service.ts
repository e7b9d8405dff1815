import { Injectable } from '@nestjs/common';
import { v7 as uuidv7 } from 'uuid';
import type { Actor } from '../../kernel/http/actor.js';
import { type FieldError, invalidField, Problem } from '../../kernel/http/problem.js';
import { toWire } from '../../kernel/http/wire.js';
import { RecordCatalog } from '../../kernel/records/catalog.js';
import type { Conflict } from '../../kernel/records/conflict.entity.js';
import { conflictRecord } from '../../kernel/records/conflict.record.js';
import type { Place, RecordPage } from '../../kernel/records/owned-records.js';
import type { Entered } from '../../kernel/records/record.js';
import type { RecordChanges } from '../../kernel/records/record-changes.js';
import type { RecordKind } from '../../kernel/records/record-kind.js';
import { Records, stampNow } from '../../kernel/records/records.js';
import type { SyncedRecord } from '../../kernel/records/synced-record.js';
import { type Choice, ConflictDto } from './conflicts.dto.js';
import { ConflictsRepository } from './conflicts.repository.js';
import type { Change } from './pull-page.js';

export interface Resolution {
  readonly choice: Choice;
  readonly fields: object | undefined;
}

const FORGOTTEN_AT_ONCE = 1_000;

/** What two devices did without knowing of each other, until somebody chooses. */
@Injectable()
export class ConflictsService {
  constructor(
    private readonly conflicts: ConflictsRepository,
    private readonly catalog: RecordCatalog,
    private readonly records: Records,
  ) {}

  list(actor: Actor, status: string | undefined, place: Place): Promise<RecordPage<Conflict>> {
    return this.conflicts.of(actor.userId).page(status, place);
  }

  /** @throws Problem `not-found`, `conflict-resolved`, `validation` when the fields do not make a record */
  resolve(
    actor: Actor,
    id: string,
    resolution: Resolution,
  ): Promise<{ conflict: Conflict; written: Change | undefined }> {
    const own = this.catalog.get(conflictRecord.kind);
    return this.records.change(actor.userId, async (changes) => {
      await changes.load(own, [id]);
      const conflict = changes.find(own, id) as Conflict | undefined;
      if (!conflict || conflict.deletedAt !== null) throw new Problem('not-found');
      if (conflict.status !== 'open')
        throw new Problem('conflict-resolved', { members: { conflict: toWire(ConflictDto, conflict) } });
      const written = await this.write(actor, changes, conflict, resolution);
      const closed = closedConflict(changes, conflict, resolution.choice);
      changes.put(own, closed);
      return { conflict: closed, written };
    });
  }

  /**
   * Ends conflicts that are older: nobody chose in time, so what holds stays, and what lost is not kept for ever.
   * @returns how many.
   */
  async forget(userId: string, before: Date): Promise<number> {
    const old = () => this.conflicts.of(userId).olderThan(before, FORGOTTEN_AT_ONCE);
    if ((await old()).length === 0) return 0;
    const kind = this.catalog.get(conflictRecord.kind);
    return this.records.change(userId, async (changes) => {
      const ended = await old();
      changes.know(kind, ended);
      for (const conflict of ended) changes.put(kind, forgottenConflict(changes, conflict));
      return ended.length;
    });
  }

  /** Makes the choice hold. */
  private async write(
    actor: Actor,
    changes: RecordChanges,
    { recordKind, recordId, winner, loser }: Conflict,
    { choice, fields }: Resolution,
  ): Promise<Change | undefined> {
    if (choice === 'keep_server') return undefined;
    if (choice === 'merged' && fields === undefined)
      throw invalidField('fields', 'required', 'merged needs the fields that shall hold');
    const kind = this.catalog.get(recordKind);
    await changes.load(kind, [recordId]);
    const current = changes.find(kind, recordId);
    const entered = enteredOf(kind, current, choice === 'merged' ? fields : (loser?.data ?? {}));
    const isCopy = choice === 'keep_both' || !current;
    const { record } = changes.apply({
      kind,
      id: choice === 'keep_both' ? uuidv7() : recordId,
      op: isCopy ? 'create' : 'update',
      entered: isCopy && current ? { ...kind.entered(current), ...entered } : entered,
      stamp: stampNow(actor, changes),
      // What the conflict shows is what was seen. What came after it was not: the choice replaces it, and it is kept.
      baseVersion: winner?.version ?? undefined,
    });
    return record && { kind, record };
  }
}

/** Without a record to change, everything is needed to make one. */
function enteredOf(kind: RecordKind, current: SyncedRecord | undefined, fields: unknown): Entered {
  const entered = current ? kind.readSome(fields) : kind.readAll(fields);
  if (!Array.isArray(entered)) return entered as Entered;
  throw new Problem('validation', {
    errors: (entered as FieldError[]).map((error) => ({ ...error, field: `fields.${error.field}` })),
  });
}

const closedConflict = (changes: RecordChanges, conflict: Conflict, choice: string): Conflict => ({
  ...conflict,
  status: 'resolved',
  resolution: choice,
  resolvedAt: changes.order.stamp,
  updatedAt: changes.order.stamp,
  modifiedAt: changes.order.stamp,
  version: conflict.version + 1,
  seq: changes.order.next(),
});

/** A tombstone without what was entered. */
const forgottenConflict = (changes: RecordChanges, conflict: Conflict): Conflict => ({
  ...closedConflict(changes, conflict, conflict.resolution ?? 'keep_server'),
  winner: null,
  loser: null,
  deletedAt: changes.order.stamp,
});
