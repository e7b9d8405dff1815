import type { FieldError } from '../../kernel/http/problem.js';
import { editTime } from '../../kernel/records/merge.js';
import type { RecordChanges } from '../../kernel/records/record-changes.js';
import type { RecordKind } from '../../kernel/records/record-kind.js';
import type { SyncedRecord } from '../../kernel/records/synced-record.js';
import { isRefused, type Mutation, type ReadMutation, refusal } from './mutations.js';
import type { LoggedMutation } from './sync-push.entity.js';

type Status = 'applied' | 'merged' | 'duplicate' | 'superseded' | 'conflict' | 'gone' | 'rejected';

/** What became of one mutation. */
export interface MutationOutcome {
  readonly status: Status;
  readonly kind?: RecordKind | undefined;
  readonly record?: SyncedRecord | undefined;
  readonly conflictId?: string | undefined;
  readonly error?: FieldError | undefined;
  readonly isClockAdjusted?: boolean;
  /** It brought back a record that was deleted. */
  readonly isRevived?: boolean | undefined;
}

interface Origin {
  readonly clientId: string;
  /** The greatest place in the client's order that is known from earlier requests. */
  readonly lastSeq: number;
  /** The smallest place that is still remembered; undefined when none is. */
  readonly oldest: number | undefined;
  readonly skewMs: number;
}

/** The mutations of one request, in the order of their client; each gets an outcome that is final. */
export class Push {
  private byPlace = new Map<number, LoggedMutation>();
  private added: LoggedMutation[] = [];
  /** A place was used by another device: what follows is of that device too, and must not count as this one's next edit. */
  private isShared = false;
  /** The groups that make a record of this request, by the record; undefined is no group. */
  private makers = new Map<string, (string | undefined)[]>();
  /** What to answer to members of groups that failed. */
  private readonly refusals = new Map<ReadMutation, MutationOutcome>();

  constructor(
    private readonly changes: RecordChanges,
    private readonly origin: Origin,
    private readonly known: readonly LoggedMutation[],
    private readonly findKind: (name: string) => RecordKind | undefined,
  ) {}

  /** What to keep of this request. */
  get log(): readonly LoggedMutation[] {
    return this.added;
  }

  get lastSeq(): number {
    return Math.max(this.origin.lastSeq, ...this.added.map(([place]) => place));
  }

  /** In the order of the request. */
  async run(mutations: readonly ReadMutation[]): Promise<MutationOutcome[]> {
    const ordered = mutations.toSorted((a, b) => (a.clientSeq ?? 0) - (b.clientSeq ?? 0));
    for (;;) {
      const outcomes = await this.attempt(ordered);
      if (outcomes) return outcomes;
    }
  }

  /**
   * All of them in their order. Undefined when another group failed: nothing of it may hold, nor anything that was made
   * on it, so all is done anew without it. Every such attempt takes out at least one group, so there is a last one.
   */
  private async attempt(ordered: readonly ReadMutation[]): Promise<MutationOutcome[] | undefined> {
    this.byPlace = new Map(this.known.map((mutation) => [mutation[0], mutation]));
    this.added = [];
    this.isShared = false;
    this.makers = new Map();
    const outcomes: MutationOutcome[] = [];
    const isWhole = await this.changes.attempt(() => {
      for (const mutation of ordered) outcomes[mutation.position] = this.one(mutation);
      return Promise.resolve(!this.refuseGroups(ordered, outcomes));
    });
    return isWhole ? outcomes : undefined;
  }

  /** All of a group, or none of it. @returns whether one failed that had not failed before. */
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
   * With a group goes every other that changes a record only the first would have made. Found at once: an attempt for each
   * would make a long chain of groups costly for everybody else.
   * @returns the changes that would find no record.
   */
  private addOrphaned(failing: Set<string | undefined>, members: readonly ReadMutation[]): Set<ReadMutation> {
    const orphans = new Set<ReadMutation>();
    for (let lost = [...failing]; lost.length > 0;) {
      const found = members.filter((one) => !failing.has(one.groupId) && this.isOrphan(one, failing));
      for (const one of found) orphans.add(one);
      lost = found.map(({ groupId }) => groupId);
      for (const group of lost) failing.add(group);
    }
    return orphans;
  }

  private isOrphan({ content }: ReadMutation, failing: ReadonlySet<string | undefined>): boolean {
    if (isRefused(content) || content.op === 'create') return false;
    const makers = this.makers.get(keyOf(content));
    return makers !== undefined && makers.every((group) => failing.has(group));
  }

