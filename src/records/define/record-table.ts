import type { DataSource, EntityTarget } from 'typeorm';
import type { ColumnMetadata } from 'typeorm/metadata/ColumnMetadata.js';
import { type Database, instantText, placeholders, readInstant } from '../../platform/database/database.js';
import { slicesOf } from '../../platform/database/batches.js';
import { compileCopy } from '../../platform/compiled-copy.js';
import type { SqlRow, SqlValue } from '../../platform/database/statements.js';
import { type ColumnSize, columnSize, mostRowBytes, rowBytes } from './row-size.js';

type Convert = (value: unknown) => unknown;

interface Field {
  readonly column: string;
  /** What a SELECT reads, and the name of that in the row. */
  readonly selected: string;
  readonly selectedAs: string;
  readonly property: string;
  /** Undefined when the driver's value is used unchanged. */
  readonly decode: Convert | undefined;
  readonly encode: Convert;
  readonly size: ColumnSize;
}

/** A statement has at most 32 766 values on SQLite. */
const MOST_VALUES = 32_000;

/** Some columns of a table: the column list of a SELECT, and how its rows are read. */
export interface Selection {
  readonly sql: string;
  readonly read: (row: SqlRow) => object;
  /** How large a row is in an answer: see `rowBytes`. */
  readonly bytesOf: number | ((row: SqlRow) => number);
  /** What no row exceeds in an answer. */
  readonly mostBytes: number;
}

/**
 * Set-based SQL for one entity, built once from TypeORM's metadata. The engine uses it instead of a TypeORM repository,
 * because `repository.save` needs one round trip for each row.
 */
export class RecordTable<Entity extends object> {
  readonly name: string;
  private readonly fields: readonly Field[];
  private readonly keys: readonly string[];
  private readonly everything: Selection;

  constructor(dataSource: DataSource, entity: EntityTarget<Entity>) {
    const { tableName, columns, primaryColumns } = dataSource.getMetadata(entity);
    this.name = quote(tableName);
    const isMysql = dataSource.options.type !== 'better-sqlite3';
    this.fields = columns.map((column) => fieldOf(column, isMysql));
    this.keys = primaryColumns.map(({ databaseName }) => databaseName);
    this.everything = selectionOf(this.fields);
  }

  /** All columns except those of these properties, for {@link selectSome}. */
  without(properties: readonly string[]): Selection {
    return selectionOf(this.fields.filter(({ property }) => !properties.includes(property)));
  }

  /** The columns of these properties, for {@link selectSome}. */
  only(properties: readonly string[]): Selection {
    return selectionOf(this.fields.filter(({ property }) => properties.includes(property)));
  }

  /** The column of a property, for use in SQL. */
  columnOf(property: string): string {
    const field = this.fields.find((one) => one.property === property);
    if (!field) throw new Error(`${this.name} has no column for ${property}`);
    return quote(field.column);
  }

  /** Reads the entities for which `where` is true. ORDER BY, LIMIT and a lock may follow in `where`. */
  select(database: Database, where: string, values: readonly SqlValue[]): Promise<Entity[]> {
    return this.selectSome<Entity>(database, this.everything, where, values);
  }

  /** The same, but only with the columns of the selection. */
  async selectSome<Part>(
    database: Database,
    selection: Selection,
    where: string,
    values: readonly SqlValue[],
  ): Promise<Part[]> {
    const rows = await this.selectRows(database, selection, where, values);
    return rows.map(selection.read) as Part[];
  }

  /** The same, as the database returns the rows, before `selection.read`. */
  selectRows(
    database: Database,
    selection: Selection,
    where: string,
    values: readonly SqlValue[],
  ): Promise<SqlRow[]> {
    return database.rows(`SELECT ${selection.sql} FROM ${this.name} WHERE ${where}`, values, false);
  }

  /** Inserts all entities in one statement. @throws a duplicate-key error when a row already exists. */
  async insert(database: Database, entities: readonly Entity[]): Promise<void> {
    if (entities.length > 0) await database.execute(this.insertSql(entities.length), this.valuesOf(entities));
  }

  /** Inserts all entities, and replaces rows with the same primary key. The caller checks their owner. */
  async put(database: Database, entities: readonly Entity[]): Promise<void> {
    if (entities.length === 0) return;
    const others = this.fields.map(({ column }) => column).filter((column) => !this.keys.includes(column));
    const update =
      database.dialect === 'mysql'
        ? ` ON DUPLICATE KEY UPDATE ${others.map((column) => `${quote(column)} = VALUES(${quote(column)})`).join(', ')}`
        : ` ON CONFLICT (${this.keys.map(quote).join(', ')}) DO UPDATE SET ${others.map((column) => `${quote(column)} = excluded.${quote(column)}`).join(', ')}`;
    for (const some of slicesOf(entities, Math.floor(MOST_VALUES / this.fields.length)))
      await database.execute(this.insertSql(some.length) + update, this.valuesOf(some));
  }

  private insertSql(count: number): string {
    const row = `(${placeholders(this.fields.length)})`;
    const columns = this.fields.map(({ column }) => quote(column)).join(', ');
    return `INSERT INTO ${this.name} (${columns}) VALUES ${Array.from({ length: count }, () => row).join(', ')}`;
  }

  private valuesOf(entities: readonly Entity[]): SqlValue[] {
    const values: SqlValue[] = [];
    for (const entity of entities as readonly Readonly<Record<string, unknown>>[])
      for (const { property, encode } of this.fields)
        values.push(encode(entity[property] ?? null) as SqlValue);
    return values;
  }
}

/** Quotes an identifier with backticks, which both databases accept. */
const quote = (identifier: string): string => `\`${identifier}\``;

function selectionOf(fields: readonly Field[]): Selection {
  const sizes = fields.map(({ selectedAs, size }) => ({ name: selectedAs, ...size }));
  return {
    sql: fields.map(({ selected }) => selected).join(', '),
    read: compileCopy(
      fields.map(({ selectedAs, property, decode }) => ({ from: selectedAs, to: property, convert: decode })),
    ),
    bytesOf: rowBytes(sizes),
    mostBytes: mostRowBytes(sizes),
  };
}

/** Integers of a record count versions and changes, so none reaches 2^53. MySQL's driver returns a BIGINT as text. */
const decoders: Readonly<Record<string, Convert>> = {
  datetime: readInstant,
  double: Number,
  int: Number,
  bigint: Number,
};

function fieldOf(
  { databaseName, propertyName, type, length, transformer, isNullable }: ColumnMetadata,
  isMysql: boolean,
): Field {
  const own = Array.isArray(transformer) ? undefined : transformer;
  // A double as text: only JavaScript's own parser reads it exactly. Under its own name, an ORDER BY would sort the text.
  const isText = isMysql && type === 'double';
  const selectedAs = isText ? `${databaseName}_text` : databaseName;
  return {
    column: databaseName,
    selected: isText ? `CAST(${quote(databaseName)} AS CHAR) AS ${quote(selectedAs)}` : quote(databaseName),
    selectedAs,
    property: propertyName,
    decode: own ? (isText ? (text) => own.from(Number(text)) : own.from) : decoders[String(type)],
    encode: own ? own.to : (value) => (value instanceof Date ? instantText(value) : value),
    size: columnSize({ type, length, transformer, isNullable }),
  };
}
