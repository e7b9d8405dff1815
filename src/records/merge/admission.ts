import type { FieldError } from '../../kernel/http/problem.js';
import { snakeCase } from '../../platform/database/naming.js';
import type { Entered } from '../define/define-record.js';
import type { SyncedRecord } from '../define/synced-record.js';
import { hasSeen } from './merge.js';
import type { RecordEdit } from './record-edit.js';
import { isUpload } from './uploads.js';

interface Stored {
  readonly find: (kind: string, id: string) => SyncedRecord | undefined;
  readonly gathered: unknown;
  readonly now: Date;
}

/** Why an edit breaks the rules of its kind, by what is stored. */
export function faultsOf(edit: RecordEdit, { find, gathered, now }: Stored): readonly FieldError[] {
  const { kind, id, op, isOnline = false } = edit;
  if (op === 'delete') return [];
  const current = find(kind.name, id);
  // The source uploads it again, which is no reason to restore what a person has deleted.
  if (isUpload(edit) && current && current.deletedAt !== null) return [RECORD_DELETED];
  return kind.definition.admit(saidBy(edit, current), {
    id,
    current,
    gathered,
    find: (reference) => find(reference.kind, reference.id),
    now,
    isOnline,
    hasSeen: (property) => current !== undefined && knows(edit, current, property),
  });
}

/** Whether the author of an edit has seen a value of the record. A source has not seen what people made of its records. */
function knows(edit: RecordEdit, current: SyncedRecord, property: string): boolean {
  const { kind, isOnline } = edit;
  if (isUpload(edit)) return false;
  if (isOnline === true) return true;
  const state = kind.stateOf(current);
  return kind.groupsOf([snakeCase(property)]).every((name) => {
    const held = state.groups[name];
    return held === undefined || hasSeen(state, held, edit);
  });
}

/** The values of an edit, without those that an upload has from the stored record. */
const saidBy = ({ kind, entered, sent }: RecordEdit, current: SyncedRecord | undefined): Entered =>
  sent && current ? kind.pick(entered, Object.keys(kind.contents(sent))) : entered;

const RECORD_DELETED: FieldError = {
  field: 'id',
  code: 'record-deleted',
  message: 'the person deleted it, and an upload does not restore it',
};
