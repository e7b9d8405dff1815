import type { FieldError } from '../../../kernel/http/problem.js';
import { TimeSlice } from '../../../platform/time-slice.js';
import { editTime } from '../../../records/merge/merge.js';
import { daysBefore, MUTATION_DAYS } from '../../../records/define/retention.js';
import type { RecordChanges } from '../../../records/merge/record-changes.js';
import type { RecordKind } from '../../../records/define/record-kind.js';
import type { SyncedRecord } from '../../../records/define/synced-record.js';
import { isRefused, type Mutation, type ReadMutation, refusal } from './mutations.js';
import type { LoggedMutation } from './sync-push.entity.js';

type Status = 'applied' | 'merged' | 'duplicate' | 'superseded' | 'conflict' | 'gone' | 'rejected';

/** The outcome of one mutation. */
export interface MutationOutcome {
  readonly status: Status;
  readonly kind?: RecordKind | undefined;
  readonly record?: SyncedRecord | undefined;
  readonly conflictId?: string | undefined;
  readonly error?: FieldError | undefined;
  readonly isClockAdjusted?: boolean;
  /** Whether the mutation restored a deleted record. */
  readonly isRevived?: boolean | undefined;
}

interface Origin {
  readonly clientId: string;
  /** The greatest `client_seq` of earlier requests. */
  readonly lastSeq: number;
  /** The smallest `client_seq` whose result is still stored; undefined if none is. */
  readonly oldest: number | undefined;
  readonly skewMs: number;
}

/** Applies the mutations of one request in the order of `client_seq`; each result is final. */
export class Push {
  private byClientSeq = new Map<number, LoggedMutation>();
  private added: LoggedMutation[] = [];
  /** Another device used one of these positions. Later mutations may be its own too, so they must not count as this device's. */
  private isShared = false;
  /** By record, the groups in this request that create it; undefined stands for a mutation without a group. */
  private creatingGroups = new Map<string, (string | undefined)[]>();
  /** The outcomes for members of failed groups. */
  private readonly refusals = new Map<ReadMutation, MutationOutcome>();

  constructor(
    private readonly changes: RecordChanges,
    private readonly origin: Origin,
    private readonly known: readonly LoggedMutation[],
    private readonly findKind: (name: string) => RecordKind | undefined,
  ) {}

  /** The log entries of this request. */
  get log(): readonly LoggedMutation[] {
    return this.added;
  }

  get lastSeq(): number {
    return Math.max(this.origin.lastSeq, ...this.added.map(([seq]) => seq));
  }

  /** Applies all mutations. @returns the outcomes in the order of the request. */
  async run(mutations: readonly ReadMutation[]): Promise<MutationOutcome[]> {
    const ordered = mutations.toSorted((a, b) => (a.clientSeq ?? 0) - (b.clientSeq ?? 0));
    for (;;) {
      const outcomes = await this.attempt(ordered);
      if (outcomes) return outcomes;
    }
  }

  /**
   * Applies all in order. Undefined if one more group failed: neither that group nor what depends on it may be applied, so
   * all is attempted again without it. Each attempt excludes at least one group, so the loop ends.
   */
  private async attempt(ordered: readonly ReadMutation[]): Promise<MutationOutcome[] | undefined> {
    this.byClientSeq = new Map(this.known.map((mutation) => [mutation[0], mutation]));
    this.added = [];
    this.isShared = false;
    this.creatingGroups = new Map();
    const outcomes: MutationOutcome[] = [];
    const slice = new TimeSlice();
    const isWhole = await this.changes.attempt(async () => {
      for (const mutation of ordered) {
        if (slice.isOver) await slice.next();
        outcomes[mutation.position] = this.applyOne(mutation);
      }
      return !this.refuseGroups(ordered, outcomes);
    });
    return isWhole ? outcomes : undefined;
  }

