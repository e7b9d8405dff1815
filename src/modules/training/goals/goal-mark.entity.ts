import { Entity } from 'typeorm';
import {
  dayColumn,
  integerColumn,
  ownerKey,
  textColumn,
  uuidKey,
} from '../../../platform/database/columns.js';
import { NotARecord } from '../../../platform/database/not-a-record.js';

/** Which of the kept periods of a goal are not true any more. Whoever writes a record that the goal counts widens the days. */
@NotARecord('computed from goals')
@Entity('goal_marks')
export class GoalMark {
  @ownerKey('fk_goal_marks_user') userId!: string;
  @uuidKey() goalId!: string;
  /** The days whose periods have to be computed again; null for none. */
  @dayColumn({ nullable: true }) staleFrom!: string | null;
  @dayColumn({ nullable: true }) staleTo!: string | null;
  /** How often it was marked. What was computed before a mark is not kept. */
  @integerColumn() marks!: number;
  /** A hash of what else than records decides the periods: the goal, the unit, the roll-up, the zone. Empty before the first. */
  @textColumn(43) basis!: string;
  /** The last day up to which periods have been kept; null before the first. */
  @dayColumn({ nullable: true }) keptTo!: string | null;
}
