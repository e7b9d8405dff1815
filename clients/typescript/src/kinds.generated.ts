// Made by `npm run generate` from openapi.json.
import type { KindRules } from './rules.js';
import type { components } from './schema.js';

export type MealFields = components['schemas']['MealFields'];
export type WeightFields = components['schemas']['WeightFields'];

/** By kind, what a person enters, and what a record says. */
export interface Kinds {
  meal: { fields: components['schemas']['MealFields']; data: components['schemas']['MealData'] };
  weight: { fields: components['schemas']['WeightFields']; data: components['schemas']['WeightFields'] };
}

export type Kind = keyof Kinds;

/** What a client may write of each kind. */
export const RULES: Readonly<Record<Kind, KindRules>> = {
  meal: {
    groups: [['eaten_at', 'time_zone'], ['meal_type'], ['title'], ['note'], ['items']],
    time: 'eaten_at',
    fields: {
      type: 'object',
      required: ['eaten_at', 'time_zone', 'meal_type', 'items'],
      properties: {
        eaten_at: { type: 'string', format: 'date-time' },
        time_zone: { type: 'string', minLength: 1, maxLength: 64 },
        meal_type: { type: 'string', enum: ['breakfast', 'lunch', 'dinner', 'snack', 'other'] },
        title: { type: ['string', 'null'], minLength: 1, maxLength: 200 },
        note: { type: ['string', 'null'], minLength: 1, maxLength: 2000 },
        items: {
          type: 'array',
          maxItems: 50,
          items: {
            type: 'object',
            required: ['name', 'quantity', 'unit'],
            properties: {
              name: { type: 'string', minLength: 1, maxLength: 100 },
              quantity: { type: 'number', minimum: 0, maximum: 1000000 },
              unit: { type: 'string', minLength: 1, maxLength: 16 },
              energy_kcal: { type: ['number', 'null'], minimum: 0, maximum: 100000 },
              protein_g: { type: ['number', 'null'], minimum: 0, maximum: 100000 },
              carbs_g: { type: ['number', 'null'], minimum: 0, maximum: 100000 },
              fat_g: { type: ['number', 'null'], minimum: 0, maximum: 100000 },
            },
          },
        },
      },
    },
  },
  weight: {
    groups: [['weight_value', 'unit', 'timestamp']],
    time: 'timestamp',
    fields: {
      type: 'object',
      required: ['weight_value', 'unit', 'timestamp'],
      properties: {
        weight_value: {
          type: 'number',
          minimum: 0.15,
          maximum: 1544,
          rangeBy: {
            field: 'unit',
            ranges: {
              kg: { minimum: 1, maximum: 700 },
              lb: { minimum: 2.2046226218487757, maximum: 1543.235835294143 },
              st: { minimum: 0.1574730444177697, maximum: 110.23113109243879 },
            },
          },
        },
        unit: { type: 'string', enum: ['kg', 'lb', 'st'] },
        timestamp: { type: 'string', format: 'date-time' },
      },
    },
  },
};
