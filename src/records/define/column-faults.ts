import type { EntityMetadata } from 'typeorm';
import type { ColumnMetadata } from 'typeorm/metadata/ColumnMetadata.js';
import { type ContractField, readContract } from '../../kernel/http/contract.js';
import { isBooleanColumn } from '../../platform/database/columns.js';
import type { RecordDefinition } from './define-record.js';

const MAX_INT = 2_147_483_647;
/** MySQL's TEXT holds 65 535 bytes. A character has at most four. */
const MAX_TEXT = 16_383;

/**
 * Lists the fields that the entity cannot store without a change. SQLite stores any value in any column. Without this check
 * such a mistake would appear only on MySQL, which refuses the value or rounds it.
 */
export function columnFaults(
  { kind, fields, data, addedLater }: RecordDefinition,
  table: EntityMetadata,
): string[] {
  const written = fields ? readContract(fields).fields : [];
  const shown = readContract(data).fields;
  const all = new Map([...shown, ...written].map((field) => [field.property, field]));
  return [...all.values()].flatMap((field) => {
    const column = table.findColumnWithPropertyName(field.property);
    const fault = column
      ? written.includes(field) && faultOf(field, column, addedLater.includes(field.property))
      : `has no column in ${table.targetName}`;
    return fault ? [`${kind}.${field.property}: ${fault}`] : [];
  });
}

/** @param isSet whether the service sets it where it is absent. */
function faultOf(field: ContractField, column: ColumnMetadata, isSet: boolean): string | undefined {
  if ((field.nullable || (field.optional && !isSet)) && !column.isNullable)
    return 'may be absent, but its column is not nullable';
  return faultOfType(field, column);
}

function faultOfType(field: ContractField, column: ColumnMetadata): string | undefined {
  switch (field.holds) {
    case 'String':
      return faultOfText(longest(field), column);
    case 'Number':
      return faultOfNumber(field, column);
    case 'Boolean':
      return isBooleanColumn(column) ? undefined : 'needs booleanColumn';
    case 'Date':
      return column.type === 'datetime' ? undefined : 'needs instantColumn';
    default:
      return isText(column) && column.transformer ? undefined : 'needs jsonColumn';
  }
}

function faultOfText(length: number, column: ColumnMetadata): string | undefined {
  if (column.type === 'date' || column.type === 'mediumtext') return undefined;
  if (!isText(column)) return 'needs textColumn';
  const most = column.type === 'varchar' ? Number(column.length) : MAX_TEXT;
  return length > most ? `may have ${length} characters, but its column has ${most}` : undefined;
}

function faultOfNumber({ schema }: ContractField, column: ColumnMetadata): string | undefined {
  if (column.type === 'double') return undefined;
  if (schema.type !== 'integer') return 'may have decimals, so it needs doubleColumn';
  if (column.type === 'bigint') return undefined;
  if (column.type !== 'int' || isBooleanColumn(column)) return 'needs integerColumn';
  const { minimum = 0, maximum = 0 } = schema;
  return Math.max(-minimum, maximum) > MAX_INT ? `must be from -${MAX_INT} to ${MAX_INT}` : undefined;
}

const isText = ({ type }: ColumnMetadata): boolean =>
  type === 'varchar' || type === 'text' || type === 'mediumtext';

/** The largest number of characters that the checks of a field accept. */
const longest = ({ schema }: ContractField): number =>
  schema.maxLength ??
  Math.max(FORMATS[schema.format ?? ''] ?? 0, ...(schema.enum ?? []).map((value) => value.length));

const FORMATS: Readonly<Record<string, number>> = { uuid: 36, date: 10 };
