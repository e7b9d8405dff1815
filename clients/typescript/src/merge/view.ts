import { isUpload } from '../outbox.js';
import type { OutboxRow, RecordRow } from '../store.js';
import type { Fields, Refusal } from '../wire.js';

/** A record as the person sees it. */
export interface View {
  readonly id: string;
  readonly kind: string;
  readonly fields: Fields;
  /** Version of the server's copy; absent if the server does not have the record yet. */
  readonly version?: number;
  readonly updatedAt?: string;
  /** Whether the server does not have all edits of the record yet. */
  readonly pending: boolean;
  /**
   * The derived fields are those of an earlier state: of the record without its waiting or refused edits, or as it was before an edit
   * that the server has and that was not pulled yet.
   */
  readonly outdated?: true;
  /** Why the server refused an edit of the record; absent otherwise. */
  readonly problem?: Refusal;
}

/**
 * The server's copy with the local edits on top. Pulls change the copy, never the edits.
 * @param edits of this record, in their order.
 */
export function viewOf(copy: RecordRow | undefined, edits: readonly OutboxRow[]): View | undefined {
  let fields = copy && (!copy.deleted || edits.length > 0) ? copy.data : null;
  for (const edit of edits) fields = step(edit, fields);
  fields = kept(copy, fields);
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
    ...((edits.length > 0 || copy?.acked !== undefined) && { outdated: true as const }),
    ...(problem && { problem }),
  };
}

/** What the edits leave of a prevailing value that their author had not seen: the server decides the same. */
function kept(copy: RecordRow | undefined, fields: Fields | null): Fields | null {
  const { data, holds: [first, ...others] = [] } = copy ?? {};
  if (!first || !data || fields?.[first] === data[first]) return fields;
  return { ...(fields ?? data), ...Object.fromEntries(others.map((name) => [name, data[name]])) };
}

function step(edit: OutboxRow, fields: Fields | null): Fields | null {
  if (edit.op === 'delete') return null;
  // There is nothing to edit: the record was deleted below this edit.
  if (edit.op === 'update' && !fields) return null;
  // Only the server can tell whether a source says something new, so it hides no correction of the person.
  return fields && isUpload(edit) ? fields : { ...fields, ...edit.fields };
}
