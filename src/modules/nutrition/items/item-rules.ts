import { write } from '../../../kernel/http/answer.js';
import { fault, type FieldError } from '../../../kernel/http/problem.js';
import { MealItemDto } from './meal-item.dto.js';

/** Below the 64 KiB of the column on MySQL: room for 50 items, each with all nutrients and a long name. */
const MAX_BYTES = 60_000;

/** Checks the rules between the fields of items. */
export const faultsOfItems = (items: readonly MealItemDto[] | undefined): FieldError[] => [
  ...faultsOfSources(items ?? [], 'items'),
  ...faultsOfSize(items),
];

/** Checks what items are made of. @param path of the list of items */
export const faultsOfSources = (items: readonly MealItemDto[], path: string): FieldError[] =>
  items.flatMap((item, at) => faultsOfSource(item, `${path}.${at}`));

function faultsOfSource({ foodId, recipeId, servings }: MealItemDto, path: string): FieldError[] {
  const [recipe, share] = [`${path}.recipe_id`, `${path}.servings`];
  if (recipeId == null && servings != null)
    return fault(share, 'not-allowed', `${share} must be absent without recipe_id`);
  if (recipeId != null && foodId != null)
    return fault(recipe, 'not-allowed', `${recipe} must be absent beside food_id`);
  return [];
}

/** Refuses items that do not fit into their column. */
function faultsOfSize(items: readonly MealItemDto[] | undefined): FieldError[] {
  if (!items?.some(({ nutrients }) => nutrients)) return [];
  return faultsOfBytes('items', MealItemDto, items);
}

/** Refuses entries that do not fit into a column together. */
export function faultsOfBytes<Entry extends object>(
  field: string,
  type: new () => Entry,
  entries: readonly Entry[],
): FieldError[] {
  const text = JSON.stringify(entries.map((entry) => write(type, entry)));
  return Buffer.byteLength(text) <= MAX_BYTES
    ? []
    : fault(field, 'out-of-range', `${field} must be at most ${MAX_BYTES} bytes of JSON together`);
}
