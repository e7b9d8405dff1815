import { toWire } from './wire.js';
import { Documented } from './documented.js';
import { IntegerField, IntegerQuery, ObjectField } from './fields.js';

export const DEFAULT_LIMIT = 100;
export const MAX_LIMIT = 500;

/** `?limit=&offset=` of every list. */
export class PageQuery {
  @IntegerQuery({
    description: 'How many items to answer at most.',
    example: 100,
    min: 1,
    max: MAX_LIMIT,
    default: DEFAULT_LIMIT,
  })
  limit: number = DEFAULT_LIMIT;

  @IntegerQuery({
    description: 'How many items to skip.',
    example: 0,
    min: 0,
    max: 1_000_000_000,
    default: 0,
  })
  offset: number = 0;
}

@Documented({ description: 'Where a page stands.' })
export class Pagination {
  @IntegerField({
    description: 'How many items there are in all.',
    example: 67,
    min: 0,
    max: Number.MAX_SAFE_INTEGER,
  })
  total!: number;

  @IntegerField({ description: 'The limit that was applied.', example: 100, min: 1, max: MAX_LIMIT })
  limit!: number;

  @IntegerField({ description: 'The offset that was applied.', example: 0, min: 0, max: 1_000_000_000 })
  offset!: number;
}

/** The part of a list's answer that is the same for all lists. */
export abstract class Page {
  @ObjectField({ description: 'Where this page stands.', type: () => Pagination })
  pagination!: Pagination;
}

/** A list's answer. */
export const pageWire = <Dto extends object>(
  dto: new () => Dto,
  { data, total }: { data: readonly object[]; total: number },
  { limit, offset }: { limit: number; offset: number },
): { data: Dto[]; pagination: Pagination } => ({
  data: data.map((entity) => toWire(dto, entity)),
  pagination: { total, limit, offset },
});
