/* Complete bodies for the API documentation; tests send the requests among them. */
import { item, walnuts } from '../items/items.examples.js';

export const breakfast = {
  eaten_at: '2026-01-06T07:30:00.000Z',
  time_zone: 'Europe/Berlin',
  meal_type: 'breakfast',
  title: 'Porridge with nuts',
  note: 'Before the run',
  items: [item, walnuts],
};

export const creation = {
  breakfast: { summary: 'A breakfast; only the energy of the nuts is known', value: breakfast },
};

export const update = {
  note: { summary: 'Only the note', value: { note: 'After the run', version: 1 } },
  items: { summary: 'Other items', value: { items: [walnuts] } },
};

export const copyExamples = {
  day: { summary: 'A whole day', value: { from: '2026-01-06', to: '2026-01-07' } },
  breakfast: {
    summary: 'Only breakfast, on a journey',
    value: { from: '2026-01-06', to: '2026-01-09', meal_types: ['breakfast'], time_zone: 'America/New_York' },
  },
};

const stored = {
  ...breakfast,
  local_date: '2026-01-06',
  id: '019b9500-b1d9-7a3f-9c5e-3b0c8d7e6f21',
  created_at: '2026-01-06T07:31:00.000Z',
  updated_at: '2026-01-06T07:31:00.000Z',
  version: 1,
};

export const page = {
  page: { summary: 'One meal', value: { data: [stored], pagination: { total: 1, limit: 100, offset: 0 } } },
};

export const summary = {
  day: {
    summary: 'One day; protein, carbohydrates and fat are known for one of two items',
    value: {
      data: [
        {
          local_date: '2026-01-06',
          meal_count: 1,
          item_count: 2,
          energy_kcal: 231,
          energy_known: 2,
          protein_g: 6.1,
          protein_known: 1,
          carbs_g: 27,
          carbs_known: 1,
          fat_g: 3.5,
          fat_known: 1,
          nutrients: { fiber_g: { sum: 4.2, known: 1 }, sodium_mg: { sum: 5, known: 1 } },
        },
      ],
    },
  },
};

export const recent = {
  breakfast: {
    summary: 'The items of one breakfast',
    value: {
      data: [
        { eaten_at: breakfast.eaten_at, item },
        { eaten_at: breakfast.eaten_at, item: walnuts },
      ],
    },
  },
};
