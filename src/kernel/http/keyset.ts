import { instantText } from '../../platform/database/database.js';
import { digest } from '../../platform/random-token.js';
import { canonical } from '../canonical.js';
import type { Place } from './paging.js';
import { invalidField } from './problem.js';

/** The values by which a row is sorted, as the database returns them. */
export type Position = readonly (string | number)[];

/** A column by which a list is sorted. It is never null. */
export interface SortColumn {
  readonly sql: string;
  /** An instant is the text that both databases store. */
  readonly holds: keyof typeof FORMS;
}

const FORMS = {
  instant: (value: unknown) =>
    typeof value === 'string' && /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3}$/.test(value) && isReal(value),
  text: (value: unknown) => typeof value === 'string',
  integer: (value: unknown) => Number.isSafeInteger(value),
};

/** Whether the text is an instant of the calendar. */
function isReal(text: string): boolean {
  const instant = new Date(`${text.replace(' ', 'T')}Z`);
  return !Number.isNaN(instant.getTime()) && instantText(instant) === text;
}

/**
 * The order of a list, and the places in it. A cursor holds the sort values of the last row of a page, and the next page
 * starts after them. So rows that are inserted or deleted meanwhile shift nothing: a row that keeps its sort values is
 * neither skipped nor repeated. The columns together must be unique within the list.
 *
 * A cursor is not signed, because it gives no access: every page is limited to the rows that the caller may read.
 */
export class Keyset {
  private readonly list: string;

  /**
   * @param list what makes the list different from others: its name, owner and filters. A cursor of another list is refused.
   */
  constructor(
    list: readonly unknown[],
    private readonly columns: readonly SortColumn[],
    private readonly direction: 'ASC' | 'DESC',
  ) {
    this.list = canonical([...list, direction, ...columns.map(({ sql }) => sql)]);
  }

  /** The content of ORDER BY. */
  get order(): string {
    return this.columns.map(({ sql }) => `${sql} ${this.direction}`).join(', ');
  }

  /**
   * The position after which a page starts; undefined at the beginning of the list.
   * @throws Problem `validation` for a cursor that this list did not answer, and for a cursor together with an offset
   */
  start({ cursor, offset }: Place): Position | undefined {
    if (cursor === undefined) return undefined;
    if (offset !== 0) throw invalidField('offset', 'not-allowed', 'offset must not be sent with cursor');
    const position = this.read(cursor);
    if (position) return position;
    throw invalidField(
      'cursor',
      'invalid',
      'cursor must be the `pagination.next` of an earlier answer of this list, with the same filters and order',
    );
  }

  /** The cursor of the page that starts after this position. */
  next(position: Position): string {
    return Buffer.from(JSON.stringify([this.mark, ...position])).toString('base64url');
  }

  /**
   * A condition for the rows after a position, and its values. The first comparison is implied by the others; it lets an
   * index find the start of the page.
   */
  after(position: Position): [sql: string, values: Position] {
    const [first] = this.columns;
    const [value] = position;
    if (!first || value === undefined) throw new Error('A list needs a column to be sorted by');
    const [sql, values] = this.beyond(position);
    return this.columns.length === 1
      ? [sql, values]
      : [`${first.sql} ${this.isAfter}= ? AND (${sql})`, [value, ...values]];
  }

  /** The same for TypeORM's query builder, which knows only named parameters. */
  namedAfter(position: Position): [sql: string, parameters: Readonly<Record<string, string | number>>] {
    const [sql, values] = this.after(position);
    let count = 0;
    return [
      sql.replaceAll('?', () => `:after${count++}`),
      Object.fromEntries(values.map((value, index) => [`after${index}`, value])),
    ];
  }

  private get isAfter(): '<' | '>' {
    return this.direction === 'DESC' ? '<' : '>';
  }

  /** `a < ? OR (a = ? AND (b < ? …))` */
  private beyond(position: Position, from = 0): [sql: string, values: Position] {
    const column = this.columns[from];
    const value = position[from];
    if (!column || value === undefined) throw new Error('A position has one value for each column');
    const further = `${column.sql} ${this.isAfter} ?`;
    if (from === this.columns.length - 1) return [further, [value]];
    const [sql, values] = this.beyond(position, from + 1);
    return [`${further} OR (${column.sql} = ? AND ${sql})`, [value, value, ...values]];
  }

  private get mark(): string {
    return digest(this.list).slice(0, 16);
  }

  private read(cursor: string): Position | undefined {
    const content = parse(Buffer.from(cursor, 'base64url'));
    if (!Array.isArray(content)) return undefined;
    const [mark, ...position] = content as unknown[];
    const fits =
      mark === this.mark &&
      position.length === this.columns.length &&
      this.columns.every(({ holds }, index) => FORMS[holds](position[index]));
    // A text has one cursor only: one with other bits at its end did not come from here.
    return fits && this.next(position as Position) === cursor ? (position as Position) : undefined;
  }
}

function parse(text: Buffer): unknown {
  try {
    return JSON.parse(text.toString());
  } catch {
    return undefined;
  }
}
