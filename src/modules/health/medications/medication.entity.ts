import { Entity, Index } from 'typeorm';
import {
  booleanColumn,
  doubleColumn,
  integerColumn,
  jsonColumn,
  ownerKey,
  textColumn,
} from '../../../platform/database/columns.js';
import { GroupedRecord } from '../../../records/define/synced-record.js';

const optional = { nullable: true } as const;

/** What a person takes. When it is taken is in its schedules. */
@Entity('medications')
@Index('idx_medications_user_seq', ['userId', 'seq'])
@Index('idx_medications_user_created', ['userId', 'deletedAt', 'createdAt', 'id'])
export class Medication extends GroupedRecord {
  @ownerKey('fk_medications_user') userId!: string;
  @textColumn(200) name!: string;
  @textColumn(16) form!: string;
  @textColumn(16) route!: string;
  @textColumn(100, optional) strength!: string | null;
  @doubleColumn() doseAmount!: number;
  @textColumn(40) doseUnit!: string;
  @jsonColumn(optional) codes!: string[] | null;
  @jsonColumn(optional) ingredientCodes!: string[] | null;
  @doubleColumn(optional) maxDailyAmount!: number | null;
  @integerColumn(optional) minIntervalMin!: number | null;
  @integerColumn(optional) refillLeadDays!: number | null;
  @booleanColumn(optional) isSupplement!: boolean | null;
  @booleanColumn(optional) isCritical!: boolean | null;
  @booleanColumn(optional) isArchived!: boolean | null;
  @textColumn(500, optional) reason!: string | null;
  @textColumn(200, optional) prescriber!: string | null;
  @textColumn(200, optional) pharmacy!: string | null;
  @textColumn(100, optional) prescriptionNumber!: string | null;
  @textColumn(32, optional) color!: string | null;
  @textColumn(64, optional) icon!: string | null;
  @textColumn(1_000, optional) note!: string | null;
}
