import { Entity, Index } from 'typeorm';
import { storedAs } from '../../../kernel/http/answer.js';
import {
  dayColumn,
  doubleColumn,
  instantColumn,
  integerColumn,
  jsonColumn,
  ownerKey,
  textColumn,
  uuidColumn,
} from '../../../platform/database/columns.js';
import { GroupedRecord } from '../../../records/define/synced-record.js';
import type { Recurrence } from './dose-slots.js';
import { PlannedDoseDto, TaperStepDto } from './schedules.fields.js';

const optional = { nullable: true } as const;

/** One version of a schedule. A change of a schedule is another version, so that no past day changes. */
@Entity('medication_schedules')
@Index('idx_medication_schedules_user_seq', ['userId', 'seq'])
@Index('idx_medication_schedules_user_created', ['userId', 'deletedAt', 'createdAt', 'id'])
@Index('idx_medication_schedules_user_medication', ['userId', 'medicationId', 'deletedAt', 'createdAt', 'id'])
@Index('idx_medication_schedules_user_version', ['userId', 'versionOf', 'deletedAt', 'startsOn', 'id'])
export class MedicationSchedule extends GroupedRecord {
  @ownerKey('fk_medication_schedules_user') userId!: string;
  @uuidColumn() medicationId!: string;
  @uuidColumn(optional) versionOf!: string | null;
  @textColumn(16) recurrence!: Recurrence;
  @dayColumn() startsOn!: string;
  /** When a change was made on or after its first day: it does not count before. */
  @instantColumn(optional) countsAt!: Date | null;
  @dayColumn(optional) endsOn!: string | null;
  @textColumn(8) zoneMode!: 'floating' | 'fixed';
  @textColumn(64) timeZone!: string;
  @jsonColumn({ nullable: true, transformer: storedAs(() => PlannedDoseDto) }) doses!:
    PlannedDoseDto[] | null;
  @jsonColumn(optional) weekdays!: string[] | null;
  @integerColumn(optional) everyDays!: number | null;
  @integerColumn(optional) daysOn!: number | null;
  @integerColumn(optional) daysOff!: number | null;
  @integerColumn(optional) monthDay!: number | null;
  @dayColumn(optional) countsFrom!: string | null;
  @integerColumn(optional) intervalHours!: number | null;
  @instantColumn(optional) intervalStart!: Date | null;
  @doubleColumn(optional) amount!: number | null;
  @jsonColumn({ nullable: true, transformer: storedAs(() => TaperStepDto) }) steps!: TaperStepDto[] | null;
  @integerColumn(optional) windowBeforeMin!: number | null;
  @integerColumn(optional) windowAfterMin!: number | null;
  @textColumn(8, optional) mealRelation!: string | null;
  @textColumn(1_000, optional) note!: string | null;
}
