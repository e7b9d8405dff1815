import { addDays, checkDays } from '../days.js';
import { composed } from './derived-values.js';
import type { MetricComponent, MetricKind } from './metric-kind.js';
import type { ReadItem } from './readings.js';
import type { Days } from './selection.js';
import type { RolledReading } from './reading-merge.js';
import { DAYS_AROUND } from './reading-rules.js';
import { type Bucket, combine, partsOf, type RolledBucket, type TargetLimits } from './roll-up.js';

/** Local days, both included. */
export interface Period {
  /** The first local day, `YYYY-MM-DD`. */
  readonly from: string;
  /** The last local day, at most 3 659 days later; 30 for hours. */
  readonly to: string;
  /** The length of a bucket. Default: `day`. */
  readonly bucket?: Bucket;
}

/** What a summary needs to know of a kind. */
export interface Summarized extends Pick<MetricKind, 'name' | 'unit' | 'rollUp' | 'components'> {
  /** Only readings in this unit: those of a person's own kind cannot be converted. */
  readonly onlyUnit?: string;
  /** The limits of its target; null for a kind without one. */
  readonly within?: TargetLimits | null;
}

const MAX_DAYS = 3_660;
const MAX_DAYS_BY_HOUR = 31;

/**
 * The buckets of a period.
 * @param order the person's sources, the most trusted first.
 * @throws HaleError `invalid` for a wrong period
 */
export function rolledUp(
  kind: Summarized,
  readings: readonly ReadItem[],
  { from, to, bucket = 'day' }: Period,
  order: readonly string[],
): object[] {
  const { first, last } = daysOf({ from, to, bucket });
  const own = readings.filter(
    ({ metric, unit, local_date: day }) =>
      metric === kind.name && day >= first && day <= last && (kind.onlyUnit ?? unit) === unit,
  );
  const rules = { rollUp: kind.rollUp, bucket, order, within: kind.within ?? null };
  const bucketsOf = (valueOf: (reading: ReadItem) => number | null): RolledBucket[] => {
    const rolled = own.flatMap((reading) => rolledReading(reading, valueOf(reading)));
    const parts = partsOf(rolled, rules).filter(({ localDate }) => localDate >= from && localDate <= to);
    return combine(parts, rules);
  };
  if (kind.components.length === 0)
    return bucketsOf(({ canonical_value }) => canonical_value).map((one) => ({ ...one, components: [] }));
  return composed(
    kind.components.map((part) => [part.name, bucketsOf((reading) => partValues(reading)[part.name])]),
  );
}

function rolledReading(reading: ReadItem, value: number | null): RolledReading[] {
  if (value === null) return [];
  const measuredAt = Date.parse(reading.measured_at);
  return [
    {
      id: reading.id,
      localDate: reading.local_date,
      localHour: new Date(measuredAt + reading.utc_offset_min * 60_000).getUTCHours(),
      measuredAt,
      endedAt: reading.ended_at == null ? null : Date.parse(reading.ended_at),
      source: reading.source,
      value,
    },
  ];
}

/** The components in their canonical units. */
const partValues = ({
  systolic_mmhg,
  diastolic_mmhg,
  pulse_per_min,
}: ReadItem): Readonly<Record<MetricComponent['name'], number | null>> => ({
  systolic: systolic_mmhg ?? null,
  diastolic: diastolic_mmhg ?? null,
  pulse: pulse_per_min ?? null,
});

/** The days whose readings the buckets of a period need. @throws HaleError `invalid` for a wrong period */
export function daysOf({ from, to, bucket }: Period): Days {
  const most = bucket === 'hour' ? MAX_DAYS_BY_HOUR : MAX_DAYS;
  checkDays(from, to, most);
  return { first: addDays(from, -DAYS_AROUND), last: addDays(to, DAYS_AROUND) };
}
