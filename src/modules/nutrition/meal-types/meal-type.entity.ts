import { Entity, Index } from 'typeorm';
import { booleanColumn, integerColumn, ownerKey, textColumn } from '../../../platform/database/columns.js';
import { GroupedRecord } from '../../../records/define/synced-record.js';

const optional = { nullable: true } as const;

/** A meal of the day that one person made up, such as a second breakfast. */
@Entity('meal_types')
@Index('idx_meal_types_user_seq', ['userId', 'seq'])
@Index('idx_meal_types_user_created', ['userId', 'deletedAt', 'createdAt', 'id'])
export class MealType extends GroupedRecord {
  @ownerKey('fk_meal_types_user') userId!: string;
  @textColumn(100) name!: string;
  @textColumn(5, optional) defaultTime!: string | null;
  @integerColumn(optional) position!: number | null;
  @booleanColumn(optional) isHidden!: boolean | null;
}
