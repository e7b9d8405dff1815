import { Entity, Index } from 'typeorm';
import { storedAs } from '../../../kernel/http/answer.js';
import { doubleColumn, jsonColumn, ownerKey, textColumn } from '../../../platform/database/columns.js';
import { GroupedRecord } from '../../../records/define/synced-record.js';
import { MAX_SEARCH_TEXT } from './folding.js';
import { ServingDto } from './foods.dto.js';
import { NutrientsDto } from './nutrients.dto.js';

/** A food that one person entered. Nobody else finds it. */
@Entity('foods')
@Index('idx_foods_user_seq', ['userId', 'seq'])
@Index('idx_foods_user_created', ['userId', 'deletedAt', 'createdAt', 'id'])
@Index('idx_foods_user_barcode', ['userId', 'barcode'])
@Index('idx_foods_user_search', ['userId', 'deletedAt', 'searchText', 'id'])
export class Food extends GroupedRecord {
  @ownerKey('fk_foods_user') userId!: string;
  @textColumn(200) name!: string;
  @textColumn(100, { nullable: true }) brand!: string | null;
  /** 14 digits. */
  @textColumn(14, { nullable: true }) barcode!: string | null;
  @textColumn(16) basis!: string;
  @jsonColumn({ transformer: storedAs(() => NutrientsDto) }) nutrients!: NutrientsDto;
  @jsonColumn({ transformer: storedAs(() => ServingDto) }) servings!: ServingDto[];
  @textColumn(100, { nullable: true }) category!: string | null;
  @textColumn(16, { nullable: true }) language!: string | null;
  @textColumn(64, { nullable: true }) source!: string | null;
  @textColumn(200, { nullable: true }) sourceRef!: string | null;
  @textColumn(100, { nullable: true }) sourceLicence!: string | null;
  @doubleColumn({ nullable: true }) energyKcal!: number | null;
  @textColumn(MAX_SEARCH_TEXT) searchText!: string;
}
