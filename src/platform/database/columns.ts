import { Column, type ColumnOptions, ForeignKey, PrimaryColumn } from 'typeorm';

/*
 * The column types of this product: one declaration holds on MySQL, MariaDB, TiDB and SQLite. Text is compared code
 * point by code point on all of them (the first migration sets utf8mb4_bin): a `_ci` collation would equate ä and a.
 */

/** Text of at most `length` characters. */
export const textColumn = (length: number, options: ColumnOptions = {}) =>
  Column({ type: 'varchar', length, ...options });
export const textKey = (length: number) => PrimaryColumn({ type: 'varchar', length });

/** Text that stays well below 64 KiB: what MySQL's TEXT holds. */
export const longTextColumn = (options: ColumnOptions = {}) => Column({ type: 'text', ...options });
/** Text of some MiB. */
export const largeTextColumn = (options: ColumnOptions = {}) => Column({ type: 'mediumtext', ...options });

/** A UUID, kept as text. */
export const uuidColumn = (options: ColumnOptions = {}) => textColumn(36, options);
export const uuidKey = () => textKey(36);

/** The person a row belongs to; the row goes when the person's account goes. */
export const ownerColumn = (constraint: string) => owned(uuidColumn(), constraint);
/** Another person a row is about; the row goes with that account, too. */
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

/** A calendar day, `YYYY-MM-DD`: it has no time zone and never passes through an instant. */
export const dayColumn = (options: ColumnOptions = {}) => Column({ type: 'date', ...options });

/** A value that is read and written whole, as JSON text, which stays well below 64 KiB. */
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

export const integerColumn = (options: ColumnOptions = {}) => Column({ type: 'int', ...options });

/** A counter past 2^53: both drivers are kept from rounding it. */
export const bigintColumn = (options: ColumnOptions = {}) => Column({ ...counter, ...options });
export const bigintKey = () => PrimaryColumn(counter);

const counter = {
  type: 'bigint',
  transformer: { to: (value: bigint) => value, from: (value: unknown) => BigInt(value as string) },
} as const;

/** A number exactly as a JSON client sent it: an IEEE 754 double comes back bit by bit. */
export const doubleColumn = (options: ColumnOptions = {}) => Column({ type: 'double', ...options });

/** A canonical quantity with six decimals. */
export const quantityColumn = (options: ColumnOptions = {}) =>
  Column({
    type: 'decimal',
    precision: 14,
    scale: 6,
    transformer: {
      to: (value: number | null) => value,
      from: (value: unknown) => (value === null ? null : Number(value)),
    },
    ...options,
  });
