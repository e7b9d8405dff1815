import { Entity } from 'typeorm';
import { integerColumn, integerKey } from '../../../../platform/database/columns.js';

/** One row: the place of the next new food. Whoever writes shared foods locks it, so that writers wait for each other. */
@Entity('shared_food_places')
export class SharedFoodPlaces {
  @integerKey() id!: number;
  @integerColumn() next!: number;
}
