import { Entity } from 'typeorm';
import { integerKey, longTextColumn, textKey } from '../../../../platform/database/columns.js';

/** Which foods of one chunk of places contain a word, or a word with a prefix. */
@Entity('shared_food_words')
export class SharedFoodWords {
  @integerKey() chunk!: number;
  /** A word, or the first letters of words and `*`. */
  @textKey(36) word!: string;
  /** See `place-set.ts`. */
  @longTextColumn() places!: string;
}
