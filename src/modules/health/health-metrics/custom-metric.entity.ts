import { Entity, Index } from 'typeorm';
import { storedAs } from '../../../kernel/http/answer.js';
import { jsonColumn, ownerKey, textColumn } from '../../../platform/database/columns.js';
import { GroupedRecord } from '../../../records/define/synced-record.js';
import { CustomRangeDto } from './custom-metrics.dto.js';
import type { RollUp } from './metric-kind.js';

/** A kind of reading that one person made up. Its readings name it as `custom:` and its id. */
@Entity('custom_metrics')
@Index('idx_custom_metrics_user_seq', ['userId', 'seq'])
@Index('idx_custom_metrics_user_created', ['userId', 'createdAt', 'id'])
export class CustomMetric extends GroupedRecord {
  @ownerKey('fk_custom_metrics_user') userId!: string;
  @textColumn(64) name!: string;
  @textColumn(32) unit!: string;
  @textColumn(16) rollUp!: RollUp;
  @jsonColumn({ nullable: true, transformer: storedAs(() => CustomRangeDto) })
  valueRange!: CustomRangeDto | null;
}
