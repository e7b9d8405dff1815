import { Column, type ColumnOptions, ForeignKey, PrimaryColumn } from 'typeorm';

/*
 * The column types of this product. One declaration works on MySQL, MariaDB, TiDB and SQLite. All of them compare text code
 * point by code point (the first migration sets utf8mb4_bin), because with a `_ci` collation ä would equal a.
 */

/** Text of at most `length` characters. */
export const textColumn = (length: number, options: ColumnOptions = {}) =>
  Column({ type: 'varchar', length, ...options });
export const textKey = (length: number) => PrimaryColumn({ type: 'varchar', length });

/** Text that stays well below 64 KiB, the maximum of MySQL's TEXT. */
export const longTextColumn = (options: ColumnOptions = {}) => Column({ type: 'text', ...options });
/** Text of a few MiB. */
export const largeTextColumn = (options: ColumnOptions = {}) => Column({ type: 'mediumtext', ...options });

/** A UUID, stored as text. */
export const uuidColumn = (options: ColumnOptions = {}) => textColumn(36, options);
export const uuidKey = () => textKey(36);

/** The person to whom a row belongs. The row is deleted with the person's account. */
export const ownerColumn = (constraint: string) => owned(uuidColumn(), constraint);
/** Another person whom a row concerns. The row is deleted with that account, too. */
export const personColumn = (constraint: string, options: ColumnOptions = {}) =>
  owned(uuidColumn(options), constraint);
export const ownerKey = (constraint: string) => owned(uuidKey(), constraint);

function owned(column: PropertyDecorator, name: string): PropertyDecorator {
  const reference = ForeignKey('users', { name, onDelete: 'CASCADE', onUpdate: 'RESTRICT' });
  return (target, property) => {
    column(target, property);
    reference(target, property);
  };
}

/** A calendar day, `YYYY-MM-DD`. It has no time zone and is never converted to an instant. */
export const dayColumn = (options: ColumnOptions = {}) => Column({ type: 'date', ...options });

/** A value that is read and written as a whole, as JSON text well below 64 KiB. */
export const jsonColumn = (options: ColumnOptions = {}) =>
  Column({
    type: 'text',
    transformer: {
      to: (value: unknown) => (value === null ? null : JSON.stringify(value)),
      from: (value: unknown) => (value === null ? null : JSON.parse(value as string)),
    },
    ...options,
  });

export const largeJsonColumn = (options: ColumnOptions = {}) =>
  jsonColumn({ type: 'mediumtext', ...options });

/** An instant in UTC with milliseconds, the precision of a JavaScript Date. */
export const instantColumn = (options: ColumnOptions = {}) =>
  Column({ type: 'datetime', precision: 3, ...options });

export const integerColumn = (options: ColumnOptions = {}) => Column({ ...integer, ...options });
export const integerKey = () => PrimaryColumn(integer);

/** A counter that may pass 2^53. Neither driver rounds it. */
export const bigintColumn = (options: ColumnOptions = {}) => Column({ ...exact, ...options });
export const bigintKey = () => PrimaryColumn(exact);

const unchanged = <Value>(value: Value): Value => value;
/** The drivers return integers and decimals as number, BigInt or text. */
const numberOf = (value: unknown): number | null => (value === null ? null : Number(value));

const integer = { type: 'int', transformer: { to: unchanged, from: numberOf } } as const;

/** True or false, stored as 1 or 0. */
export const booleanColumn = (options: ColumnOptions = {}) =>
  integerColumn({ transformer: boolean, ...options });

/** Whether {@link booleanColumn} declared the column. */
export const isBooleanColumn = ({ transformer }: Pick<ColumnOptions, 'transformer'>): boolean =>
  transformer === boolean;

const boolean = {
  to: (value: boolean | null) => (value === null ? null : Number(value)),
  from: (value: unknown) => (value === null ? null : Number(value) === 1),
};

const exact = {
  type: 'bigint',
  transformer: {
    to: (value: bigint) => value,
    from: (value: unknown) => (value === null ? null : BigInt(value as string)),
  },
} as const;

/** A counter of one owner's or device's changes. Even at a million changes a second, it needs 285 years to pass 2^53. */
export const counterColumn = (options: ColumnOptions = {}) => Column({ ...counter, ...options });
export const counterKey = () => PrimaryColumn(counter);

const counter = { type: 'bigint', transformer: { to: unchanged<number>, from: Number } } as const;

/** A number exactly as a JSON client sent it: an IEEE 754 double is returned without any change. */
export const doubleColumn = (options: ColumnOptions = {}) => Column({ type: 'double', ...options });

/** A canonical quantity with six decimals. */
export const quantityColumn = (options: ColumnOptions = {}) =>
  Column({
    type: 'decimal',
    precision: 14,
    scale: 6,
    transformer: { to: unchanged, from: numberOf },
    ...options,
  });
