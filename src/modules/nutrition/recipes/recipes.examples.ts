/* Complete bodies for the API documentation; tests send the requests among them. */
import { CIQUAL, sharedFoodId } from '../foods/shared/food-sources.js';
import { walnuts } from '../items/items.examples.js';

const milk = {
  name: 'Whole milk',
  quantity: 0.5,
  unit: 'l',
  energy_kcal: 320,
  protein_g: 16,
  carbs_g: 24,
  fat_g: 18,
  nutrients: { calcium_mg: 600 },
};

export const porridge = {
  name: 'Porridge with nuts',
  note: 'For two mornings',
  instructions: 'Boil the milk with the oats for five minutes. Add the nuts.',
  servings: 2,
  yield_g: 580,
  items: [milk, walnuts],
};

const tapioca = {
  name: 'Tapioca',
  servings: 4,
  items: [
    {
      name: 'Tapioca',
      quantity: 80,
      unit: 'g',
      food_id: sharedFoodId(CIQUAL, '4000'),
      amount: 80,
      amount_unit: 'g',
    },
  ],
};

export const creation = {
  porridge: {
    summary: 'With the values of its items; only the energy of the nuts is known',
    value: porridge,
  },
  tapioca: { summary: 'An item that gets its values from a shared food', value: tapioca },
};

export const update = {
  servings: { summary: 'More servings of the same', value: { servings: 3, version: 1 } },
  items: { summary: 'Other items', value: { items: [milk] } },
};

const stored = {
  ...porridge,
  item_count: 2,
  energy_kcal: 373,
  energy_known: 2,
  protein_g: 16,
  protein_known: 1,
  carbs_g: 24,
  carbs_known: 1,
  fat_g: 18,
  fat_known: 1,
  nutrients: { calcium_mg: { sum: 600, known: 1 } },
  id: '019b9500-b1d9-7a3f-9c5e-3b0c8d7e6f22',
  created_at: '2026-01-06T07:31:00.000Z',
  updated_at: '2026-01-06T07:31:00.000Z',
  version: 1,
};

export const page = {
  page: {
    summary: 'One recipe',
    value: { data: [stored], pagination: { total: 1, limit: 100, offset: 0 } },
  },
};
