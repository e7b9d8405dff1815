import { setImmediate as nextTurn } from 'node:timers/promises';
import { checkDayRange } from '../../../kernel/http/day-range.js';
import { revive } from '../../../kernel/http/answer.js';
import type { Listing, Place } from '../../../kernel/http/paging.js';
import { placeholders, readInstant } from '../../../platform/database/database.js';
import { camelCase } from '../../../platform/database/naming.js';
import type { Owner } from '../../../records/define/owner.js';
import type { Listed } from '../../../records/define/synced-record.js';
import { type Condition, conditions } from '../../../records/read/conditions.js';
import { type Period, RecordRepository } from '../../../records/write/record-repository.js';
import type { Records } from '../../../records/write/records.js';
import { NutrientSumsDto } from '../items/item-nutrients.dto.js';
import { addSums, type NutrientSums, rounded } from '../items/item-sums.js';
import type { Meal } from './meal.entity.js';
import { MAX_DAYS, type MealDayDto } from './meals.dto.js';
import { mealRecord } from './meals.record.js';
import type { RecentFoodDto } from './recent-foods.dto.js';
import { RecentFoods } from './recent-foods.js';

/** The items of a day that are read at once. */
const MOST_OF_DAY_BYTES = 524_288;
/** The meals in which recent foods are looked for. */
const LATEST = 200;
/** At most 60 kB each. */
const LATEST_AT_ONCE = 20;
const MOST_READ_BYTES = 1_048_576;
/** Rows of at most 2 kB. */
const SUMMED_AT_ONCE = 500;

/** Which meals of a day; all without a list. */
export interface ChosenMeals {
  readonly mealTypes: readonly string[] | null | undefined;
  readonly ids: readonly string[] | null | undefined;
}

/** The meals of one person. */
export class MealsRepository extends RecordRepository<Meal> {
  constructor(records: Records, owner: Owner) {
    super(records, mealRecord, owner);
  }

  /** One page, the most recently eaten first. */
  list(period: Period, place: Place): Promise<Listing<Listed<Meal>>> {
    return this.pageBy('eatenAt', period, place);
  }

  /**
   * Sums by day for a range of days.
   * @throws Problem `validation` if the days are in the wrong order, or too many
   */
  async days(from: string, to: string): Promise<MealDayDto[]> {
    const totals = await this.totals(from, to);
    const nutrients = totals.length === 0 ? undefined : await this.nutrients(from, to);
    return totals.map((day) => ({
      ...day,
      nutrients: nutrients?.get(day.localDate) ?? {},
    }));
  }

  /**
   * The same without the other nutrients, which take longer. SQL leaves unknown values out of a sum.
   * @throws Problem `validation` if the days are in the wrong order, or too many
   */
  async totals(from: string, to: string): Promise<Omit<MealDayDto, 'nutrients'>[]> {
    checkDayRange({ from, to }, MAX_DAYS);
    const rows = await this.compute(
      `local_date, COUNT(*) AS meal_count, ${SUMS}`,
      conditions(['local_date >= ?', from], ['local_date <= ?', to]),
      'GROUP BY local_date ORDER BY local_date',
    );
    return rows.map(
      (row) =>
        Object.fromEntries(
          Object.entries(row).map(([name, value]) => [
            camelCase(name),
            name === 'local_date' || value === null ? value : rounded(Number(value)),
          ]),
        ) as unknown as Omit<MealDayDto, 'nutrients'>,
    );
  }

  /**
   * The meals of a local day, in any order.
   * @param chosen leaves out meals of other types, or with other ids
   * @returns undefined if they are more than `most`, or too large together
   */
  async ofDay(day: string, { mealTypes, ids }: ChosenMeals, most: number): Promise<Meal[] | undefined> {
    const [types, ofTypes] = among('meal_type', mealTypes);
    const [named, byId] = among('id', ids);
    const rows = await this.compute(
      'id, LENGTH(items) AS size',
      [` AND local_date = ?${types}${named}`, [day, ...ofTypes, ...byId]],
      `LIMIT ${most + 1}`,
    );
    const bytes = rows.reduce((sum, { size }) => sum + Number(size), 0);
    if (rows.length > most || bytes > MOST_OF_DAY_BYTES) return undefined;
    return this.findAll(rows.map(({ id }) => String(id)));
  }

  /** What was eaten in the latest meals, each food once. Other requests are served between two steps of the reading. */
  async recent(most: number): Promise<RecentFoodDto[]> {
    const recent = new RecentFoods(most);
    for (let [read, bytes] = [0, 0]; read < LATEST && bytes < MOST_READ_BYTES; read += LATEST_AT_ONCE) {
      const rows = await this.compute(
        'eaten_at, items',
        conditions(),
        `ORDER BY eaten_at DESC, id DESC LIMIT ${LATEST_AT_ONCE} OFFSET ${read}`,
      );
      for (const row of rows) {
        const items = String(row['items']);
        bytes += items.length;
        recent.add(readInstant(row['eaten_at']), items);
      }
      if (recent.isFull || rows.length < LATEST_AT_ONCE) break;
      await nextTurn();
    }
    return recent.all;
  }

  /** The sums of the other nutrients by day. They are read in steps, between which other requests are served. */
  private async nutrients(from: string, to: string): Promise<ReadonlyMap<string, NutrientSums>> {
    const days = new Map<string, NutrientSums>();
    let [day, id] = [from, ''];
    for (;;) {
      const rows = await this.compute(
        'local_date, id, nutrient_sums',
        [
          ' AND local_date >= ? AND local_date <= ? AND nutrient_sums IS NOT NULL AND (local_date > ? OR id > ?)',
          [day, to, day, id],
        ],
        `ORDER BY local_date, id LIMIT ${SUMMED_AT_ONCE}`,
      );
      for (const row of rows) {
        [day, id] = [String(row['local_date']), String(row['id'])];
        const sums = days.get(day) ?? {};
        addSums(sums, revive(NutrientSumsDto, JSON.parse(String(row['nutrient_sums'])) as object));
        days.set(day, sums);
      }
      if (rows.length < SUMMED_AT_ONCE) return days;
      await nextTurn();
    }
  }
}

const SUMS = ['item_count', 'energy_kcal', 'protein_g', 'carbs_g', 'fat_g']
  .concat(['energy_known', 'protein_known', 'carbs_known', 'fat_known'])
  .map((column) => `SUM(${column}) AS ${column}`)
  .join(', ');

const among = (column: string, values: readonly string[] | null | undefined): Condition =>
  values ? [` AND ${column} IN (${placeholders(values.length)})`, values] : ['', []];
