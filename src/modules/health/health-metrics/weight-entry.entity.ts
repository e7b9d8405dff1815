import { Entity, Index } from 'typeorm';
import {
  doubleColumn,
  instantColumn,
  ownerKey,
  quantityColumn,
  textColumn,
} from '../../../platform/database/columns.js';
import type { WeightUnit } from '../../../kernel/quantities/weight.js';
import { SyncedRecord } from '../../../records/define/synced-record.js';

/** One measured body weight. */
@Entity('weight_entries')
@Index('idx_weight_entries_user_timestamp', ['userId', 'timestamp'])
@Index('idx_weight_entries_timestamp', ['timestamp'])
@Index('idx_weight_entries_user_updated', ['userId', 'updatedAt', 'seq'])
@Index('idx_weight_entries_user_seq', ['userId', 'seq'])
export class WeightEntry extends SyncedRecord {
  @ownerKey('fk_weight_entries_user') userId!: string;
  /** The number as entered, in `unit`; both are returned unchanged. */
  @doubleColumn() weightValue!: number;
  @textColumn(10) unit!: WeightUnit;
  /** The weight in kilograms, for sums, charts and comparison. */
  @quantityColumn() weightKg!: number;
  /** When it was measured. */
  @instantColumn() timestamp!: Date;
}