  /** Refuses all members of a group if one failed. @returns whether a further group failed. */
  private refuseGroups(ordered: readonly ReadMutation[], outcomes: readonly MutationOutcome[]): boolean {
    const members = ordered.filter((one) => one.groupId !== undefined && !this.refusals.has(one));
    const outcomeOf = ({ position }: ReadMutation) => outcomes[position] as MutationOutcome;
    const failing = new Set(members.filter((one) => failed(outcomeOf(one))).map(({ groupId }) => groupId));
    const orphans = this.addOrphaned(failing, members);
    for (const one of members)
      if (failing.has(one.groupId))
        this.refusals.set(one, orphans.has(one) ? RECORD_GONE : refusalOf(outcomeOf(one)));
    return failing.size > 0;
  }

  /**
   * A failed group also fails every group that changes a record which only the failed group would have created. They are
   * found in one pass, because one attempt per group would make a long chain slow for all other requests.
   * @returns the changes that would find no record.
   */
  private addOrphaned(failing: Set<string | undefined>, members: readonly ReadMutation[]): Set<ReadMutation> {
    const orphans = new Set<ReadMutation>();
    for (let newlyFailing = [...failing]; newlyFailing.length > 0;) {
      const found = members.filter((one) => !failing.has(one.groupId) && this.isOrphan(one, failing));
      for (const one of found) orphans.add(one);
      newlyFailing = found.map(({ groupId }) => groupId);
      for (const group of newlyFailing) failing.add(group);
    }
    return orphans;
  }

  private isOrphan({ content }: ReadMutation, failing: ReadonlySet<string | undefined>): boolean {
    if (isRefused(content) || content.op === 'create') return false;
    const creatingGroups = this.creatingGroups.get(keyOf(content));
    return creatingGroups !== undefined && creatingGroups.every((group) => failing.has(group));
  }

  private applyOne(mutation: ReadMutation): MutationOutcome {
    const earlier = this.earlier(mutation);
    this.isShared ||= earlier === CLIENT_SEQ_REUSED;
    if (earlier) return earlier;
    // The position is used up, so that the mutation is not applied when it is sent again much later.
    if (this.isShared) return this.note(mutation, CLIENT_SEQ_REUSED);
    const refused = this.refusals.get(mutation);
    if (refused) return this.note(mutation, refused);
    const { content } = mutation;
    return this.note(
      mutation,
      isRefused(content) ? { status: 'rejected', error: content } : this.apply(mutation, content),
    );
  }

  /** The earlier answer to a mutation, or the error if its id and position belong to another mutation. */
  private earlier(mutation: ReadMutation): MutationOutcome | undefined {
    const { mutationId, clientSeq, hash } = mutation;
    if (clientSeq === undefined) return undefined;
    const known = this.byClientSeq.get(clientSeq);
    if (known && known[1] !== mutationId) return CLIENT_SEQ_REUSED;
    if (known) return known[2] === hash ? this.repeated(known) : MUTATION_ID_REUSED;
    const { lastSeq, oldest } = this.origin;
    if (clientSeq > lastSeq) return undefined;
    // The result would still be stored: the client skipped this position, or another device uses the same client id.
    if (this.isRecent(mutation) || (oldest !== undefined && clientSeq >= oldest)) return CLIENT_SEQ_REUSED;
    return this.forgotten(mutation);
  }

  /** Whether an edit is younger than the results that are kept. A day is left for clocks that are wrong. */
  private isRecent({ content }: ReadMutation): boolean {
    if (isRefused(content)) return false;
    const now = this.changes.order.stamp.getTime();
    const time = editTime(content.modifiedAt.getTime(), now, this.origin.skewMs);
    return new Date(time) > daysBefore(now, MUTATION_DAYS - 1);
  }

  /** A mutation so old that its result was deleted. It took effect then and must not take effect again. */
  private forgotten({ content, groupId }: ReadMutation): MutationOutcome {
    if (isRefused(content)) return { status: 'rejected', error: content };
    const { kind, id, op, entered } = content;
    const record = this.changes.find(kind, id);
    // It is not known whether a group took effect. Values that the record does not have may exist only on the device.
    const isShown =
      op === 'delete' ? !record || record.deletedAt !== null : record && kind.contains(record, entered);
    return groupId === undefined || isShown ? { status: 'duplicate', kind, record } : GROUP_FORGOTTEN;
  }

