import type { Conflict } from './conflict.js';
import { ConflictDataDto } from './conflict.dto.js';
import { readOnlyRecord, type RecordDefinition, register } from './define-record.js';
import type { OwnerType } from './owner.js';

/** The kind for the conflicts of one owner type. Clients read it like any other kind; only the engine writes it. */
export const conflictsOf = (owner: OwnerType, entity: new () => Conflict): RecordDefinition<Conflict> =>
  readOnlyRecord({ kind: owner.conflicts, revision: 1, entity, data: ConflictDataDto, owner });

/** Makes the kind of {@link conflictsOf} and adds it to the catalog. */
export const defineConflicts = (owner: OwnerType, entity: new () => Conflict): RecordDefinition<Conflict> =>
  register(conflictsOf(owner, entity));
