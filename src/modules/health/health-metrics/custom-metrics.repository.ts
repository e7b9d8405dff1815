import type { Listing, Place } from '../../../kernel/http/paging.js';
import type { Owner } from '../../../records/define/owner.js';
import type { Listed } from '../../../records/define/synced-record.js';
import { RecordRepository } from '../../../records/write/record-repository.js';
import type { Records } from '../../../records/write/records.js';
import type { CustomMetric } from './custom-metric.entity.js';
import { customMetricRecord, MAX_CUSTOM } from './custom-metrics.record.js';

/** The kinds of reading that one person made up. */
export class CustomMetricsRepository extends RecordRepository<CustomMetric> {
  constructor(records: Records, owner: Owner) {
    super(records, customMetricRecord, owner);
  }

  /** One page, the newest first. */
  list(place: Place): Promise<Listing<Listed<CustomMetric>>> {
    return this.pageBy('createdAt', {}, place);
  }

  /** The newest, for the list of all kinds. */
  newest(): Promise<CustomMetric[]> {
    return this.select('deleted_at IS NULL ORDER BY created_at DESC, id DESC LIMIT ?', [MAX_CUSTOM]);
  }

  /** Those of these ids that exist. */
  async findLive(ids: readonly string[]): Promise<ReadonlyMap<string, CustomMetric>> {
    const found = await this.findAll(ids);
    return new Map(found.filter((one) => one.deletedAt === null).map((one) => [one.id, one]));
  }

  /** The newest in the order of their ids, which a device can follow: `created_at` is not synced. */
  async newestById(): Promise<CustomMetric[]> {
    return (await this.newest()).toSorted((a, b) => (a.id < b.id ? 1 : -1));
  }
}
