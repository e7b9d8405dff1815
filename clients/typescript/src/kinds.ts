import type { components } from './schema.js';
import type { Fields } from './wire.js';

/** Read-only and always pulled: the versions that did not hold. */
export const CONFLICT = 'conflict';

export type WeightFields = components['schemas']['WeightFieldsDto'];
export type MealFields = components['schemas']['MealFieldsDto'];

/** By kind, what a person enters, and what a record says. */
export interface Kinds {
  weight: { fields: WeightFields; data: WeightFields };
  meal: { fields: MealFields; data: components['schemas']['MealDataDto'] };
}

export type Kind = keyof Kinds;

/** Fields that may be sent; a record carries derived ones besides, which the server works out. */
const WRITABLE: { readonly [K in Kind]: Readonly<Record<keyof Kinds[K]['fields'], true>> } = {
  weight: { weight_value: true, unit: true, timestamp: true },
  meal: { eaten_at: true, time_zone: true, meal_type: true, title: true, note: true, items: true },
};

const isKnown = (kind: string): kind is Kind => kind in WRITABLE;

/** The entered part of a record. Of a kind this version does not know, everything. */
export function writable(kind: string, data: Fields): Fields {
  if (!isKnown(kind)) return data;
  return Object.fromEntries(Object.entries(data).filter(([name]) => name in WRITABLE[kind]));
}
