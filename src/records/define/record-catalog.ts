import { Injectable } from '@nestjs/common';
import { DeclarationError } from '../../kernel/declaration-error.js';
import { Database } from '../../platform/database/database.js';
import { catalogFaults } from './catalog-faults.js';
import type { RecordDefinition } from './define-record.js';
import type { OwnerType } from './owner.js';
import { RecordKind } from './record-kind.js';
import { RecordTable } from './record-table.js';

/** All kinds. A missing or contradictory declaration stops the start, so that none can be forgotten. */
@Injectable()
export class RecordCatalog {
  private readonly kinds: ReadonlyMap<string, RecordKind>;
  /** All owner types, in the order in which kinds were defined for them: people first. */
  readonly ownerTypes: readonly OwnerType[];

  /** @throws DeclarationError with one line for each mistake in the declarations of the kinds */
  constructor({ writer }: Database, definitions: readonly RecordDefinition[]) {
    const faults = catalogFaults(writer, definitions);
    if (faults.length > 0) throw new DeclarationError(`Records:\n${[...new Set(faults)].join('\n')}`);
    this.kinds = new Map(
      definitions
        .toSorted((a, b) => (a.kind < b.kind ? -1 : 1))
        .map((definition) => [
          definition.kind,
          new RecordKind(definition, new RecordTable(writer, definition.entity)),
        ]),
    );
    this.ownerTypes = [...new Set(definitions.map(({ owner }) => owner))];
  }

  find(kind: string): RecordKind | undefined {
    return this.kinds.get(kind);
  }

  /** @throws Error when the kind is not defined, which is a defect of the calling code. */
  get(kind: string): RecordKind {
    const found = this.kinds.get(kind);
    if (!found) throw new Error(`There is no kind "${kind}"`);
    return found;
  }

  /** All kinds in the order of their names. */
  get all(): readonly RecordKind[] {
    return [...this.kinds.values()];
  }

  /** The kinds whose records belong to owners of this type, in the order of their names. */
  ownedBy(type: OwnerType): readonly RecordKind[] {
    return this.all.filter(({ owner }) => owner === type);
  }
}