  private repeated(logged: LoggedMutation): MutationOutcome {
    const [, , , status, name, recordId, conflictId, errorCode, errorField = '', message = ''] = logged;
    if (errorCode !== undefined)
      return { status: 'rejected', error: refusal(errorCode, errorField, message) };
    const kind = this.findKind(name);
    return {
      status: status === 'applied' || status === 'merged' ? 'duplicate' : (status as Status),
      kind,
      record: kind && this.changes.find(kind, recordId),
      conflictId: conflictId ?? undefined,
    };
  }

  private apply({ clientSeq, groupId }: ReadMutation, mutation: Mutation): MutationOutcome {
    const { kind, id, op, entered, baseVersion, modifiedAt, isUnseen } = mutation;
    const now = this.changes.order.stamp.getTime();
    const time = editTime(modifiedAt.getTime(), now, this.origin.skewMs);
    // As an edit of an unknown device, because the next edits of this one were not made on it.
    const stamp = isUnseen
      ? { time, counter: 0, device: '', deviceSeq: 0 }
      : { time, counter: 0, device: this.origin.clientId, deviceSeq: clientSeq ?? 0 };
    const edit = { kind, id, op, entered, baseVersion, stamp };
    const shortage = this.changes.shortageFor(edit);
    if (shortage) return rejected('quota-exceeded', 'kind', shortage.reason);
    const [fault] = this.changes.faultsOf(edit);
    if (fault)
      return rejected(fault.code, fault.field === 'id' ? 'id' : `fields.${fault.field}`, fault.message);
    const { status, isNew, record, conflict, isRevived } = this.changes.apply(edit);
    if (isNew) this.creatingGroups.set(keyOf(mutation), [groupId]);
    else if (op === 'create') this.creatingGroups.get(keyOf(mutation))?.push(groupId);
    return {
      status: conflict?.isOpen && status !== 'gone' ? 'conflict' : status,
      kind,
      record,
      conflictId: conflict?.id,
      isClockAdjusted: time !== modifiedAt.getTime(),
      isRevived,
    };
  }

  private note(mutation: ReadMutation, outcome: MutationOutcome): MutationOutcome {
    const { mutationId, clientSeq, hash, id, kindName } = mutation;
    // Without id and position a retry could not be recognised.
    if (mutationId === null || clientSeq === undefined) return outcome;
    const { status, conflictId, error } = outcome;
    const details = error
      ? ([conflictId ?? null, error.code, error.field, error.message] as const)
      : conflictId
        ? [conflictId]
        : [];
    const row = [
      clientSeq,
      mutationId,
      hash,
      status,
      kindName,
      id ?? '',
      ...details,
    ] as unknown as LoggedMutation;
    this.byClientSeq.set(clientSeq, row);
    this.added.push(row);
    return outcome;
  }
}

const keyOf = ({ kind, id }: Mutation): string => `${kind.name} ${id}`;

const failed = ({ status }: MutationOutcome): boolean => status === 'rejected' || status === 'gone';

/** Nothing of a failed group is stored, not even values for a deleted record, because the device keeps all of it. */
const refusalOf = (outcome: MutationOutcome): MutationOutcome =>
  outcome.status === 'rejected' ? outcome : outcome.status === 'gone' ? RECORD_GONE : GROUP_REJECTED;

const rejected = (code: string, field: string, message: string): MutationOutcome => ({
  status: 'rejected',
  error: refusal(code, field, message),
});

const GROUP_REJECTED = rejected(
  'group-rejected',
  'group_id',
  'Another mutation of the group failed, so none of the group was applied',
);
const RECORD_GONE = rejected(
  'record-gone',
  'id',
  'The record does not exist any more, so none of the group was applied',
);
const GROUP_FORGOTTEN = rejected(
  'group-forgotten',
  'group_id',
  'It was sent so long ago that the service does not know whether the group was applied, and the record does not show it',
);
const MUTATION_ID_REUSED = rejected(
  'mutation-id-reused',
  'mutation_id',
  'The id was already used for another mutation',
);
const CLIENT_SEQ_REUSED = rejected(
  'client-seq-reused',
  'client_seq',
  'This client_seq was already used or passed over, or two devices share one client_id. Create a new client_id',
);
