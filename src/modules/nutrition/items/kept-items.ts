import { canonical } from '../../../kernel/canonical.js';
import { write } from '../../../kernel/http/answer.js';
import { isOpen } from './item-values.js';
import { MealItemDto } from './meal-item.dto.js';

/**
 * Replaces each open item by a stored one that equals it in all fields that were sent, so that what was eaten stays. Each stored
 * item stands for one.
 */
export function keepStored(items: readonly MealItemDto[], stored: readonly MealItemDto[]): MealItemDto[] {
  const left = [...stored];
  return items.map((item) => {
    const at = isOpen(item) ? left.findIndex((one) => saysTheSame(item, one)) : -1;
    return at < 0 ? item : (left.splice(at, 1)[0] ?? item);
  });
}

/** An absent value and null are the same. */
function saysTheSame(sent: MealItemDto, stored: MealItemDto): boolean {
  const known = write(MealItemDto, stored);
  return Object.entries(write(MealItemDto, sent)).every(
    ([name, value]) => value === null || canonical(value) === canonical(known[name] ?? null),
  );
}
