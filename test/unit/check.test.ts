import { describe, expect, it } from 'vitest';
import { validate } from '../../src/kernel/http/validation.js';
import { MealFieldsDto } from '../../src/modules/meals/meals.dto.js';

const meal = {
  eaten_at: '2026-01-06T07:30:00.000Z',
  time_zone: 'Europe/Berlin',
  meal_type: 'breakfast',
  items: [{ name: 'Oats', quantity: 80, unit: 'g' }],
};

/** An entry that notices when somebody looks into it. */
function watched(): { entry: object; readonly looks: number } {
  let looks = 0;
  const look = (): undefined => void (looks += 1);
  const entry = new Proxy({}, { ownKeys: () => (look(), []), get: look, getOwnPropertyDescriptor: look });
  return {
    entry,
    get looks() {
      return looks;
    },
  };
}

describe('checking input', () => {
  it.each([
    { field: 'items', count: 51, code: 'out-of-range', says: 'items must contain no more than 50 elements' },
    { field: 'title', count: 1, code: 'wrong-type', says: 'title must be a string' },
    { field: 'steps', count: 1, code: 'unknown-field', says: 'steps is not a field of this request' },
  ])('looks into no entry of a list that is refused: $field', ({ field, count, code, says }) => {
    const spy = watched();
    const list = Array.from({ length: count }, () => spy.entry);
    expect(validate(MealFieldsDto, { ...meal, [field]: list })).toEqual([{ field, code, message: says }]);
    expect(spy.looks).toBe(0);
  });

  it('names the entry and the field in it', () => {
    const items = [...meal.items, { ...meal.items[0], quantity: -1, salt: 1 }, { name: 'Milk' }];
    expect(validate(MealFieldsDto, { ...meal, items })).toMatchObject([
      { field: 'items.1.salt', code: 'unknown-field' },
      { field: 'items.1.quantity', code: 'out-of-range', message: 'quantity must not be less than 0' },
      { field: 'items.2.quantity', code: 'required' },
      { field: 'items.2.unit', code: 'required' },
    ]);
  });

  it('repeats no more of an unknown name than a name may have', () => {
    const [error] = validate(MealFieldsDto, { ...meal, ['x'.repeat(1_000)]: 1 }) as { message: string }[];
    expect(error?.message).toBe(`${'x'.repeat(64)} is not a field of this request`);
  });
});
