import { Entity, Index } from 'typeorm';
import {
  dayColumn,
  doubleColumn,
  instantColumn,
  integerColumn,
  jsonColumn,
  ownerKey,
  textColumn,
  uuidColumn,
} from '../../../platform/database/columns.js';
import { storedAs } from '../../../kernel/http/answer.js';
import { GroupedRecord } from '../../../records/define/synced-record.js';
import { NutrientSumsDto } from '../items/item-nutrients.dto.js';
import { MealItemDto } from '../items/meal-item.dto.js';

/** One meal. Its sums are computed from its items; a count beside each sum says for how many items the value is known. */
@Entity('meals')
@Index('idx_meals_user_seq', ['userId', 'seq'])
@Index('idx_meals_user_eaten', ['userId', 'deletedAt', 'eatenAt', 'id'])
@Index('idx_meals_user_day', ['userId', 'localDate'])
export class Meal extends GroupedRecord {
  @ownerKey('fk_meals_user') userId!: string;
  @instantColumn() eatenAt!: Date;
  @textColumn(64) timeZone!: string;
  /** The day it counts for: the local date of `eatenAt` in `timeZone`. */
  @dayColumn() localDate!: string;
  @textColumn(16) mealType!: string;
  @uuidColumn({ nullable: true }) mealTypeId!: string | null;
  @textColumn(200, { nullable: true }) title!: string | null;
  @textColumn(2_000, { nullable: true }) note!: string | null;
  @jsonColumn({ transformer: storedAs(() => MealItemDto) }) items!: MealItemDto[];
  @integerColumn() itemCount!: number;
  @doubleColumn({ nullable: true }) energyKcal!: number | null;
  @integerColumn() energyKnown!: number;
  @doubleColumn({ nullable: true }) proteinG!: number | null;
  @integerColumn() proteinKnown!: number;
  @doubleColumn({ nullable: true }) carbsG!: number | null;
  @integerColumn() carbsKnown!: number;
  @doubleColumn({ nullable: true }) fatG!: number | null;
  @integerColumn() fatKnown!: number;
  /** Null also for a meal that was stored before items had other nutrients. */
  @jsonColumn({ nullable: true, transformer: storedAs(() => NutrientSumsDto) })
  nutrientSums!: NutrientSumsDto | null;
}
