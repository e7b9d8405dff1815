/* Complete bodies for the API documentation; tests send the requests among them. */
import type { NutrientValues } from './nutrients.js';

/** As on a label, which says nothing about most nutrients. */
export const nutrients: NutrientValues = {
  energy_kcal: 368,
  energy_kj: 1_548,
  protein_g: 13.5,
  carbs_g: 58.7,
  sugars_g: 0.7,
  fiber_g: 10,
  fat_g: 7,
  saturated_g: 1.3,
  sodium_mg: 4,
};

export const serving = { label: 'A bowl', amount: 50, unit: 'g', is_default: true };

export const oats = {
  name: 'Rolled oats',
  brand: 'Mill & Sons',
  barcode: '4006381333931',
  basis: 'per_100g',
  nutrients,
  servings: [serving, { label: 'A tablespoon', amount: 10, unit: 'g', is_default: false }],
  category: 'Cereals',
  language: 'en',
};

const juice = {
  name: 'Apple juice',
  basis: 'per_100ml',
  nutrients: { energy_kj: 193, carbs_g: 11, sugars_g: null },
  servings: [{ label: 'A glass', amount: 200, unit: 'ml', is_default: true }],
};

export const creation = {
  oats: { summary: 'From a label', value: oats },
  juice: { summary: 'A drink; its energy is known in kilojoules, and its sugars are unknown', value: juice },
};

export const update = {
  servings: { summary: 'Another serving', value: { servings: [serving], version: 1 } },
};

export const found = {
  both: {
    summary: 'A food of your own, and a shared one',
    value: {
      data: [
        {
          ...oats,
          id: '019b9500-a0c8-7c2e-8f4d-2a9b7c6d5e10',
          origin: 'own',
          barcode: '04006381333931',
          other_name: null,
          energy_kcal: 368,
          attribution: null,
        },
        {
          id: '1d7c1f0e-7a52-5c4b-9d3f-6b0a2e8c4f11',
          origin: 'shared',
          name: 'Oat, raw',
          other_name: 'Avoine, crue',
          brand: null,
          barcode: null,
          basis: 'per_100g',
          nutrients: { energy_kcal: 367, protein_g: 10.6, sugars_g: null },
          servings: [],
          category: 'pasta, rice and grains',
          language: 'en',
          source: 'ciqual',
          source_ref: '32140',
          source_licence: 'Etalab-2.0',
          energy_kcal: 367,
          attribution: 'Anses. 2020. Ciqual French food composition table',
        },
      ],
    },
  },
};

export const scanned = {
  own: {
    summary: 'A food of your own',
    value: { data: found.both.value.data.slice(0, 1), open_food_facts: 'not_asked' },
  },
  nothing: {
    summary: 'An unknown product, on a server that does not ask',
    value: { data: [], open_food_facts: 'not_asked' },
  },
};
