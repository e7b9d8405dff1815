import { Entity, Index } from 'typeorm';
import {
  booleanColumn,
  dayColumn,
  doubleColumn,
  integerColumn,
  jsonColumn,
  ownerKey,
  textColumn,
} from '../../../platform/database/columns.js';
import { GroupedRecord } from '../../../records/define/synced-record.js';
import type { Direction, Length } from './goal-periods.js';

const optional = { nullable: true } as const;

/** What a person aims at. How far it is gets computed from what the areas know. */
@Entity('goals')
@Index('idx_goals_user_seq', ['userId', 'seq'])
@Index('idx_goals_user_created', ['userId', 'deletedAt', 'createdAt', 'id'])
export class Goal extends GroupedRecord {
  @ownerKey('fk_goals_user') userId!: string;
  @textColumn(200) name!: string;
  @textColumn(64) subject!: string;
  @textColumn(16) direction!: Direction;
  /** The numbers as entered, in `unit`; all are returned unchanged. */
  @doubleColumn(optional) targetMin!: number | null;
  @doubleColumn(optional) targetMax!: number | null;
  @doubleColumn(optional) startValue!: number | null;
  @textColumn(32) unit!: string;
  @textColumn(8) period!: Length;
  @jsonColumn(optional) weekdays!: string[] | null;
  @dayColumn() startOn!: string;
  @dayColumn(optional) dueOn!: string | null;
  @integerColumn(optional) allowedMisses!: number | null;
  @textColumn(1_000, optional) note!: string | null;
  @booleanColumn(optional) isArchived!: boolean | null;
}
