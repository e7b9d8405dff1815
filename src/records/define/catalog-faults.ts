import type { DataSource, EntityMetadata } from 'typeorm';
import { readContract } from '../../kernel/http/contract.js';
import { contractFaults } from '../../kernel/http/contract-faults.js';
import { isNotARecord } from '../../platform/database/not-a-record.js';
import { columnFaults } from './column-faults.js';
import { Conflict } from './conflict.js';
import type { RecordDefinition } from './define-record.js';
import type { OwnerType } from './owner.js';
import { GroupedRecord } from './synced-record.js';

/** Lists what is missing or contradictory in the declarations of the kinds and in their tables. */
export function catalogFaults(dataSource: DataSource, definitions: readonly RecordDefinition[]): string[] {
  const owners = [...new Set(definitions.map(({ owner }) => owner))];
  const tables = dataSource.entityMetadatas;
  return [
    ...kindFaults(definitions),
    ...owners.flatMap((owner) => ownerFaults(owner, tables, definitions)),
    ...tables.flatMap((table) => tableFaults(table, owners, definitions)),
  ];
}

function kindFaults(definitions: readonly RecordDefinition[]): string[] {
  const faults: string[] = [];
  const seen = new Set<string>();
  for (const definition of definitions) {
    const { kind, fields, data } = definition;
    if (seen.has(kind)) faults.push(`${kind}: is defined twice`);
    seen.add(kind);
    if (!/^[a-z][a-z_]{0,31}$/.test(kind))
      faults.push(`${kind}: the name must be lower-case words joined by _, at most 32 characters`);
    if (fields) faults.push(...contractFaults(fields, 'request'));
    faults.push(...contractFaults(data, 'answer'), ...groupFaults(definition));
  }
  return faults;
}

/** Each field must be in exactly one group, because the groups are what is merged and stored. */
function groupFaults({ kind, entity, fields, groups, addedLater, prevails }: RecordDefinition): string[] {
  const declared = fields ? readContract(fields).fields.map(({ property }) => property) : [];
  const grouped = groups.flat();
  const isLater = (name: string): boolean => addedLater.includes(name);
  const faults = [
    ...declared.filter((name) => !grouped.includes(name)).map((name) => `${name}: is in no group`),
    ...grouped
      .filter((name) => !declared.includes(name))
      .map((name) => `${name}: is in a group, but no field`),
    ...grouped.filter((name, at) => grouped.indexOf(name) < at).map((name) => `${name}: is in two groups`),
    ...groups
      .filter((group) => group.some(isLater) && !group.every(isLater))
      .map(([name]) => `${name}: was added later only with its whole group`),
  ].map((fault) => `${kind}.${fault}`);
  if (prevails && !grouped.includes(prevails.property))
    faults.push(`${kind}.${prevails.property}: prevails, but is in no group`);
  if (entity.prototype instanceof GroupedRecord) return faults;
  if (groups.length > 1) faults.push(`${kind}: has several groups, so its entity must extend GroupedRecord`);
  if (prevails) faults.push(`${kind}: has a value that prevails, so its entity must extend GroupedRecord`);
  return faults;
}

/** Checks that each owner type has a sequence table, an epoch table, and a kind for its conflicts. */
function ownerFaults(
  { name, column, sequences, epochs, conflicts }: OwnerType,
  tables: readonly EntityMetadata[],
  definitions: readonly RecordDefinition[],
): string[] {
  const missing = [sequences, epochs].filter(
    (required) => !tables.some((table) => table.tableName === required && hasColumn(table, column)),
  );
  const conflictKind = definitions.find(({ kind }) => kind === conflicts);
  const isDefined = conflictKind?.owner.name === name && conflictKind.entity.prototype instanceof Conflict;
  return [
    ...missing.map((table) => `the owner type "${name}" needs a table ${table} with the column ${column}`),
    ...(isDefined ? [] : [`the owner type "${name}" needs the kind "${conflicts}": defineConflicts`]),
  ];
}

/** Finds tables with an owner but without a kind, and tables that cannot hold the records of their kind. */
function tableFaults(
  table: EntityMetadata,
  owners: readonly OwnerType[],
  definitions: readonly RecordDefinition[],
): string[] {
  const definition = definitions.find(({ entity }) => entity === table.target);
  if (definition)
    return [
      ...(isDeletedWithOwner(table, definition.owner)
        ? []
        : [`${table.tableName} must have the key (owner, id) and be deleted with its owner`]),
      ...(hasOrder(table, definition.owner)
        ? []
        : [`${table.tableName} needs an index on (owner, seq): phones get changes in that order`]),
      ...columnFaults(definition, table),
      ...indexFaults(definition, table),
    ];
  const isOwned = owners.some(({ column }) => hasColumn(table, column));
  return isOwned && !isNotARecord(table.target as object)
    ? [
        `${table.tableName} has an owner, but no kind: defineRecord it and import its module in the area's module, or mark it @NotARecord`,
      ]
    : [];
}

const hasColumn = ({ columns }: EntityMetadata, name: string): boolean =>
  columns.some(({ databaseName }) => databaseName === name);

const hasOrder = ({ indices }: EntityMetadata, { column }: OwnerType): boolean =>
  indices.some(({ columns }) => columns.map(({ databaseName }) => databaseName).join() === `${column},seq`);

/** What a kind declares about sources and the timeline must be read by an index. */
function indexFaults({ owner, source, timeline }: RecordDefinition, table: EntityMetadata): string[] {
  const needed = [
    ...(source
      ? [[source.source, 'deletedAt', ...(source.part ? [source.part] : []), source.instant, 'id']]
      : []),
    ...(timeline ? [['deletedAt', timeline.instant, 'id']] : []),
  ];
  return needed
    .filter((properties) => !hasIndex(table, owner, properties))
    .map((properties) => `${table.tableName} needs an index on (owner, ${properties.join(', ')})`);
}

/** Whether an index begins with the owner and these columns. */
const hasIndex = (
  { indices }: EntityMetadata,
  { column }: OwnerType,
  properties: readonly string[],
): boolean =>
  indices.some(({ columns }) => {
    const [first, ...rest] = columns;
    const names = rest.map(({ propertyName }) => propertyName);
    return first?.databaseName === column && names.slice(0, properties.length).join() === properties.join();
  });

const isDeletedWithOwner = ({ foreignKeys, primaryColumns }: EntityMetadata, owner: OwnerType): boolean =>
  primaryColumns
    .map(({ databaseName }) => databaseName)
    .toSorted()
    .join() === ['id', owner.column].toSorted().join() &&
  foreignKeys.some(
    ({ columnNames, onDelete, referencedEntityMetadata }) =>
      columnNames.join() === owner.column &&
      onDelete === 'CASCADE' &&
      referencedEntityMetadata.tableName === owner.table,
  );
