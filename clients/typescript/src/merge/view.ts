import type { OutboxRow, RecordRow } from '../store.js';
import type { Fields, Refusal } from '../wire.js';

/** A record as the person sees it. */
export interface View {
  readonly id: string;
  readonly kind: string;
  readonly fields: Fields;
  /** Of the server's copy below; absent from a record the server does not have yet. */
  readonly version?: number;
  readonly updatedAt?: string;
  /** Edits of it are not on the server yet. */
  readonly pending: boolean;
  /** Why the server refused an edit of it. */
  readonly problem?: Refusal;
}

/**
 * The server's copy with the own edits on top. Pulls change the copy below, never what was entered.
 * @param edits of this record, in their order.
 */
export function viewOf(copy: RecordRow | undefined, edits: readonly OutboxRow[]): View | undefined {
  let fields = copy && (!copy.deleted || edits.length > 0) ? copy.data : null;
  for (const { op, fields: entered } of edits) fields = step(op, fields, entered);
  const [first] = edits;
  const identity = copy ?? first;
  if (!fields || !identity) return undefined;
  const problem = edits.findLast(({ error }) => error)?.error;
  return {
    id: identity.id,
    kind: identity.kind,
    fields,
    ...(copy && { version: copy.version }),
    ...(copy?.updated_at !== undefined && { updatedAt: copy.updated_at }),
    pending: edits.some(({ state }) => state !== 'rejected'),
    ...(problem && { problem }),
  };
}

function step(op: OutboxRow['op'], fields: Fields | null, entered: Fields = {}): Fields | null {
  if (op === 'delete') return null;
  // Nothing to edit below: it was deleted on top of which this was entered.
  if (op === 'update' && !fields) return null;
  return { ...fields, ...entered };
}
