import type { Rules } from './rules.js';
import {
  type Change,
  type Cursor,
  type Fields,
  GROUPS,
  type Kind,
  type Mutation,
  type Result,
} from './wire.js';
import type { Write } from './writes.js';

/** A record as the service has it, as far as the phone knows. */
export interface Copy {
  readonly kind: Kind;
  readonly id: string;
  readonly seq: number;
  /** The number of the phone's own acknowledged edit that has not come back by a pull. */
  readonly acked?: number;
  readonly epoch: string;
  readonly version: number;
  readonly deleted: boolean;
  readonly modifiedAt: number;
  readonly data: Fields | null;
  /** The last bootstrap that brought the record. */
  readonly boot?: number | undefined;
  /** Whether it came below waiting edits, so that the person has not seen all of it. */
  readonly unseen?: boolean;
  /** Whether it is a deletion that a restored server lost. */
  readonly orphan?: boolean;
}

/** An edit in the outbox. */
export interface Pending {
  readonly clientSeq: number;
  readonly mutationId: string;
  readonly id: string;
  readonly op: Mutation['op'];
  readonly baseVersion?: number | undefined;
  readonly modifiedAt: number;
  readonly fields: Fields;
  /** See {@link Mutation.unseen}. */
  readonly unseen?: boolean;
  readonly write: Write | undefined;
  /** Every content that its author had seen, as {@link contentOf} names it. */
  readonly known: ReadonlySet<string>;
  /** The mutation as it was first sent. It is sent unchanged until it is answered. */
  readonly sent?: Mutation | undefined;
}

export interface State {
  clientId: string;
  nextSeq: number;
  /** The greatest number that was sent with this client id. */
  sentSeq: number;
  isIdentified: boolean;
  copies: Map<string, Copy>;
  outbox: Pending[];
  /** Every content that the phone has shown, as {@link contentOf} names it. */
  known: Set<string>;
  epoch: string | undefined;
  cursor: Cursor | undefined;
  /** The id of a bootstrap that has not finished. */
  boot: number | undefined;
  /** A change of epoch that has not finished. */
  reset: { base: number } | undefined;
}

export interface Source {
  clock(): number;
  unique(): number;
  /** Reports that a mutation was made. */
  made(mutation: Mutation, pending: { write: Write | undefined; known: ReadonlySet<string> }): void;
}

/** The name of a value of a group. An edit gives all its groups the same text, but one of them may be hidden by another edit. */
export const contentOf = (group: string, content: string): string => `${group}=${content}`;

export const contentsOf = (fields: Fields): string[] =>
  Object.entries(fields).map(([group, content]) => contentOf(group, content));

export const emptyStore = (clientId: string): State => ({
  clientId,
  nextSeq: 1,
  sentSeq: 0,
  isIdentified: false,
  copies: new Map(),
  outbox: [],
  known: new Set(),
  epoch: undefined,
  cursor: undefined,
  boot: undefined,
  reset: undefined,
});

export const newestSeq = ({ seq, acked = 0 }: Copy): number => Math.max(seq, acked);

/** Whether a restored server lost a state and has an older one. */
export function outlives(rules: Rules, old: Copy, change: Change, reset: State['reset']): boolean {
  if (old.kind === 'conflict') return false;
  const isAfterBase = reset !== undefined && newestSeq(old) > reset.base;
  if (rules.recreatesDifferent && !old.deleted && !change.deleted)
    return isAfterBase && GROUPS.some((name) => old.data?.[name] !== change.data?.[name]);
  const isTie = old.modifiedAt === change.modifiedAt && old.deleted !== change.deleted;
  const isNewer = old.modifiedAt > change.modifiedAt || (rules.recreatesDifferent && isTie);
  return isNewer && (old.orphan ? !change.deleted : isAfterBase);
}

/** Whether the phone's state was made from the server's state. */
export const isAncestor = ({ seq, deleted }: Change, reset: State['reset']): boolean =>
  reset !== undefined && !deleted && seq <= reset.base;

/** The copy of a record after the server has acknowledged an edit. */
export function acknowledged(
  rules: Rules,
  old: Copy | undefined,
  { id, op, fields, modifiedAt }: Pending,
  { seq = 0, version = 0, modifiedAt: counted }: Result,
  epoch: string,
): Copy {
  const copy = old?.epoch === epoch ? old : undefined;
  const deleted = op === 'delete';
  const known = copy?.version ?? 0;
  // A tombstone does not show the values of the record, and an update that restores it has only some of them.
  const isUnseen = rules.revivesUnseen && op === 'update' && copy?.deleted === true;
  return {
    kind: 'record',
    id,
    seq: copy?.seq ?? 0,
    acked: seq,
    epoch,
    // If the phone has not received a version in between, its next edit is not made on the newest version.
    version: isUnseen ? 0 : version === known + 1 ? version : known,
    deleted,
    modifiedAt: (rules.acksTellTime ? counted : undefined) ?? modifiedAt,
    data: deleted ? null : { ...copy?.data, ...fields },
    boot: copy?.boot,
    ...(copy?.unseen && { unseen: true }),
  };
}

/** A record as the person sees it: the server's state with the person's own edits. */
export function viewOf(copy: Copy | undefined, edits: readonly Pending[]): Fields | undefined {
  let fields = copy && (!copy.deleted || edits.length > 0) ? copy.data : null;
  for (const { op, fields: entered } of edits)
    fields = op === 'delete' || (op === 'update' && !fields) ? null : { ...fields, ...entered };
  return fields ?? undefined;
}
