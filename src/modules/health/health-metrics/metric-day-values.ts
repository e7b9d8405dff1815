import { Injectable } from '@nestjs/common';
import {
  DaySource,
  type DaySubject,
  type DayValue,
  type DayValues,
  type OfPerson,
} from '../../../records/define/person/day-values.js';
import { person } from '../../../records/define/person/person.owner.js';
import { Records } from '../../../records/write/records.js';
import { sourceOrderRecord } from '../sources/source-orders.record.js';
import { CUSTOM_METRIC } from './custom-metrics.record.js';
import { CustomMetricsRepository } from './custom-metrics.repository.js';
import { healthMetricRecord } from './health-metrics.record.js';
import { BODY_WEIGHT, metricKindOf } from './metric-kinds.js';
import { MetricSummaryService } from './metric-summary.service.js';
import { metrics } from './metrics.scopes.js';
import { ownIdOf } from './own-kind-rules.js';
import { weightRecord } from './weight.record.js';

const PREFIX = 'metric:';
const metricOf = (subject: string): string => subject.slice(PREFIX.length);

/** The daily values of the kinds of readings that have a single value, those that the person made up among them. */
@Injectable()
export class MetricDayValues extends DaySource {
  readonly resource = metrics;
  readonly names = ['metric:<name of a kind with one value>', 'metric:custom:<id of a kind of your own>'];
  readonly kinds = [healthMetricRecord.kind, weightRecord.kind, CUSTOM_METRIC, sourceOrderRecord.kind];

  constructor(
    private readonly summaries: MetricSummaryService,
    private readonly records: Records,
  ) {
    super();
  }

  override moves(subject: string, kind: string, parts: ReadonlySet<string>): boolean {
    const metric = metricOf(subject);
    if (kind === healthMetricRecord.kind) return parts.has(metric);
    if (kind === weightRecord.kind) return metric === BODY_WEIGHT;
    return kind !== CUSTOM_METRIC || ownIdOf(metric) !== undefined;
  }

  has(subject: string): boolean {
    if (!subject.startsWith(PREFIX)) return false;
    const metric = metricOf(subject);
    return metricKindOf(metric)?.components.length === 0 || ownIdOf(metric) !== undefined;
  }

  async find({ userId }: OfPerson, subjects: readonly string[]): Promise<ReadonlyMap<string, DaySubject>> {
    const found = new Map<string, DaySubject>();
    const ownIds = subjects.flatMap((subject) => ownIdOf(metricOf(subject)) ?? []);
    const own = await new CustomMetricsRepository(this.records, person(userId)).findLive(ownIds);
    for (const subject of subjects) {
      const kind = metricKindOf(metricOf(subject));
      const made = own.get(ownIdOf(metricOf(subject)) ?? '');
      if (kind?.components.length === 0) found.set(subject, { units: kind.units, rollUp: kind.rollUp });
      else if (made)
        found.set(subject, { units: [{ unit: made.unit, factor: 1, offset: 0 }], rollUp: made.rollUp });
    }
    return found;
  }

  async valuesOf(
    person: OfPerson,
    subjects: readonly string[],
    from: string,
    to: string,
  ): Promise<ReadonlyMap<string, DayValues>> {
    const all = new Map<string, DayValues>();
    for (const subject of subjects) {
      const query = { from, to, explain: false };
      const { data } = await this.summaries.summary(person, metricOf(subject), query);
      const days = data.flatMap(({ localDate, value, count }): [string, DayValue][] =>
        value === null ? [] : [[localDate, { value, weight: count, isPartial: false }]],
      );
      all.set(subject, new Map(days));
    }
    return all;
  }
}
