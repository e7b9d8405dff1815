import { Documented } from './documented.js';
import { CodeField, IntegerField, IntegerQuery, ObjectField } from './fields.js';

export const DEFAULT_LIMIT = 100;
export const MAX_LIMIT = 500;
/** The database reads and drops every row before an offset, so a large one costs more than the page. */
export const MAX_OFFSET = 10_000;
/** A page ends before its rows exceed this size. One row always fits. */
export const PAGE_BYTES = 1_048_576;

const CURSOR = {
  example: 'WyJvVlN4bTFiTmZrM1EiLCIyMDI2LTAxLTA2IDIwOjMwOjAwLjAwMCJd',
  pattern: /^[\w-]+$/,
  mustBe: 'the `next` of an earlier answer, unchanged',
  max: 1_024,
};

/** The query parameters `limit`, `offset` and `cursor` of every list. */
export class PageQuery {
  @IntegerQuery({
    description:
      'The maximum number of items in the answer. There are fewer when they are larger than 1 MiB.',
    example: 100,
    min: 1,
    max: MAX_LIMIT,
    default: DEFAULT_LIMIT,
  })
  limit: number = DEFAULT_LIMIT;

  @IntegerQuery({
    description: 'The number of items to skip. To go further, send `pagination.next` as `cursor`.',
    example: 0,
    min: 0,
    max: MAX_OFFSET,
    tooLarge: `$property must not be greater than ${MAX_OFFSET}; to go further, send \`pagination.next\` as \`cursor\``,
    default: 0,
  })
  offset: number = 0;

  @CodeField({
    ...CURSOR,
    description:
      'The `pagination.next` of the last answer, unchanged, with the same filters: the page begins after that answer. Not together with `offset`.',
    optional: true,
  })
  cursor?: string;
}

/** Where a page starts, and its maximum number of rows. */
export interface Place {
  readonly limit: number;
  readonly offset: number;
  /** Where the page before it ended; see `Keyset`. */
  readonly cursor?: string | undefined;
}

/** The items of a page, and where the next page starts. */
export interface Listing<Item> {
  readonly data: Item[];
  /** The number of items in the whole list. */
  readonly total: number;
  /** The cursor of the next page. Undefined when the list ends here. */
  readonly next: string | undefined;
}

@Documented({ description: 'The position of a page in its list.' })
export class Pagination {
  @IntegerField({
    description: 'The number of items in the whole list.',
    example: 67,
    min: 0,
    max: Number.MAX_SAFE_INTEGER,
  })
  total!: number;

  @IntegerField({ description: 'The limit that was used.', example: 100, min: 1, max: MAX_LIMIT })
  limit!: number;

  @IntegerField({ description: 'The offset that was used.', example: 0, min: 0, max: MAX_OFFSET })
  offset!: number;

  @CodeField({
    ...CURSOR,
    description:
      'Send it as `cursor` to get the next page. Absent when there are no more items. A page may have fewer items than `limit` and still have a next one.',
    optional: true,
  })
  next?: string;
}

/** The part of the answer that all lists share. */
export abstract class Page {
  @ObjectField({ description: 'The position of this page in the list.', type: () => Pagination })
  pagination!: Pagination;
}

/** Builds the answer of a list: the items of one page, and the page's position. */
export const pageOf = <Item>(
  { limit, offset }: Place,
  { data, total, next }: Listing<Item>,
): { data: Item[]; pagination: Pagination } => ({
  data,
  pagination: { total, limit, offset, ...(next === undefined ? {} : { next }) },
});
