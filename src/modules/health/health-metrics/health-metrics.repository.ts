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
  readingsIn,
  ReadingsRepository,
} from './readings.repository.js';
import { areShown, type ShownRules } from './shown.js';
import { type Refused, storeUploads, type Upload, type Uploaded } from '../uploads.js';

const MEASURED: MeasuredIn<HealthMetric> = {
  table: 'health_metrics',
  instant: 'measuredAt',
  column: 'measured_at',
};

/** Kinds of one statement, each of which names the whole order of sources. */
const KINDS_AT_ONCE = 50;

/** The readings of one person, of all kinds except weight. */
export class HealthMetricsRepository extends ReadingsRepository<HealthMetric> {
  constructor(records: Records, owner: Owner) {
    super(records, healthMetricRecord, owner, MEASURED);
  }

  /** The newest reading of each kind that is shown. */
  async latest(metrics: readonly string[], rules: ShownRules): Promise<HealthMetric[]> {
    const newest = await this.newestOfEach(metrics);
    const hidden = await this.hiddenAmong(newest, rules);
    const shown = newest.filter(({ id }) => !hidden.has(id));
    const others = newest.filter(({ id }) => hidden.has(id)).map(({ metric }) => metric);
    for (const some of slicesOf(others, KINDS_AT_ONCE))
      shown.push(...(await this.newestOfEach(some, areShown(rules, MEASURED.table))));
    return shown;
  }

  /** The newest reading of each kind for which a further condition is true, by one statement. */
  private newestOfEach(
    metrics: readonly string[],
    [more, values]: Condition = ['', []],
  ): Promise<HealthMetric[]> {
    if (metrics.length === 0) return Promise.resolve([]);
    const one = `SELECT id FROM (SELECT id FROM health_metrics WHERE user_id = ? AND metric = ? AND deleted_at IS NULL${more} ORDER BY measured_at DESC, id DESC LIMIT 1) AS newest`;
    return this.select(
      `id IN (SELECT id FROM (${metrics.map(() => one).join(' UNION ALL ')}) AS latest)`,
      metrics.flatMap((metric) => [this.owner.id, metric, ...values]),
    );
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
