import { Entity, Index } from 'typeorm';
import { instantColumn, integerColumn, ownerKey } from '../../../platform/database/columns.js';
import { NotARecord } from '../../../platform/database/not-a-record.js';

/** When the goals of a person have to be looked at. */
@NotARecord('the state of work')
@Entity('goal_jobs')
@Index('idx_goal_jobs_due', ['dueAt'])
export class GoalJob {
  @ownerKey('fk_goal_jobs_user') userId!: string;
  /** When the next period ends, or now; null for a person without goals. */
  @instantColumn({ nullable: true }) dueAt!: Date | null;
  /** How often it was claimed. It identifies the claim. */
  @integerColumn() attempts!: number;
  @instantColumn({ nullable: true }) claimedUntil!: Date | null;
}
