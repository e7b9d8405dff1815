import { invalidField } from '../../kernel/http/problem.js';
import type { RecordCatalog } from '../../kernel/records/catalog.js';
import type { RecordKind } from '../../kernel/records/record-kind.js';
import type { ChangeDto } from './change.dto.js';
import type { PulledPage } from './pull.service.js';

/** The kinds a client names; all, when it names none. @throws Problem `validation` for one nobody knows. */
export function readKinds(catalog: RecordCatalog, names: string | undefined): readonly RecordKind[] {
  if (names === undefined) return catalog.all;
  return [...new Set(names.split(','))].toSorted().map((name) => {
    const kind = catalog.find(name);
    if (kind) return kind;
    throw invalidField(
      'kinds',
      'not-allowed',
      `kinds may be: ${catalog.all.map((each) => each.name).join(', ')}`,
    );
  });
}

export const pageWire = ({
  changes,
  cursor,
  seq,
  hasMore,
}: PulledPage): { changes: ChangeDto[]; cursor: string; seq: string; has_more: boolean } => ({
  changes,
  cursor,
  seq: `${seq}`,
  has_more: hasMore,
});
