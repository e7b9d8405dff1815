import type { RecordCatalog } from '../define/record-catalog.js';
import type { OtherRecords } from '../define/define-record.js';
import type { RecordKind } from '../define/record-kind.js';
import type { SyncedRecord } from '../define/synced-record.js';
import { grouped } from '../../platform/grouped.js';
import type { Touched } from './touched.js';

interface Changes {
  load(kind: RecordKind, ids: readonly string[]): Promise<void>;
  renew(kind: RecordKind, id: string): void;
}

/** Writes stored records again that waited for those which a transaction adds. */
export async function renewWaiting(
  changes: Changes,
  touched: Iterable<Touched>,
  catalog: RecordCatalog,
  all: OtherRecords,
): Promise<void> {
  const added = [...touched].filter(({ isNew }) => isNew);
  for (const [{ definition }, entries] of grouped(added, ({ kind }) => kind)) {
    const records: SyncedRecord[] = entries.map(({ record }) => record);
    const waiting = (await definition.awaitedBy?.(records, all)) ?? [];
    for (const [name, references] of grouped(waiting, ({ kind }) => kind)) {
      const kind = catalog.get(name);
      const ids = references.map(({ id }) => id);
      await changes.load(kind, ids);
      for (const id of ids) changes.renew(kind, id);
    }
  }
}
