import { checkDays } from './days.js';
import type { Kinds } from './kinds.generated.js';
import { localTime } from './local-time.js';
import { unwire, wire } from './names.js';
import {
  addSums,
  type ItemSums,
  nutrientSumsOf,
  type NutrientSums,
  rounded,
  sumsOf,
} from './nutrition/item-sums.js';
import {
  filled,
  type FilledItem,
  type FoodValues,
  isOpen,
  type ItemFault,
  type RecipeValues,
} from './nutrition/item-values.js';
import { type Energy, NUTRIENTS } from './nutrition/nutrients.js';
import { scaleNutrients as scaled } from './nutrition/scale-nutrients.js';
import { HaleError } from './problem.js';
import type { Item } from './records.js';
import type { components } from './schema.js';

/*
 * What the service computes of foods, recipes and meals, without a connection: by the service's own files, with the names of the API.
 */

type Schemas = components['schemas'];
type ItemOf<K extends keyof Kinds> = Item<Kinds[K]['fields'], Kinds[K]['data']>;

export type Nutrients = Schemas['Nutrients'];
export type MealItem = Schemas['MealItem'];
export type MealDay = Schemas['MealDay'];
/** The sums over items, each with the number of items with a known value. */
export type Sums = Omit<MealDay, 'local_date' | 'meal_count'>;
/** What an item takes from a food: one of the person's own, or a shared one. */
export type FoodSource = Pick<Schemas['FoodFields'], 'basis' | 'nutrients'>;
/** What an item takes from a recipe. */
export type RecipeSource = Pick<Schemas['RecipeFields'], 'servings' | 'yield_g' | 'items'>;

/** Local days, both included. */
export interface Days {
  readonly from: string;
  /** At most 365 days later. */
  readonly to: string;
}

const MAX_DAYS = 366;

/** The nutrients in the order in which an app shows them, as `GET /api/foods/nutrients` names them. */
export const nutrients = NUTRIENTS;

/**
 * What an amount of a food contains, in grams or millilitres as its basis says. What the food does not say stays absent.
 * @param per100 what 100 g or 100 ml contain
 */
export const scaleNutrients = (per100: Nutrients, amount: number): Nutrients =>
  wire(scaled(unwire(per100) as Energy, amount)) as Nutrients;

/**
 * An item with what it contains, as the service fills it by REST. One that already has a value, or that does not say how much it is, is
 * returned as it is.
 * @throws HaleError `invalid` if the unit does not fit, or if the yield of a recipe is needed and unknown
 */
export function fillItem(item: MealItem, from: FoodSource | RecipeSource): MealItem {
  const own = unwire(item) as FilledItem;
  if (!isOpen(own)) return item;
  const result: FilledItem | ItemFault = filled(
    own,
    'basis' in from ? (unwire(from) as FoodValues) : recipeValues(from),
  );
  if (!('rule' in result)) return wire(result) as MealItem;
  const { field, code, rule } = result;
  const message = `${field} ${rule}`;
  throw new HaleError('invalid', message, [
    { field, code: code === 'out-of-range' ? code : 'not-allowed', message },
  ]);
}

const recipeValues = ({ servings, yield_g: yieldG = null, items }: RecipeSource): RecipeValues => {
  const own = unwire(items) as FilledItem[];
  return { servings, yieldG, ...sumsOf(own), nutrients: nutrientSumsOf(own) ?? {} };
};

/** The sums over items, such as those of a whole recipe. */
export function sumItems(items: readonly MealItem[]): Sums {
  const own = unwire(items) as FilledItem[];
  return wire({ ...sumsOf(own), nutrients: nutrientSumsOf(own) ?? {} }) as Sums;
}

/**
 * The sums of meals by local day, as `GET /api/meals/summary` answers them. Days without a meal are left out. A meal that was changed
 * here counts for the day at the place where it was eaten.
 * @param meals such as `await hale.records('meal').list()`
 * @throws HaleError `invalid` for wrong days
 */
export function mealDays(meals: readonly ItemOf<'meal'>[], { from, to }: Days): MealDay[] {
  checkDays(from, to, MAX_DAYS);
  const days = new Map<string, DaySums>();
  for (const meal of meals) {
    const day = dayOf(meal);
    if (day >= from && day <= to) days.set(day, withMeal(days.get(day), meal));
  }
  return [...days.keys()].toSorted().map((day) => wire({ localDate: day, ...days.get(day) }) as MealDay);
}

interface DaySums extends ItemSums {
  mealCount: number;
  nutrients: NutrientSums;
}

function withMeal(day: DaySums | undefined, { fields }: ItemOf<'meal'>): DaySums {
  const items = unwire(fields.items) as FilledItem[];
  const meal: DaySums = { ...sumsOf(items), mealCount: 1, nutrients: nutrientSumsOf(items) ?? {} };
  if (!day) return meal;
  for (const name of Object.keys(meal) as (keyof DaySums)[]) {
    const more = meal[name];
    if (typeof more === 'number') Object.assign(day, { [name]: rounded(Number(day[name] ?? 0) + more) });
  }
  addSums(day.nutrients, meal.nutrients);
  return day;
}

/** The day that the service computed, unless an edit may change it. */
const dayOf = ({
  outdated,
  fields: { local_date: day, eaten_at: at, time_zone: zone },
}: ItemOf<'meal'>): string => (outdated ? undefined : day) ?? localTime(at, zone).local_date;
