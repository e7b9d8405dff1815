import { Entity, Index } from 'typeorm';
import {
  dayColumn,
  doubleColumn,
  instantColumn,
  integerColumn,
  jsonColumn,
  ownerKey,
  textColumn,
} from '../../platform/database/columns.js';
import { GroupedRecord } from '../../kernel/records/synced-record.js';

/** Something eaten, as it was entered. What is not known of it is null, which is not zero. */
export interface MealItem {
  readonly name: string;
  readonly quantity: number;
  readonly unit: string;
  readonly energy_kcal?: number | null;
  readonly protein_g?: number | null;
  readonly carbs_g?: number | null;
  readonly fat_g?: number | null;
}

/** One meal. Its sums follow from its items; beside each stands how many items it is known of. */
@Entity('meals')
@Index('idx_meals_user_seq', ['userId', 'seq'])
@Index('idx_meals_user_eaten', ['userId', 'eatenAt'])
@Index('idx_meals_user_day', ['userId', 'localDate'])
export class Meal extends GroupedRecord {
  @ownerKey('fk_meals_user') userId!: string;
  @instantColumn() eatenAt!: Date;
  @textColumn(64) timeZone!: string;
  /** The day it counts for: that of `eatenAt` in `timeZone`. */
  @dayColumn() localDate!: string;
  @textColumn(16) mealType!: string;
  @textColumn(200, { nullable: true }) title!: string | null;
  @textColumn(2_000, { nullable: true }) note!: string | null;
  @jsonColumn() items!: readonly MealItem[];
  @integerColumn() itemCount!: number;
  @doubleColumn({ nullable: true }) energyKcal!: number | null;
  @integerColumn() energyKnown!: number;
  @doubleColumn({ nullable: true }) proteinG!: number | null;
  @integerColumn() proteinKnown!: number;
  @doubleColumn({ nullable: true }) carbsG!: number | null;
  @integerColumn() carbsKnown!: number;
  @doubleColumn({ nullable: true }) fatG!: number | null;
  @integerColumn() fatKnown!: number;
}
