import { Entity, Index } from 'typeorm';
import { storedAs } from '../../../kernel/http/answer.js';
import {
  doubleColumn,
  integerColumn,
  jsonColumn,
  longTextColumn,
  ownerKey,
  textColumn,
} from '../../../platform/database/columns.js';
import { GroupedRecord } from '../../../records/define/synced-record.js';
import { NutrientSumsDto } from '../items/item-nutrients.dto.js';
import { MealItemDto } from '../items/meal-item.dto.js';

/** A dish that a person makes. Its sums are computed from its items; a count beside each says for how many items the value is known. */
@Entity('recipes')
@Index('idx_recipes_user_seq', ['userId', 'seq'])
@Index('idx_recipes_user_created', ['userId', 'deletedAt', 'createdAt', 'id'])
@Index('idx_recipes_user_parts', ['userId', 'partCount'])
export class Recipe extends GroupedRecord {
  @ownerKey('fk_recipes_user') userId!: string;
  @textColumn(100) name!: string;
  /** The recipes among its items, each once. */
  @jsonColumn() partIds!: string[];
  @integerColumn() partCount!: number;
  @textColumn(2_000, { nullable: true }) note!: string | null;
  @longTextColumn({ nullable: true }) instructions!: string | null;
  @doubleColumn() servings!: number;
  @doubleColumn({ nullable: true }) yieldG!: number | null;
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
  @jsonColumn({ transformer: storedAs(() => NutrientSumsDto) }) nutrients!: NutrientSumsDto;
}
