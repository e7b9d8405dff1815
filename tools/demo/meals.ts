import type { MealFields } from '@hale/client';

type When = 'breakfast' | 'lunch' | 'dinner' | 'snack';

const MENU: Readonly<Record<When, { readonly at: string; readonly title: string; readonly item: string }>> = {
  breakfast: { at: '05:30', title: 'Porridge with nuts', item: 'Oats' },
  lunch: { at: '10:45', title: 'Lentil soup', item: 'Lentils' },
  snack: { at: '14:10', title: 'Apple', item: 'Apple' },
  dinner: { at: '17:20', title: 'Ratatouille', item: 'Aubergine' },
};

/** A meal on the day of the instant, at home in Vienna. */
export function meal(when: When, instant: string): MealFields {
  const { at, title, item } = MENU[when];
  const items = [{ name: item, quantity: 150, unit: 'g' }];
  return {
    eaten_at: `${new Date(instant).toISOString().slice(0, 10)}T${at}:00.000Z`,
    time_zone: 'Europe/Vienna',
    meal_type: when,
    title,
    note: null,
    items,
  };
}

export const RENAMED = 'Lentil soup with lemon';
export const NOTED = 'half the plate';

/** All texts in the meals. */
export const mealTexts = [...Object.values(MENU).flatMap(({ title, item }) => [title, item]), RENAMED, NOTED];
