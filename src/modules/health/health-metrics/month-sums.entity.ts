import { Entity } from 'typeorm';
import { longTextColumn, ownerKey, textColumn, textKey } from '../../../platform/database/columns.js';
import { NotARecord } from '../../../platform/database/not-a-record.js';

/**
 * The sums of the days of one month, computed from readings. Without the row they are computed again, so it may be removed at any
 * time; whoever writes a reading of the month removes it.
 */
@NotARecord('computed from readings')
@Entity('metric_month_sums')
export class MonthSums {
  @ownerKey('fk_metric_month_sums_user') userId!: string;
  @textKey(64) metric!: string;
  /** `YYYY-MM`, of local days. */
  @textKey(7) month!: string;
  /** The component that is summed; empty for a kind with one value. */
  @textKey(16) component!: string;
  /** A hash of what else than readings decides the sums: the roll-up, the unit, the person's order of sources. */
  @textColumn(43) basis!: string;
  /** One entry for each day with a reading, as JSON: see `month-sums.ts`. */
  @longTextColumn() days!: string;
}
