import type { Kinds } from '../kinds.generated.js';
import type { Item } from '../records.js';
import { knownDay, sourceOf } from './readings.js';

/*
 * Which records an answer needs, by their fields alone. An import leaves hundreds of thousands of readings on a device, and
 * converting one costs far more than a look at its fields.
 */

type MetricItem = Item<Kinds['health_metric']['fields'], Kinds['health_metric']['data']>;
type WeightItem = Item<Kinds['weight']['fields'], Kinds['weight']['data']>;

/** Local days, both included. */
export interface Days {
  readonly first: string;
  readonly last: string;
}

const DAY_MS = 86_400_000;
/** Clocks are at most 14 hours ahead of UTC, and 12 behind. */
const MAX_OFFSET_MS = 14 * 3_600_000;

/** Whether an instant can be on one of these days anywhere. */
const canBeOn = (instant: string, { first, last }: Days): boolean => {
  const time = Date.parse(instant);
  return time >= Date.parse(first) - MAX_OFFSET_MS && time < Date.parse(last) + DAY_MS + MAX_OFFSET_MS;
};

const isOn = (item: MetricItem | WeightItem, instant: string, days: Days): boolean => {
  const day = knownDay(item);
  return day === undefined ? canBeOn(instant, days) : day >= days.first && day <= days.last;
};

/** The readings of a kind that can be on one of these days. */
export const readingsOn = (items: readonly MetricItem[], metric: string, days: Days): MetricItem[] =>
  items.filter((item) => item.fields.metric === metric && isOn(item, item.fields.measured_at, days));

/** The weights that can be on one of these days. */
export const weightsOn = (items: readonly WeightItem[], days: Days): WeightItem[] =>
  items.filter((item) => isOn(item, item.fields.timestamp, days));

/** How one of several sources of a minute is chosen. */
export interface Choice {
  /** Compares sources: the one that is shown comes first. */
  readonly bySource: (a: string, b: string) => number;
  /** Whether a kind is added up: then all its readings are shown. */
  readonly isAdditive: (metric: string) => boolean;
}

/** The newest reading of each kind that is shown, by its name. */
export const newestReadings = (
  items: readonly MetricItem[],
  { bySource, isAdditive }: Choice,
): ReadonlyMap<string, MetricItem> =>
  newestBy(items, ({ fields: { metric, measured_at, source } }) => ({
    key: metric,
    instant: measured_at,
    source: isAdditive(metric) ? undefined : source,
    bySource,
  }));

export const newestWeight = (
  items: readonly WeightItem[],
  { bySource }: Pick<Choice, 'bySource'>,
): WeightItem | undefined =>
  newestBy(items, (item) => ({
    key: '',
    instant: item.fields.timestamp,
    source: sourceOf(item),
    bySource,
  })).get('');

interface Ranked {
  readonly key: string;
  readonly instant: string;
  /** Undefined where the source does not matter. */
  readonly source: string | undefined;
  readonly bySource: Choice['bySource'];
}

const MINUTE_MS = 60_000;

/** Of items of the newest minute, those of the first source; of these the newest, and at one instant the one with the greatest id. */
function newestBy<T extends { readonly id: string }>(
  items: readonly T[],
  rankOf: (item: T) => Ranked,
): ReadonlyMap<string, T> {
  const newest = new Map<string, { readonly item: T; readonly ranked: Ranked; readonly time: number }>();
  for (const item of items) {
    const ranked = rankOf(item);
    const time = Date.parse(ranked.instant);
    const known = newest.get(ranked.key);
    if (!known || isNewer(ranked, time, known.ranked, known.time, item.id > known.item.id))
      newest.set(ranked.key, { item, ranked, time });
  }
  return new Map([...newest].map(([key, { item }]) => [key, item]));
}

function isNewer(
  one: Ranked,
  time: number,
  other: Ranked,
  otherTime: number,
  hasGreaterId: boolean,
): boolean {
  const isSameMinute = Math.floor(time / MINUTE_MS) === Math.floor(otherTime / MINUTE_MS);
  const order =
    isSameMinute && one.source !== undefined && other.source !== undefined
      ? one.bySource(other.source, one.source)
      : 0;
  return (order || time - otherTime || (hasGreaterId ? 1 : -1)) > 0;
}
