import type { DataSource, EntityTarget } from 'typeorm';
import type { ColumnMetadata } from 'typeorm/metadata/ColumnMetadata.js';
import { type Database, instantText, placeholders, readInstant } from './database.js';
import type { SqlRow, SqlValue } from './statements.js';

type Convert = (value: unknown) => unknown;

interface Field {
  readonly column: string;
  readonly property: string;
  /** The name under which a row carries the value. */
  readonly alias: string;
  readonly decode: Convert;
  readonly encode: Convert;
}

/**
 * Set-based SQL for one entity, made once from TypeORM's metadata: what hot paths use instead of `repository.save`,
 * which takes a round trip a row.
 */
export class Table<Entity extends object> {
  /** The columns, quoted and joined, for a SELECT that {@link read} understands. */
  private readonly columns: string;
  readonly name: string;
  private readonly fields: readonly Field[];
  private readonly keys: readonly string[];

  constructor(dataSource: DataSource, entity: EntityTarget<Entity>) {
    const { tableName, columns, primaryColumns } = dataSource.getMetadata(entity);
    this.name = tableName;
    this.fields = columns.map(fieldOf);
    this.keys = primaryColumns.map(({ databaseName }) => databaseName);
    this.columns = this.fields
      .map(({ column, alias }) => (alias === column ? quote(column) : `${exactInteger(column)} AS ${alias}`))
      .join(', ');
  }

  /** The entities for which `where` holds; an order, a limit or a lock may follow in it. */
  async select(database: Database, where: string, values: readonly SqlValue[]): Promise<Entity[]> {
    const rows = await database.rows(
      `SELECT ${this.columns} FROM ${quote(this.name)} WHERE ${where}`,
      values,
    );
    return rows.map((row) => this.read(row));
  }

  /** The entity of a row that was selected with {@link columns}. */
  private read(row: SqlRow): Entity {
    const entity: Record<string, unknown> = {};
    for (const { alias, property, decode } of this.fields) entity[property] = decode(row[alias]);
    return entity as Entity;
  }

  /** Inserts all in one statement. @throws a duplicate-key error when a row is there already. */
  async insert(database: Database, entities: readonly Entity[]): Promise<void> {
    if (entities.length > 0)
      await database.execute(
        this.insertSql(entities.length),
        entities.flatMap((entity) => this.values(entity)),
      );
  }

  /** Inserts all in one statement, or replaces what has the same primary key. The caller has made sure whose it is. */
  async put(database: Database, entities: readonly Entity[]): Promise<void> {
    if (entities.length === 0) return;
    const others = this.fields.map(({ column }) => column).filter((column) => !this.keys.includes(column));
    const update =
      database.dialect === 'mysql'
        ? ` ON DUPLICATE KEY UPDATE ${others.map((column) => `${quote(column)} = VALUES(${quote(column)})`).join(', ')}`
        : ` ON CONFLICT (${this.keys.map(quote).join(', ')}) DO UPDATE SET ${others.map((column) => `${quote(column)} = excluded.${quote(column)}`).join(', ')}`;
    await database.execute(
      this.insertSql(entities.length) + update,
      entities.flatMap((entity) => this.values(entity)),
    );
  }

  private insertSql(count: number): string {
    const row = `(${placeholders(this.fields.length)})`;
    const columns = this.fields.map(({ column }) => quote(column)).join(', ');
    return `INSERT INTO ${quote(this.name)} (${columns}) VALUES ${Array.from({ length: count }, () => row).join(', ')}`;
  }

  private values(entity: Entity): SqlValue[] {
    const source = entity as Readonly<Record<string, unknown>>;
    return this.fields.map(({ property, encode }) => encode(source[property] ?? null) as SqlValue);
  }
}

/** Both databases read backticks. */
const quote = (identifier: string): string => `\`${identifier}\``;

/** As text: better-sqlite3 would round an integer past 2^53. Not under its own name, or ORDER BY would sort text. */
export const exactInteger = (column: string): string => `CAST(${quote(column)} AS CHAR)`;

const decoders: Readonly<Record<string, Convert>> = { datetime: readInstant, double: Number, int: Number };

function fieldOf({ databaseName, propertyName, type, transformer }: ColumnMetadata): Field {
  const own = Array.isArray(transformer) ? undefined : transformer;
  const decode = own ? own.from : (decoders[String(type)] ?? same);
  return {
    column: databaseName,
    property: propertyName,
    alias: type === 'bigint' ? `${databaseName}_text` : databaseName,
    decode: (value) => (value === null ? null : (decode(value) as unknown)),
    encode: own ? own.to : (value) => (value instanceof Date ? instantText(value) : value),
  };
}

const same: Convert = (value) => value;
