import { v7 as uuidv7 } from 'uuid';
import { type FieldError, Problem } from '../../kernel/http/problem.js';
import type { QuotaExceeded } from '../../kernel/quotas/quota-exceeded.js';
import { TimeSlice } from '../../platform/time-slice.js';
import type { Entered, RecordDefinition } from '../../records/define/define-record.js';
import type { Owner } from '../../records/define/owner.js';
import type { RecordKind } from '../../records/define/record-kind.js';
import type { SyncedRecord } from '../../records/define/synced-record.js';
import type { RecordChanges } from '../../records/merge/record-changes.js';
import { type Author, stampNow } from '../../records/write/record-repository.js';
import type { Records } from '../../records/write/records.js';

/** A record that a source uploads. A field that is not given keeps its stored value. */
export interface Upload {
  readonly id: string | undefined;
  readonly entered: Entered & { readonly externalId?: string | null | undefined };
}

export interface Uploaded<Entity extends SyncedRecord> {
  readonly status: 'created' | 'unchanged' | 'updated' | 'deleted';
  readonly record: Entity;
}

/** Why an upload was not stored. */
export type Refused = { readonly error: FieldError } | { readonly shortage: QuotaExceeded };

/**
 * Stores uploads of one kind in one transaction, as {@link applyUpload} does.
 * @param defaults values of a new record that does not have them
 * @returns what became of each, in their order
 */
export function storeUploads<Entity extends SyncedRecord>(
  records: Records,
  owner: Owner,
  { kind: name }: Pick<RecordDefinition, 'kind'>,
  author: Author,
  uploads: readonly Upload[],
  defaults: Entered = {},
): Promise<(Uploaded<Entity> | Refused)[]> {
  const kind = records.catalog.get(name);
  return records.change(owner, async (changes) => {
    await changes.load(
      kind,
      uploads.flatMap(({ id }) => id ?? []),
    );
    await changes.loadReferences(uploads.map(({ entered }) => ({ kind, entered })));
    const slice = new TimeSlice();
    const results: (Uploaded<Entity> | Refused)[] = [];
    for (const upload of uploads) {
      results.push(applyUpload<Entity>(kind, changes, author, upload, defaults));
      if (slice.isOver) await slice.next();
    }
    return results;
  });
}

/**
 * Stores an upload, whose record must be loaded before. One that is stored already changes only where its source says something
 * else than in its last upload. One that the person deleted stays deleted.
 * @param defaults values of a new record that does not have them
 */
function applyUpload<Entity extends SyncedRecord>(
  kind: RecordKind,
  changes: RecordChanges,
  author: Author,
  { id, entered: sent }: Upload,
  defaults: Entered,
): Uploaded<Entity> | Refused {
  const known = id === undefined ? undefined : changes.find(kind, id);
  const entered = known ? { ...kind.entered(known), ...sent } : kind.complete({ ...defaults, ...sent });
  const [error] = kind.definition.check(entered, id);
  if (error) return { error };
  if (known && sent.externalId == null)
    return known.deletedAt === null && kind.contains(known, entered)
      ? { status: 'unchanged', record: known as Entity }
      : { error: { field: 'id', code: 'id-taken', message: `id belongs to another ${kind.name}` } };
  if (known?.deletedAt) return { status: 'deleted', record: known as Entity };
  const edit = {
    kind,
    id: id ?? uuidv7(),
    op: 'create' as const,
    entered,
    sent,
    stamp: stampNow(author, changes),
  };
  const shortage = changes.shortageFor(edit);
  if (shortage) return { shortage };
  const [fault] = changes.faultsOf(edit);
  if (fault) return { error: fault };
  const { record, isNew } = changes.apply(edit);
  const isChanged = record !== undefined && record.version !== known?.version;
  return { status: isNew ? 'created' : isChanged ? 'updated' : 'unchanged', record: record as Entity };
}

/**
 * The record of a single upload.
 * @throws Problem `validation`, `id-taken` also for a record that the person deleted, `quota-exceeded`
 */
export function storedRecord<Entity extends SyncedRecord>(
  result: Uploaded<Entity> | Refused | undefined,
): Entity {
  if (!result) throw new Error('An upload has a result');
  if ('shortage' in result) throw result.shortage;
  if ('error' in result) throw problemOf(result.error);
  if (result.status === 'deleted') throw new Problem('id-taken');
  return result.record;
}

export const problemOf = (error: FieldError): Problem =>
  error.code === 'id-taken' ? new Problem('id-taken') : new Problem('validation', { errors: [error] });
