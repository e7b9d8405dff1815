import { Injectable } from '@nestjs/common';
import type { DataSource, EntityMetadata } from 'typeorm';
import { Database } from '../../platform/database/database.js';
import { Table } from '../../platform/database/table.js';
import { OwnedRecords } from './owned-records.js';
import { isNotARecord, type RecordDefinition, sealRecords } from './record.js';
import { RecordKind } from './record-kind.js';

/** Every kind there is. What is missing or contradictory here stops the start: nothing can be forgotten in silence. */
@Injectable()
export class RecordCatalog {
  private readonly kinds: ReadonlyMap<string, RecordKind>;

  constructor(private readonly database: Database) {
    const definitions = sealRecords();
    const problems = [...faultsOf(definitions), ...strangers(database.writer, definitions)];
    if (problems.length > 0) throw new Error(`The record catalog is not complete: ${problems.join('; ')}`);
    this.kinds = new Map(
      definitions
        .toSorted((a, b) => (a.kind < b.kind ? -1 : 1))
        .map((definition) => [
          definition.kind,
          new RecordKind(definition, new Table(database.writer, definition.entity)),
        ]),
    );
    for (const kind of this.kinds.values()) {
      if (kind.strayFields.length > 0)
        throw new Error(`${kind.name}: ${kind.strayFields.join(', ')} must be a field and in one group`);
      if (kind.needsClocks) throw new Error(`${kind.name} has several groups: extend GroupedRecord`);
    }
  }

  find(kind: string): RecordKind | undefined {
    return this.kinds.get(kind);
  }

  /** @throws Error for a kind nobody defined: a defect of the caller. */
  get(kind: string): RecordKind {
    const found = this.kinds.get(kind);
    if (!found) throw new Error(`There is no kind "${kind}"`);
    return found;
  }

  /** In the order of their names. */
  get all(): readonly RecordKind[] {
    return [...this.kinds.values()];
  }

  /** The records of one kind and one person. */
  of({ table }: RecordKind, userId: string): OwnedRecords {
    return new OwnedRecords(this.database, table, userId);
  }
}

function faultsOf(definitions: readonly RecordDefinition[]): string[] {
  const problems: string[] = [];
  const seen = new Set<string>();
  for (const { kind, groups } of definitions) {
    if (seen.has(kind)) problems.push(`"${kind}" is defined twice`);
    seen.add(kind);
    if (!/^[a-z][a-z_]{0,31}$/.test(kind)) problems.push(`"${kind}" is no name for a kind`);
    const fields = groups.flat();
    if (new Set(fields).size < fields.length) problems.push(`a field of "${kind}" is in two groups`);
  }
  return problems;
}

/** Tables with an owner that no kind speaks for, and kinds whose rows would outlive their owner. */
function strangers(dataSource: DataSource, definitions: readonly RecordDefinition[]): string[] {
  const entities = new Set<unknown>(definitions.map(({ entity }) => entity));
  return dataSource.entityMetadatas.flatMap((metadata) => {
    const isRecord = entities.has(metadata.target);
    if (isRecord && !goesWithOwner(metadata)) return [`${metadata.tableName} must go with its owner`];
    const isOwned = metadata.columns.some(({ databaseName }) => databaseName === 'user_id');
    if (isOwned && !isRecord && !isNotARecord(metadata.target as object))
      return [`${metadata.tableName} has an owner, but no kind: defineRecord it, or mark it @NotARecord`];
    return [];
  });
}

const goesWithOwner = ({ foreignKeys, primaryColumns }: EntityMetadata): boolean =>
  primaryColumns
    .map(({ databaseName }) => databaseName)
    .toSorted()
    .join() === 'id,user_id' &&
  foreignKeys.some(({ columnNames, onDelete }) => columnNames.join() === 'user_id' && onDelete === 'CASCADE');
