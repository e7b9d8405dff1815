import { Entity, Index } from 'typeorm';
import { storedAs } from '../../../kernel/http/answer.js';
import { jsonColumn, ownerKey, textColumn } from '../../../platform/database/columns.js';
import { GroupedRecord } from '../../../records/define/synced-record.js';
import { PlannedMealDto } from './meal-plans.fields.js';

/** A day of meals that a person plans. It is no part of what was eaten, so no sum counts it. */
@Entity('meal_plans')
@Index('idx_meal_plans_user_seq', ['userId', 'seq'])
@Index('idx_meal_plans_user_created', ['userId', 'deletedAt', 'createdAt', 'id'])
export class MealPlan extends GroupedRecord {
  @ownerKey('fk_meal_plans_user') userId!: string;
  @textColumn(200) name!: string;
  @textColumn(2_000, { nullable: true }) note!: string | null;
  @jsonColumn({ transformer: storedAs(() => PlannedMealDto) }) meals!: PlannedMealDto[];
}
