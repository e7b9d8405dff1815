import { Documented } from './documented.js';
import { IntegerField, IntegerQuery, ObjectField } from './fields.js';

export const DEFAULT_LIMIT = 100;
export const MAX_LIMIT = 500;

/** The query parameters `limit` and `offset` of every list. */
export class PageQuery {
  @IntegerQuery({
    description: 'The maximum number of items in the answer.',
    example: 100,
    min: 1,
    max: MAX_LIMIT,
    default: DEFAULT_LIMIT,
  })
  limit: number = DEFAULT_LIMIT;

  @IntegerQuery({
    description: 'The number of items to skip.',
    example: 0,
    min: 0,
    max: 1_000_000_000,
    default: 0,
  })
  offset: number = 0;
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

  @IntegerField({ description: 'The offset that was used.', example: 0, min: 0, max: 1_000_000_000 })
  offset!: number;
}

/** The part of the answer that all lists share. */
export abstract class Page {
  @ObjectField({ description: 'The position of this page in the list.', type: () => Pagination })
  pagination!: Pagination;
}

/** Builds the answer of a list: the items of one page, and the page's position. */
export const pageOf = <Item>(
  { limit, offset }: { limit: number; offset: number },
  { data, total }: { readonly data: Item[]; readonly total: number },
): { data: Item[]; pagination: Pagination } => ({ data, pagination: { total, limit, offset } });