  private one(mutation: ReadMutation): MutationOutcome {
    const earlier = this.earlier(mutation);
    this.isShared ||= earlier === CLIENT_SEQ_REUSED;
    if (earlier) return earlier;
    // Its place is taken as well, or it would count when it is sent again much later.
    if (this.isShared) return this.note(mutation, CLIENT_SEQ_REUSED);
    const refused = this.refusals.get(mutation);
    if (refused) return this.note(mutation, refused);
    const { content } = mutation;
    return this.note(
      mutation,
      isRefused(content) ? { status: 'rejected', error: content } : this.apply(mutation, content),
    );
  }

  /** What a mutation that came before was answered, or why it cannot be the one it says it is. */
  private earlier(mutation: ReadMutation): MutationOutcome | undefined {
    const { mutationId, clientSeq, hash } = mutation;
    if (clientSeq === undefined) return undefined;
    const known = this.byPlace.get(clientSeq);
    if (known && known[1] !== mutationId) return CLIENT_SEQ_REUSED;
    if (known) return known[2] === hash ? this.repeated(known) : MUTATION_ID_REUSED;
    const { lastSeq, oldest } = this.origin;
    if (clientSeq > lastSeq) return undefined;
    // It would be remembered: the client passed over it, or it is another device with the same id.
    if (oldest !== undefined && clientSeq >= oldest) return CLIENT_SEQ_REUSED;
    return this.forgotten(mutation);
  }

  /** So long ago that its answer is forgotten: it took effect then, and must not again. */
  private forgotten({ content, groupId }: ReadMutation): MutationOutcome {
    if (isRefused(content)) return { status: 'rejected', error: content };
    const { kind, id, op, entered } = content;
    const record = this.changes.find(kind, id);
    // Of a group nobody knows whether it took effect. What the record does not say might be nowhere but on the device.
    const shows =
      op === 'delete' ? !record || record.deletedAt !== null : record && kind.says(record, entered);
    return groupId === undefined || shows ? { status: 'duplicate', kind, record } : GROUP_FORGOTTEN;
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
    const { kind, id, op, entered, baseVersion, modifiedAt } = mutation;
    const now = this.changes.order.stamp.getTime();
    const time = editTime(modifiedAt.getTime(), now, this.origin.skewMs);
    const { status, isNew, record, conflict, isRevived } = this.changes.apply({
      kind,
      id,
      op,
      entered,
      baseVersion,
      stamp: { time, counter: 0, device: this.origin.clientId, deviceSeq: clientSeq ?? 0 },
    });
    if (isNew) this.makers.set(keyOf(mutation), [groupId]);
    else if (op === 'create') this.makers.get(keyOf(mutation))?.push(groupId);
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
    // What cannot be named cannot be recognised when it comes again.
    if (mutationId === null || clientSeq === undefined) return outcome;
    const { status, conflictId, error } = outcome;
    const told = error
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
      ...told,
    ] as unknown as LoggedMutation;
    this.byPlace.set(clientSeq, row);
    this.added.push(row);
    return outcome;
  }
}

const keyOf = ({ kind, id }: Mutation): string => `${kind.name} ${id}`;

const failed = ({ status }: MutationOutcome): boolean => status === 'rejected' || status === 'gone';

/** Of a group that failed nothing is kept, also not what was sent for a record that is gone: the device keeps all of it. */
const refusalOf = (outcome: MutationOutcome): MutationOutcome =>
  outcome.status === 'rejected' ? outcome : outcome.status === 'gone' ? RECORD_GONE : GROUP_REJECTED;

const rejected = (code: string, field: string, message: string): MutationOutcome => ({
  status: 'rejected',
  error: refusal(code, field, message),
});

const GROUP_REJECTED = rejected(
  'group-rejected',
  'group_id',
  'Another mutation of the group failed: none was applied',
);
const RECORD_GONE = rejected(
  'record-gone',
  'id',
  'The record is not there any more, and so none of the group was applied',
);
const GROUP_FORGOTTEN = rejected(
  'group-forgotten',
  'group_id',
  'Sent so long ago that nobody knows whether the group was applied; the record does not say so',
);
const MUTATION_ID_REUSED = rejected(
  'mutation-id-reused',
  'mutation_id',
  'The id was used for another mutation',
);
const CLIENT_SEQ_REUSED = rejected(
  'client-seq-reused',
  'client_seq',
  'The place is taken or passed: two devices share one client_id. Make a new one',
);
