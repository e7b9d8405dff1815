import { Entity, Index } from 'typeorm';
import {
  booleanColumn,
  dayColumn,
  doubleColumn,
  instantColumn,
  jsonColumn,
  ownerKey,
  textColumn,
  uuidColumn,
} from '../../../platform/database/columns.js';
import { GroupedRecord } from '../../../records/define/synced-record.js';
import type { DoseAlert } from './dose-limits.js';
import type { IntakeStatus } from './intakes.fields.js';

const optional = { nullable: true } as const;

/** What became of a dose: it was taken, skipped or put off. */
@Entity('medication_intakes')
@Index('idx_medication_intakes_user_seq', ['userId', 'seq'])
@Index('idx_medication_intakes_user_sorted', ['userId', 'deletedAt', 'sortedAt', 'id'])
@Index('idx_medication_intakes_user_dose', [
  'userId',
  'medicationId',
  'deletedAt',
  'sortedAt',
  'id',
  // The stock and the limits are sums over the index alone.
  'status',
  'amount',
])
@Index('idx_medication_intakes_user_open', ['userId', 'isOpen', 'deletedAt', 'sortedAt', 'id'])
@Index('idx_medication_intakes_user_day', ['userId', 'deletedAt', 'localDate', 'id'])
export class MedicationIntake extends GroupedRecord {
  @ownerKey('fk_medication_intakes_user') userId!: string;
  @uuidColumn() medicationId!: string;
  @uuidColumn(optional) scheduleId!: string | null;
  @textColumn(20, optional) slot!: string | null;
  @instantColumn(optional) scheduledFor!: Date | null;
  @textColumn(64) timeZone!: string;
  @textColumn(8) status!: IntakeStatus;
  @instantColumn(optional) takenAt!: Date | null;
  @doubleColumn(optional) amount!: number | null;
  @instantColumn(optional) snoozedUntil!: Date | null;
  @textColumn(500, optional) reason!: string | null;
  @textColumn(100, optional) site!: string | null;
  @textColumn(1_000, optional) note!: string | null;
  @booleanColumn(optional) confirmed!: boolean | null;
  /** The name, strength and unit of the medication when the intake was stored first. */
  @textColumn(200, optional) medicationName!: string | null;
  @textColumn(100, optional) strength!: string | null;
  @textColumn(40, optional) doseUnit!: string | null;
  /** The limits that it breaks together with the other doses of the medication. */
  @jsonColumn() alerts!: DoseAlert[];
  /** Whether it has alerts that nobody has confirmed; null if not. It is never shown. */
  @booleanColumn(optional) isOpen!: boolean | null;
  /** The local day of the dose. Computed when it is written, so that no zone moves it. */
  @dayColumn() localDate!: string;
  /** Orders lists: when it was taken, or else when it was due. It is never shown. */
  @instantColumn() sortedAt!: Date;
}
