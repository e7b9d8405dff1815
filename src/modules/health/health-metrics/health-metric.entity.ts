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
  quantityColumn,
  textColumn,
} from '../../../platform/database/columns.js';
import { UploadedRecord } from '../../../records/define/synced-record.js';
import { MetricComponentsDto } from './health-metrics.fields.js';

/** One reading of any kind except weight. */
@Entity('health_metrics')
@Index('idx_health_metrics_user_seq', ['userId', 'seq'])
// Lists are read without the tombstones of a deleted source, which may be a million.
@Index('idx_health_metrics_user_measured', ['userId', 'deletedAt', 'measuredAt', 'id', 'metric'])
@Index('idx_health_metrics_user_metric', ['userId', 'metric', 'deletedAt', 'measuredAt', 'id'])
@Index('idx_health_metrics_user_source_live', ['userId', 'source', 'deletedAt', 'metric', 'measuredAt', 'id'])
@Index('idx_health_metrics_user_sources', ['userId', 'source', 'deletedAt', 'measuredAt', 'id'])
@Index('idx_health_metrics_user_minute', ['userId', 'metric', 'deletedAt', 'measuredMinute', 'source'])
@Index('idx_health_metrics_user_day', [
  'userId',
  'metric',
  'localDate',
  'deletedAt',
  'overlaps',
  'canonicalValue',
  'measuredAt',
])
export class HealthMetric extends UploadedRecord {
  @ownerKey('fk_health_metrics_user') userId!: string;
  @textColumn(64) metric!: string;
  /** The number as entered, in `unit`; both are returned unchanged. Null for a kind with components. */
  @doubleColumn({ nullable: true }) value!: number | null;
  @textColumn(32) unit!: string;
  @jsonColumn({ nullable: true, transformer: storedAs(() => MetricComponentsDto) })
  components!: MetricComponentsDto | null;
  /** When it was measured, or when the interval began. */
  @instantColumn() measuredAt!: Date;
  @instantColumn({ nullable: true }) endedAt!: Date | null;
  @textColumn(64) timeZone!: string;
  @textColumn(32, { nullable: true }) context!: string | null;
  @textColumn(64) source!: string;
  @textColumn(200, { nullable: true }) externalId!: string | null;
  @textColumn(100, { nullable: true }) device!: string | null;
  @textColumn(16, { nullable: true }) modality!: string | null;
  @textColumn(1_000, { nullable: true }) note!: string | null;
  /** The person's own words, in their order. */
  @jsonColumn({ nullable: true }) tags!: string[] | null;
  /** The local day, hour and offset in `timeZone`, computed when the reading is written. */
  @dayColumn() localDate!: string;
  @integerColumn() localHour!: number;
  @integerColumn() utcOffsetMin!: number;
  /** The minute of `measuredAt` since 1970: of several sources in one minute, one is shown. */
  @integerColumn({ default: 0 }) measuredMinute!: number;
  /** The value in the canonical unit of its kind, for sums, charts and comparison. */
  @quantityColumn({ nullable: true }) canonicalValue!: number | null;
  /** The components in their canonical units. */
  @quantityColumn({ nullable: true }) systolicMmhg!: number | null;
  @quantityColumn({ nullable: true }) diastolicMmhg!: number | null;
  @quantityColumn({ nullable: true }) pulsePerMin!: number | null;
  /** Whether its interval shares time with that of a reading that was stored before it; see `overlaps.ts`. */
  @booleanColumn({ default: 1 }) overlaps!: boolean;
  @jsonColumn({ type: 'varchar', length: 64 }) flags!: string[];
}
