import { slicesOf } from '../../../platform/database/batches.js';
import { invalidField } from '../../../kernel/http/problem.js';
import type { Entered } from '../../../records/define/define-record.js';
import type { Owner } from '../../../records/define/owner.js';
import type { Condition } from '../../../records/read/conditions.js';
import type { Author } from '../../../records/write/record-repository.js';
import type { Records } from '../../../records/write/records.js';
import type { HealthMetric } from './health-metric.entity.js';
import { healthMetricRecord } from './health-metrics.record.js';
import {
  type MeasuredIn,
  type ReadingFilter,
  inMinute,
  KINDS_AT_ONCE,
  readingsIn,
  ReadingsRepository,
} from './readings.repository.js';
import type { ShownRules } from './shown.js';
import { type Refused, storeUploads, type Upload, type Uploaded } from '../uploads.js';

const MEASURED: MeasuredIn<HealthMetric> = {
  table: 'health_metrics',
  instant: 'measuredAt',
  column: 'measured_at',
};

/** The readings of one person, of all kinds except weight. */
export class HealthMetricsRepository extends ReadingsRepository<HealthMetric> {
  constructor(records: Records, owner: Owner) {
    super(records, healthMetricRecord, owner, MEASURED);
  }

  /** The newest reading of each kind that is shown. It is in the minute of the newest reading. */
  async latest(metrics: readonly string[], rules: ShownRules): Promise<HealthMetric[]> {
    const newest = await this.newestOfEach(metrics.map((metric) => ({ metric })));
    const sources = await this.choice(rules).sourcesFor(
      newest.map(({ metric, measuredMinute, source }) => ({ metric, minute: measuredMinute, source })),
    );
    const isShown = ({ source }: HealthMetric, index: number): boolean => source === sources[index];
    const others = newest.flatMap(({ metric, measuredMinute }, index) =>
      newest[index]?.source === sources[index] ? [] : { metric, source: sources[index], measuredMinute },
    );
    return [...newest.filter(isShown), ...(await this.newestOfEach(others))];
  }

  /** The newest reading of each kind, or of a source of it in a minute. */
  private async newestOfEach(
    wanted: readonly (Pick<HealthMetric, 'metric'> &
      Partial<Pick<HealthMetric, 'source' | 'measuredMinute'>>)[],
  ): Promise<HealthMetric[]> {
    const found: HealthMetric[] = [];
    for (const some of slicesOf(wanted, KINDS_AT_ONCE)) {
      const newest = some.map(({ metric, source, measuredMinute }): Condition => {
        const [more, values] =
          source === undefined || measuredMinute === undefined
            ? ['', []]
            : inMinute('measured_at', source, measuredMinute);
        return [
          `SELECT id FROM (SELECT id FROM health_metrics WHERE user_id = ? AND metric = ? AND deleted_at IS NULL${more} ORDER BY measured_at DESC, id DESC LIMIT 1) AS newest`,
          [this.owner.id, metric, ...values],
        ];
      });
      found.push(
        ...(await this.select(
          `id IN (SELECT id FROM (${newest.map(([sql]) => sql).join(' UNION ALL ')}) AS latest)`,
          newest.flatMap(([, values]) => values),
        )),
      );
    }
    return found;
  }

  /**
   * Stores readings in one transaction. One that is stored already changes only if its source gives another value for the same
   * id of the source. One that the person deleted stays deleted.
   * @param timeZone for a new reading that has none.
   * @returns what became of each, in their order.
   */
  upload(
    author: Author,
    uploads: readonly Upload[],
    timeZone: string,
  ): Promise<(Uploaded<HealthMetric> | Refused)[]> {
    return storeUploads(this.all, this.owner, healthMetricRecord, author, uploads, { timeZone });
  }

  /**
   * @throws Problem `not-found`, `version-conflict`, `validation` if a value is sent without its unit, or the changed reading is
   * outside the rules of its kind
   */
  override async update(
    author: Author,
    id: string,
    entered: Entered,
    baseVersion: number | undefined,
  ): Promise<HealthMetric> {
    const { value, components, unit } = entered;
    const hasValue = value !== undefined || components !== undefined;
    if (hasValue !== (unit !== undefined))
      throw invalidField(
        hasValue ? 'unit' : 'value',
        'required',
        'a value, or the components, and the unit must be sent together',
      );
    return super.update(author, id, entered, baseVersion);
  }
}

/** The condition of a list of readings of all kinds except weight. */
export const daysOfReadings = (filter: ReadingFilter): Condition => readingsIn(MEASURED, filter);
