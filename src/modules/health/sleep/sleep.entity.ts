import { Entity, Index } from 'typeorm';
import { storedAs } from '../../../kernel/http/answer.js';
import {
  booleanColumn,
  dayColumn,
  doubleColumn,
  instantColumn,
  integerColumn,
  jsonColumn,
  ownerKey,
  textColumn,
} from '../../../platform/database/columns.js';
import { UploadedRecord } from '../../../records/define/synced-record.js';
import { SleepStageDto } from './sleep.fields.js';

const optional = { nullable: true } as const;

/** One session of sleep of one source: a night, a part of one, or a nap. */
@Entity('sleep_sessions')
@Index('idx_sleep_sessions_user_seq', ['userId', 'seq'])
@Index('idx_sleep_sessions_user_sorted', ['userId', 'deletedAt', 'sortedAt', 'id'])
@Index('idx_sleep_sessions_user_source', ['userId', 'source', 'deletedAt', 'sortedAt', 'id'])
@Index('idx_sleep_sessions_user_day', ['userId', 'localDate', 'id'])
export class SleepSession extends UploadedRecord {
  @ownerKey('fk_sleep_sessions_user') userId!: string;
  @instantColumn(optional) startedAt!: Date | null;
  @instantColumn(optional) endedAt!: Date | null;
  /** The day as its source gave it, for a session without instants. */
  @dayColumn(optional) date!: string | null;
  @textColumn(64) timeZone!: string;
  @booleanColumn() isNap!: boolean;
  @integerColumn(optional) minutesAsleep!: number | null;
  @integerColumn(optional) minutesInBed!: number | null;
  @jsonColumn({ nullable: true, transformer: storedAs(() => SleepStageDto) }) stages!: SleepStageDto[] | null;
  @textColumn(64) source!: string;
  @textColumn(200, optional) externalId!: string | null;
  @doubleColumn(optional) score!: number | null;
  @doubleColumn(optional) averageHeartRate!: number | null;
  @doubleColumn(optional) averageHrvMs!: number | null;
  @doubleColumn(optional) averageOxygenSaturation!: number | null;
  @doubleColumn(optional) averageRespiratoryRate!: number | null;
  @textColumn(100, optional) device!: string | null;
  @textColumn(1_000, optional) note!: string | null;
  /** The local day on which the session ended, or `date`. Computed when it is written, so that no zone moves it. */
  @dayColumn() localDate!: string;
  /** Orders lists: the end, or noon UTC of a day without instants. It is never shown. */
  @instantColumn() sortedAt!: Date;
  @integerColumn(optional) asleepSeconds!: number | null;
  @integerColumn(optional) inBedSeconds!: number | null;
  @integerColumn(optional) awakeSeconds!: number | null;
  @integerColumn(optional) lightSeconds!: number | null;
  @integerColumn(optional) deepSeconds!: number | null;
  @integerColumn(optional) remSeconds!: number | null;
}
