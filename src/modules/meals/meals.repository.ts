import { Injectable } from '@nestjs/common';
import { Database, instantText } from '../../platform/database/database.js';
import type { SqlRow } from '../../platform/database/statements.js';
import { Table } from '../../platform/database/table.js';
import { conditions, OwnedRecords, type Place, type RecordPage } from '../../kernel/records/owned-records.js';
import { Meal } from './meal.entity.js';
import type { MealDayDto } from './meals.dto.js';

export interface MealFilter {
  /** Eaten at or after. */
  readonly since?: Date;
  /** Eaten before. */
  readonly until?: Date;
}

/** The way to meals is through their owner: there is no method without one. */
@Injectable()
export class MealsRepository {
  private readonly table: Table<Meal>;

  constructor(private readonly database: Database) {
    this.table = new Table(database.writer, Meal);
  }

  of(userId: string): OwnedMeals {
    return new OwnedMeals(this.database, this.table, userId);
  }
}

/** The meals of one person. */
export class OwnedMeals extends OwnedRecords<Meal> {
  /** The last eaten first. */
  page({ since, until }: MealFilter, place: Place): Promise<RecordPage<Meal>> {
    const eaten = conditions(
      ['eaten_at >= ?', since && instantText(since)],
      ['eaten_at < ?', until && instantText(until)],
    );
    return this.pageOf(eaten, 'eaten_at DESC, id DESC', place);
  }

  /** Sums by day, from one day to another. SQL leaves unknown values out of a sum. */
  async days(from: string, to: string): Promise<MealDayDto[]> {
    const rows = await this.database.rows<SqlRow>(
      `SELECT local_date, COUNT(*) AS meal_count, ${SUMS} FROM meals
       WHERE user_id = ? AND local_date >= ? AND local_date <= ? AND deleted_at IS NULL
       GROUP BY local_date ORDER BY local_date`,
      [this.userId, from, to],
    );
    return rows.map(
      (row) =>
        Object.fromEntries(
          Object.entries(row).map(([name, value]) => [
            name,
            name === 'local_date' || value === null ? value : Number(value),
          ]),
        ) as unknown as MealDayDto,
    );
  }
}

const SUMS = ['item_count', 'energy_kcal', 'protein_g', 'carbs_g', 'fat_g']
  .concat(['energy_known', 'protein_known', 'carbs_known', 'fat_known'])
  .map((column) => `SUM(${column}) AS ${column}`)
  .join(', ');
