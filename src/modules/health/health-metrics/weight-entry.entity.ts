import { Entity, Index } from 'typeorm';
import {
  dayColumn,
  doubleColumn,
  instantColumn,
  integerColumn,
  ownerKey,
  quantityColumn,
  textColumn,
} from '../../../platform/database/columns.js';
import type { WeightUnit } from '../../../kernel/quantities/weight.js';
import { UploadedRecord } from '../../../records/define/synced-record.js';

/** One measured body weight. */
@Entity('weight_entries')
// FR-026 asks for it, and entries of one instant are found by it; lists are read by the next one.
@Index('idx_weight_entries_user_timestamp', ['userId', 'timestamp'])
// Without the source it is smaller than the index of sources, and SQLite would read the weights of one source by it.
@Index('idx_weight_entries_user_live', ['userId', 'deletedAt', 'timestamp', 'id', 'source'])
@Index('idx_weight_entries_timestamp', ['timestamp'])
@Index('idx_weight_entries_user_updated', ['userId', 'updatedAt', 'seq'])
@Index('idx_weight_entries_user_seq', ['userId', 'seq'])
@Index('idx_weight_entries_user_source', ['userId', 'source', 'deletedAt', 'timestamp', 'id'])
@Index('idx_weight_entries_user_minute', ['userId', 'deletedAt', 'measuredMinute', 'source'])
@Index('idx_weight_entries_user_day', ['userId', 'localDate', 'deletedAt', 'weightKg', 'timestamp'])
export class WeightEntry extends UploadedRecord {
  @ownerKey('fk_weight_entries_user') userId!: string;
  /** The number as entered, in `unit`; both are returned unchanged. */
  @doubleColumn() weightValue!: number;
  @textColumn(10) unit!: WeightUnit;
  /** The weight in kilograms, for sums, charts and comparison. */
  @quantityColumn() weightKg!: number;
  /** When it was measured. */
  @instantColumn() timestamp!: Date;
  /** Where it comes from: `manual` for what a person entered. */
  @textColumn(64, { default: 'manual' }) source!: string;
  @textColumn(200, { nullable: true }) externalId!: string | null;
  @textColumn(100, { nullable: true }) device!: string | null;
  /** The zone that was sent, or that of the profile when the entry was made. It decides, once, which local day the weight belongs to. */
  @textColumn(64, { default: 'UTC' }) timeZone!: string;
  /** The local day, hour and offset in `timeZone`, computed when the weight is written. */
  @dayColumn({ default: '1970-01-01' }) localDate!: string;
  @integerColumn({ default: 0 }) localHour!: number;
  @integerColumn({ default: 0 }) utcOffsetMin!: number;
  /** The minute of `timestamp` since 1970: of several sources in one minute, one is shown. */
  @integerColumn({ default: 0 }) measuredMinute!: number;
}
