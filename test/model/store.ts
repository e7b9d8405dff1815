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

/** A record as the service is known to have it. */
export interface Copy {
  readonly kind: Kind;
  readonly id: string;
  readonly seq: number;
  /** Of an own edit that was taken and has not come back by pull. */
  readonly acked?: number;
  readonly epoch: string;
  readonly version: number;
  readonly deleted: boolean;
  readonly modifiedAt: number;
  readonly data: Fields | null;
  /** The bootstrap that brought it last. */
  readonly boot?: number | undefined;
  /** A deletion that a restored server lost. */
  readonly orphan?: boolean;
}

/** An edit on its way. */
export interface Pending {
  readonly clientSeq: number;
  readonly mutationId: string;
  readonly id: string;
  readonly op: Mutation['op'];
  readonly baseVersion?: number | undefined;
  readonly modifiedAt: number;
  readonly fields: Fields;
  readonly write: Write | undefined;
  /** What its author had seen. */
  readonly known: ReadonlySet<string>;
  /** The body as it was sent first, and is sent until it is answered. */
  readonly sent?: Mutation | undefined;
}

export interface State {
  clientId: string;
  nextSeq: number;
  /** The greatest number that was sent under this id. */
  sentSeq: number;
  isIdentified: boolean;
  copies: Map<string, Copy>;
  outbox: Pending[];
  /** Every content it has seen. */
  known: Set<string>;
  epoch: string | undefined;
  cursor: Cursor | undefined;
  /** A bootstrap that has not finished. */
  boot: number | undefined;
  /** A change of epoch that has not finished. */
  reset: { base: number } | undefined;
}

export interface Source {
  clock(): number;
  unique(): number;
  /** A body was made. */
  made(mutation: Mutation, pending: { write: Write | undefined; known: ReadonlySet<string> }): void;
}

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

/** Whether a restored server lost a state, and holds an older one. */
export function outlives(rules: Rules, old: Copy, change: Change, reset: State['reset']): boolean {
  if (old.kind === 'conflict') return false;
  const isAfterBase = reset !== undefined && newestSeq(old) > reset.base;
  if (rules.recreatesDifferent && !old.deleted && !change.deleted)
    return isAfterBase && GROUPS.some((name) => old.data?.[name] !== change.data?.[name]);
  const isTie = old.modifiedAt === change.modifiedAt && old.deleted !== change.deleted;
  const isNewer = old.modifiedAt > change.modifiedAt || (rules.recreatesDifferent && isTie);
  return isNewer && (old.orphan ? !change.deleted : isAfterBase);
}

/** Whether the server's state is one that the state here was made from. */
export const isAncestor = ({ seq, deleted }: Change, reset: State['reset']): boolean =>
  reset !== undefined && !deleted && seq <= reset.base;

/** What is known of a record once the server holds what was sent. */
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
  // A tombstone does not show what the record held by then, and an update that revives it holds only a part.
  const isUnseen = rules.revivesUnseen && op === 'update' && copy?.deleted === true;
  return {
    kind: 'record',
    id,
    seq: copy?.seq ?? 0,
    acked: seq,
    epoch,
    // With a version in between that is not here yet, the next edit is not made on the newest one.
    version: isUnseen ? 0 : version === known + 1 ? version : known,
    deleted,
    modifiedAt: (rules.acksTellTime ? counted : undefined) ?? modifiedAt,
    data: deleted ? null : { ...copy?.data, ...fields },
    boot: copy?.boot,
  };
}

/** A record as the person sees it: what the server has, with the own edits on top. */
export function viewOf(copy: Copy | undefined, edits: readonly Pending[]): Fields | undefined {
  let fields = copy && (!copy.deleted || edits.length > 0) ? copy.data : null;
  for (const { op, fields: entered } of edits)
    fields = op === 'delete' || (op === 'update' && !fields) ? null : { ...fields, ...entered };
  return fields ?? undefined;
}
