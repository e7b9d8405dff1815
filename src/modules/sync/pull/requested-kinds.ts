import { invalidField } from '../../../kernel/http/problem.js';
import type { OwnerType } from '../../../records/define/owner.js';
import type { RecordCatalog } from '../../../records/define/record-catalog.js';
import type { RecordKind } from '../../../records/define/record-kind.js';

/** The requested kinds, or all kinds of the owner type if none are named. @throws Problem `validation` for an unknown kind. */
export function readKinds(
  catalog: RecordCatalog,
  type: OwnerType,
  names: string | undefined,
): readonly RecordKind[] {
  const known = catalog.ownedBy(type);
  if (names === undefined) return known;
  return [...new Set(names.split(','))].toSorted().map((name) => {
    const kind = known.find((each) => each.name === name);
    if (kind) return kind;
    throw invalidField('kinds', 'not-allowed', `kinds may be: ${known.map((each) => each.name).join(', ')}`);
  });
}
