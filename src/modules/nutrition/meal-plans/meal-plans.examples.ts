/* Complete bodies for the API documentation; tests send the requests among them. */
import { item, walnuts } from '../items/items.examples.js';

export const trainingDay = {
  name: 'Training day',
  note: 'Carbohydrates before the run',
  meals: [
    { meal_type: 'breakfast', local_time: '07:30', title: 'Porridge with nuts', items: [item, walnuts] },
    { meal_type: 'snack', local_time: '16:00', items: [walnuts] },
  ],
};

export const creation = {
  day: { summary: 'Two meals', value: trainingDay },
  empty: { summary: 'Only a name; the meals come later', value: { name: 'Rest day', meals: [] } },
};

export const update = {
  name: { summary: 'Only the name', value: { name: 'Long run', version: 1 } },
  meals: { summary: 'Other meals', value: { meals: trainingDay.meals.slice(0, 1) } },
};
