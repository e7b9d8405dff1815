import { batchesOf, slicesOf } from '../../../platform/database/batches.js';
import { placeholders } from '../../../platform/database/database.js';
import type { Listing, Place } from '../../../kernel/http/paging.js';
import { invalidField } from '../../../kernel/http/problem.js';
import type { Entered } from '../../../records/define/define-record.js';
import type { Owner } from '../../../records/define/owner.js';
import type { Listed } from '../../../records/define/synced-record.js';
import { type Condition, conditions } from '../../../records/read/conditions.js';
import { type Author, RecordRepository } from '../../../records/write/record-repository.js';
import type { Records } from '../../../records/write/records.js';
import type { HealthMetric } from './health-metric.entity.js';
import { healthMetricRecord } from './health-metrics.record.js';
import { type LocalDays, onDays } from './local-days.js';
import { areShown, isHidden, type ShownRules } from './shown.js';
import { type Refused, storeUploads, type Upload, type Uploaded } from '../uploads.js';

/** Which readings a list has. */
export interface ReadingFilter extends LocalDays {
  readonly metric?: string | undefined;
  readonly source?: string | undefined;
  /** Only readings that these rules show; undefined for all. */
  readonly shown?: ShownRules | undefined;
}

/** Kinds of one statement, each of which names the whole order of sources. */
const KINDS_AT_ONCE = 50;

/** The readings of one person, of all kinds except weight. */
export class HealthMetricsRepository extends RecordRepository<HealthMetric> {
  constructor(
    private readonly all: Records,
    owner: Owner,
  ) {
    super(all, healthMetricRecord, owner);
  }

  /** One page, the most recently measured first. */
  list(filter: ReadingFilter, place: Place): Promise<Listing<Listed<HealthMetric>>> {
    return this.page(daysOfReadings(filter), 'measuredAt', place);
  }

  countOf(filter: ReadingFilter): Promise<number> {
    return this.countLive(daysOfReadings(filter), 'measuredAt');
  }

  /** The newest readings for which a further condition is true. */
  newestOf(filter: ReadingFilter, [more, values]: Condition, count: number): Promise<HealthMetric[]> {
    const [where, own] = daysOfReadings(filter);
    return this.select(`deleted_at IS NULL${where}${more} ORDER BY measured_at DESC, id DESC LIMIT ?`, [
      ...own,
      ...values,
      count,
    ]);
  }

  /** A statement for the sort values of the newest readings: `at`, `id`, and `origin`. */
  keysOf(origin: string, filter: ReadingFilter, count: number): Condition {
    const [where, own] = daysOfReadings(filter);
    return [
      `SELECT measured_at AS at, id, '${origin}' AS origin FROM health_metrics WHERE user_id = ? AND deleted_at IS NULL${where} ORDER BY measured_at DESC, id DESC LIMIT ?`,
      [this.owner.id, ...own, count],
    ];
  }

  /** The newest reading of each kind that is shown. */
  async latest(metrics: readonly string[], rules: ShownRules): Promise<HealthMetric[]> {
    const newest = await this.newestOfEach(metrics);
    const hidden = await this.hiddenAmong(newest, rules);
    const shown = newest.filter(({ id }) => !hidden.has(id));
    const others = newest.filter(({ id }) => hidden.has(id)).map(({ metric }) => metric);
    for (const some of slicesOf(others, KINDS_AT_ONCE))
      shown.push(...(await this.newestOfEach(some, areShown(rules))));
    return shown;
  }

  /** The ids of those that these rules do not show, by one statement. */
  async hiddenAmong(
    readings: readonly Pick<HealthMetric, 'id'>[],
    rules: ShownRules,
  ): Promise<ReadonlySet<string>> {
    const [hidden, values] = isHidden(rules);
    const found = new Set<string>();
    for (const ids of batchesOf(readings.map(({ id }) => id)))
      for (const row of await this.compute('id', [
        ` AND id IN (${placeholders(ids.length)}) AND ${hidden}`,
        [...ids, ...values],
      ]))
        found.add(String(row['id']));
    return found;
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

/** The condition of a list. */
export function daysOfReadings({ metric, source, shown, ...days }: ReadingFilter): Condition {
  const [own, values] = conditions(['metric = ?', metric], ['source = ?', source]);
  const [onThem, instants] = onDays('measured_at', days);
  const [only, chosen] = shown ? areShown(shown) : ['', []];
  return [own + onThem + only, [...values, ...instants, ...chosen]];
}
