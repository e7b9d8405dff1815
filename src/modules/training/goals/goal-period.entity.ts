import { Entity, PrimaryColumn } from 'typeorm';
import {
  booleanColumn,
  dayColumn,
  doubleColumn,
  instantColumn,
  integerColumn,
  ownerKey,
  textColumn,
  uuidKey,
} from '../../../platform/database/columns.js';
import { NotARecord } from '../../../platform/database/not-a-record.js';
import type { Status } from './goal-periods.js';

/** What one period of a goal is worth, as it was computed last. */
@NotARecord('computed from what the areas know')
@Entity('goal_periods')
export class GoalPeriod {
  @ownerKey('fk_goal_periods_user') userId!: string;
  @uuidKey() goalId!: string;
  @PrimaryColumn({ type: 'date' }) startOn!: string;
  @dayColumn() endOn!: string;
  /** The last day that is in the value: later ones had not begun. */
  @dayColumn() countedTo!: string;
  /** In the unit of the goal; null without data. */
  @doubleColumn({ nullable: true }) value!: number | null;
  @booleanColumn() isPartial!: boolean;
  /** Of how many things the value is known, and how many there are; null where nothing is counted. */
  @integerColumn({ nullable: true }) known!: number | null;
  @integerColumn({ nullable: true }) total!: number | null;
  /** The status when it was computed. Time changes it, so it is not answered. */
  @textColumn(8) status!: Status;
  /** When it was met for the first time, in a way that time alone does not undo. It stays when the period is un-met. */
  @instantColumn({ nullable: true }) metAt!: Date | null;
}
