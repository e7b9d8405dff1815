import { Injectable } from '@nestjs/common';
import { v7 as uuidv7 } from 'uuid';
import type { Actor } from '../../../kernel/http/actor.js';
import type { Listing, Place } from '../../../kernel/http/paging.js';
import { type FieldError, invalidField, Problem } from '../../../kernel/http/problem.js';
import { write } from '../../../kernel/http/answer.js';
import { RecordCatalog } from '../../../records/define/record-catalog.js';
import type { Conflict } from '../../../records/define/conflict.js';
import type { Owner } from '../../../records/define/owner.js';
import { person } from '../../../records/define/person/person.owner.js';
import type { Change } from '../../../records/read/change-feed.js';
import type { Entered } from '../../../records/define/define-record.js';
import type { RecordChanges } from '../../../records/merge/record-changes.js';
import type { RecordKind } from '../../../records/define/record-kind.js';
import { stampNow } from '../../../records/write/record-repository.js';
import { Records } from '../../../records/write/records.js';
import type { Listed } from '../../../records/define/synced-record.js';
import { changeOf } from '../pull/change.dto.js';
import { ALIASES, type Alias, type Choice, ConflictDto, type ResolvedConflictDto } from './conflicts.dto.js';
import { ConflictsRepository } from './conflicts.repository.js';

export interface Resolution {
  readonly choice: Choice | Alias;
  readonly fields?: object | undefined;
}

interface Chosen {
  readonly choice: Choice;
  readonly fields: object | undefined;
}

const isAlias = (choice: Choice | Alias): choice is Alias => choice in ALIASES;

/** `resolution` keeps its first names, because apps in use read it. */
const RECORDED = {
  keep_current: 'keep_server',
  use_other: 'use_mine',
  keep_both: 'keep_both',
  merged: 'merged',
} as const satisfies Record<Choice, string>;

const FORGOTTEN_AT_ONCE = 1_000;

/** Conflicts between independent edits of two devices, and their resolution. */
@Injectable()
export class ConflictsService {
  constructor(
    private readonly catalog: RecordCatalog,
    private readonly records: Records,
  ) {}

  list(actor: Actor, status: string | undefined, place: Place): Promise<Listing<Listed<Conflict>>> {
    return this.of(person(actor.userId)).list(status, place);
  }

  /** @throws Problem `not-found`, `conflict-resolved`, `validation` when the fields are not a valid record */
  async resolve(actor: Actor, id: string, resolution: Resolution): Promise<ResolvedConflictDto> {
    const owner = person(actor.userId);
    const own = this.catalog.get(owner.type.conflicts);
    const { conflict, written } = await this.records.change(owner, async (changes) => {
      await changes.load(own, [id]);
      const conflict = changes.find(own, id) as Conflict | undefined;
      if (!conflict || conflict.deletedAt !== null) throw new Problem('not-found');
      if (conflict.status !== 'open')
        throw new Problem('conflict-resolved', { members: { conflict: write(ConflictDto, conflict) } });
      const { choice: named, fields } = resolution;
      const choice = isAlias(named) ? ALIASES[named] : named;
      const written = await this.write(actor, changes, conflict, { choice, fields });
      const closed = closedConflict(changes, conflict, RECORDED[choice]);
      changes.put(own, closed);
      return { conflict: closed, written };
    });
    // Only now the record has the values that depend on others.
    return { conflict, ...(written ? { record: changeOf(written.kind, written.record) } : {}) };
  }

  /**
   * Deletes old conflicts: nobody chose in time, so the stored version stays, and the losing version is not kept for ever.
   * @returns how many.
   */
  async forget(owner: Owner, before: Date): Promise<number> {
    const old = () => this.of(owner).olderThan(before, FORGOTTEN_AT_ONCE);
    if ((await old()).length === 0) return 0;
    const kind = this.catalog.get(owner.type.conflicts);
    return this.records.change(owner, async (changes) => {
      const ended = await old();
      changes.know(kind, ended);
      for (const conflict of ended) changes.put(kind, forgottenConflict(changes, conflict));
      return ended.length;
    });
  }

  countOpen(owner: Owner): Promise<number> {
    return this.of(owner).countOpen();
  }

  private of(owner: Owner): ConflictsRepository {
    return new ConflictsRepository(this.records, owner);
  }

  /** Writes the chosen version. */
  private async write(
    actor: Actor,
    changes: RecordChanges,
    { recordKind, recordId, winner, loser }: Conflict,
    { choice, fields }: Chosen,
  ): Promise<Change | undefined> {
    const kind = this.catalog.get(recordKind);
    if (choice === 'merged' && fields === undefined)
      throw invalidField('fields', 'required', 'merged needs the merged fields');
    // Other choices do not use the fields, but a client that sends invalid ones has a defect and must learn of it.
    if (choice !== 'merged' && fields !== undefined) enteredOf(kind, 'part', fields);
    if (choice === 'keep_current') return undefined;
    await changes.load(kind, [recordId]);
    const current = changes.find(kind, recordId);
    const entered = enteredOf(
      kind,
      current ? 'part' : 'whole',
      choice === 'merged' ? fields : (loser?.data ?? {}),
    );
    const isCopy = choice === 'keep_both' || !current;
    const id = choice === 'keep_both' ? uuidv7() : recordId;
    const held = current ? { ...kind.entered(current), ...entered } : entered;
    const values = choice === 'keep_both' ? apartOf(kind, held, entered) : held;
    // The id of the source belongs to the one record that the source uploads again, and the person's values are none of its words.
    const isOnlyOfPerson = isCopy && kind.isUploaded;
    const whole = isOnlyOfPerson ? { ...values, externalId: null } : values;
    kind.checked(whole, id);
    const edit = {
      kind,
      id,
      op: isCopy ? ('create' as const) : ('update' as const),
      entered: isCopy ? whole : entered,
      stamp: stampNow(actor, changes),
      // The person chose by what the conflict shows. The choice replaces later edits; the merge keeps those as a conflict.
      baseVersion: winner?.version ?? undefined,
    };
    await changes.loadReferences([edit]);
    const { record } = changes.apply(edit);
    return record && { kind, record };
  }
}

/** An update needs some of the fields; a record that does not exist any more is created and needs all of them. */
function enteredOf(kind: RecordKind, size: 'part' | 'whole', fields: unknown): Entered {
  const entered = size === 'part' ? kind.readSome(fields) : kind.readAll(fields);
  if (!Array.isArray(entered)) return entered as Entered;
  throw new Problem('validation', {
    errors: (entered as FieldError[]).map((error) => ({ ...error, field: `fields.${error.field}` })),
  });
}

/** @throws Problem `validation` if there cannot be two records */
function apartOf(kind: RecordKind, values: Entered, lost: Entered): Entered {
  const apart = kind.definition.apart(values, lost);
  if (apart) return apart;
  throw invalidField(
    'choice',
    'not-allowed',
    `there cannot be two of this ${kind.name}: choose keep_current, use_other or merged`,
  );
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

/** The tombstone of a conflict, without the entered values. */
const forgottenConflict = (changes: RecordChanges, conflict: Conflict): Conflict => ({
  ...closedConflict(changes, conflict, conflict.resolution ?? 'keep_server'),
  winner: null,
  loser: null,
  deletedAt: changes.order.stamp,
});
