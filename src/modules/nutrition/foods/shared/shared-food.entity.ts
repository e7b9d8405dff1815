import { Entity, Index } from 'typeorm';
import { storedAs } from '../../../../kernel/http/answer.js';
import {
  doubleColumn,
  instantColumn,
  integerColumn,
  jsonColumn,
  textColumn,
  uuidKey,
} from '../../../../platform/database/columns.js';
import { MAX_SEARCH_TEXT } from '../folding.js';
import { ServingDto } from '../foods.dto.js';
import { NutrientsDto } from '../nutrients.dto.js';

/** A food of a table that everybody may read. Only imports write it, so no person changes it. */
@Entity('shared_foods')
@Index('idx_shared_foods_place', ['place'], { unique: true })
@Index('idx_shared_foods_barcode', ['barcode'])
export class SharedFood {
  /** Derived from source and reference: see `sharedFoodId`. */
  @uuidKey() id!: string;
  /** Its number in the index of words, in the order of the imports. */
  @integerColumn() place!: number;
  @textColumn(32) source!: string;
  @textColumn(64) sourceRef!: string;
  @textColumn(100, { nullable: true }) sourceLicence!: string | null;
  @textColumn(200) name!: string;
  /** The name in another language. It is found by it, too. */
  @textColumn(200, { nullable: true }) otherName!: string | null;
  @textColumn(100, { nullable: true }) brand!: string | null;
  @textColumn(14, { nullable: true }) barcode!: string | null;
  @textColumn(16) basis!: string;
  @jsonColumn({ transformer: storedAs(() => NutrientsDto) }) nutrients!: NutrientsDto;
  @jsonColumn({ transformer: storedAs(() => ServingDto) }) servings!: ServingDto[];
  @textColumn(100, { nullable: true }) category!: string | null;
  @textColumn(16, { nullable: true }) language!: string | null;
  @doubleColumn({ nullable: true }) energyKcal!: number | null;
  @textColumn(MAX_SEARCH_TEXT) searchText!: string;
  @instantColumn() importedAt!: Date;
}
