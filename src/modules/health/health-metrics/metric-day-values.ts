import { Injectable } from '@nestjs/common';
import type { Actor } from '../../../kernel/http/actor.js';
import { DaySource, type DaySubject, type DayValue } from '../../../records/define/day-values.js';
import { metricKindOf } from './metric-kinds.js';
import { MetricSummaryService } from './metric-summary.service.js';
import { metrics } from './metrics.scopes.js';

const PREFIX = 'metric:';

/** The daily values of the kinds of readings that have a single value. */
@Injectable()
export class MetricDayValues extends DaySource {
  readonly resource = metrics;
  readonly names = ['metric:<name of a kind with one value>'];

  constructor(private readonly summaries: MetricSummaryService) {
    super();
  }

  find(subject: string): DaySubject | undefined {
    const kind = subject.startsWith(PREFIX) ? metricKindOf(subject.slice(PREFIX.length)) : undefined;
    return kind?.components.length === 0 ? { units: kind.units, rollUp: kind.rollUp } : undefined;
  }

  async valuesOf(
    actor: Actor,
    subject: string,
    from: string,
    to: string,
  ): Promise<ReadonlyMap<string, DayValue>> {
    const query = { from, to, explain: false };
    const { data } = await this.summaries.summary(actor, subject.slice(PREFIX.length), query);
    return new Map(
      data.flatMap(({ localDate, value, count }): [string, DayValue][] =>
        value === null ? [] : [[localDate, { value, weight: count, isPartial: false }]],
      ),
    );
  }
}
