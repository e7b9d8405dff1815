import { defineRecord } from '../../../records/define/define-record.js';
import type { CustomMetric } from './custom-metric.entity.js';
import { CUSTOM_METRIC } from './custom-metrics.record.js';
import { canonicalValues } from './derived-values.js';
import { faultsOfId } from './external-id.js';
import { HealthMetric } from './health-metric.entity.js';
import { HealthMetricDataDto, HealthMetricFieldsDto } from './health-metrics.dto.js';
import { localTime } from '../../../kernel/quantities/local-time.js';
import { metrics } from './metrics.scopes.js';
import { daysBeside, dropSums } from './month-sums.js';
import { markOverlaps } from './overlaps.js';
import { faultsOfFuture } from '../not-of-the-future.js';
import { faultsOfOwn, ownIdOf } from './own-kind-rules.js';
import { minuteOf } from './shown.js';
import { faultsOfReading, faultsOfTags } from './reading-rules.js';

export const healthMetricRecord = defineRecord({
  kind: 'health_metric',
  entity: HealthMetric,
  fields: HealthMetricFieldsDto,
  data: HealthMetricDataDto,
  groups: [
    // The kind decides which values of all others are valid, so they are one group.
    [
      'metric',
      'value',
      'unit',
      'components',
      'measuredAt',
      'endedAt',
      'timeZone',
      'context',
      'source',
      'externalId',
    ],
    ['device'],
    ['modality'],
    ['note'],
    ['tags'],
  ],
  addedLater: ['tags'],
  check: (entered, id) => [...faultsOfReading(entered), ...faultsOfId(entered, id)],
  refersTo: ({ metric }) => {
    const id = metric === undefined ? undefined : ownIdOf(metric);
    return id === undefined ? [] : [{ kind: CUSTOM_METRIC, id }];
  },
  admit: (entered, { current, find, now, hasSeen }) => [
    ...faultsOfFuture('measured_at', entered.measuredAt, current?.measuredAt, now),
    ...faultsOfTags(entered, {
      metric: hasSeen('metric') ? current?.metric : undefined,
      tags: hasSeen('tags') ? current?.tags : undefined,
    }),
    ...(hasNewValue(entered, current)
      ? faultsOfOwn(entered, (id) => find({ kind: CUSTOM_METRIC, id }) as CustomMetric | undefined)
      : []),
  ],
  // One author may change the kind, and another one tag the reading.
  reconcile: (merged) => (faultsOfTags(merged).length > 0 ? { tags: null } : {}),
  compare: markOverlaps,
  follow: dropSums,
  source: { source: 'source', part: 'metric', instant: 'measuredAt' },
  timeline: { instant: 'measuredAt', day: 'localDate', resource: metrics },
  days: daysBeside,
  placed: { timeZone: 'timeZone', instants: ['measuredAt', 'endedAt'] },
  derivedFrom: ['metric'],
  derive: (entered) => {
    const { date, hour, offsetMin } = localTime(entered.measuredAt, entered.timeZone);
    return {
      tags: entered.tags ?? null,
      localDate: date,
      localHour: hour,
      utcOffsetMin: offsetMin,
      measuredMinute: minuteOf(entered.measuredAt),
      ...canonicalValues(entered),
    };
  },
});

type Values = Pick<HealthMetricFieldsDto, 'metric' | 'unit' | 'value'>;

/**
 * Whether an edit sets a value. A person's own kind may have another unit since the reading was entered, or be deleted: all else
 * can be changed nevertheless.
 */
const hasNewValue = (entered: Partial<Values>, current: HealthMetric | undefined): entered is Values =>
  entered.metric !== undefined &&
  (entered.metric !== current?.metric || entered.unit !== current.unit || entered.value !== current.value);
