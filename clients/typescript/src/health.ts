import { bindMethods } from './bound.js';
import type { Hale } from './hale.js';
import {
  BODY_HEIGHT,
  BODY_WEIGHT,
  CUSTOM,
  metricKindOf,
  metricKinds,
  targetLimits,
} from './health/metric-kinds.js';
import { type OwnKind, shownKinds } from './health/metric-kinds.presenter.js';
import { type LatestReading, readingOf, type ReadItem, weightOf } from './health/readings.js';
import { newestReadings, newestWeight, readingsOn, weightsOn } from './health/selection.js';
import { bodyMassIndexOf } from './health/derived-values.js';
import { bySource, compareText } from './health/reading-merge.js';
import { daysOf, type Period, rolledUp, type Summarized } from './health/summaries.js';
import { customMetric, healthMetric, sourceOrder, weight } from './definitions.generated.js';
import type { Kind, Kinds } from './kinds.generated.js';
import { Live, type Loaded } from './live.js';
import { wire } from './names.js';
import { HaleError } from './problem.js';
import type { Item } from './records.js';
import type { components } from './schema.js';
import type { Observable } from './signal.js';

type Schemas = components['schemas'];

/** As `GET /api/health-metrics/kinds` answers it. */
export type MetricKinds = Schemas['MetricKinds'];
export type MetricSummary = Schemas['MetricSummary'];
/** As `GET /api/health-metrics/latest`, without `created_at`, which is not synced; what is not sent yet has no `version`. */
export interface LatestMetrics extends Omit<Schemas['LatestMetrics'], 'data'> {
  data: LatestReading[];
}
export { readingId } from './health/reading-id.js';
export { checkReading } from './health/readings.js';
export type { ReadingFault } from './health/reading-rules.js';
export type { LatestReading, Period };

/** The kinds of records that the queries read, for `kinds` of `createClient`. */
export const healthKinds = [customMetric, healthMetric, sourceOrder, weight] as const;
type ReadKind = (typeof healthKinds)[number]['kind'];
type ItemOf<K extends ReadKind> = Item<Kinds[K]['fields'], Kinds[K]['data']>;

/**
 * What a person measured, from this device’s own copy and without a connection: the same as the service answers, by the same
 * functions. Edits that wait to be sent are in it.
 */
export class Health {
  /** @param client see {@link healthOf}. */
  constructor(private readonly client: Hale) {
    bindMethods(this);
  }

  /** All kinds with their units and ranges, and the person’s own kinds at the end. @throws HaleError */
  async kinds(): Promise<MetricKinds> {
    return { data: shownKinds(await this.own()).map(wire) as MetricKinds['data'] };
  }

  /** The newest reading of each kind that is shown, weight included, and the body mass index. @throws HaleError */
  async latest(): Promise<LatestMetrics> {
    const kinds = [
      ...metricKinds,
      ...(await this.own()).map(({ id, rollUp }) => ({ name: `custom:${id}`, rollUp })),
    ];
    const order = kinds.map(({ name }) => name);
    const additive = new Set(kinds.filter(({ rollUp }) => rollUp === 'sum').map(({ name }) => name));
    const choice = {
      bySource: bySource(await this.order()),
      isAdditive: (metric: string) => additive.has(metric),
    };
    const newest = new Map<string, LatestReading>();
    for (const [metric, item] of newestReadings(await this.items('health_metric'), choice))
      newest.set(metric, readingOf(item));
    const weighed = newestWeight(await this.items('weight'), choice);
    if (weighed) newest.set(BODY_WEIGHT, this.weightOf(weighed));
    const data = order.flatMap((metric) => newest.get(metric) ?? []);
    const [weight, height] = [newest.get(BODY_WEIGHT), newest.get(BODY_HEIGHT)];
    return { data, body_mass_index: weight && height ? bodyMassIndex(weight, height) : null };
  }

  /**
   * The readings of a kind by local hour, day, week or month.
   * @throws HaleError `not-found` for a kind that does not exist, `invalid` for a wrong period
   */
  async summary(metric: string, period: Period): Promise<MetricSummary> {
    const kind = await this.kindOf(metric);
    const days = daysOf(period);
    const readings: ReadItem[] =
      metric === BODY_WEIGHT
        ? weightsOn(await this.items('weight'), days).map((item) => this.weightOf(item))
        : readingsOn(await this.items('health_metric'), metric, days).map(readingOf);
    const data = rolledUp(kind, readings, period, kind.rollUp === 'sum' ? await this.order() : []);
    return {
      metric,
      unit: kind.unit,
      roll_up: kind.rollUp,
      data: data.map(wire) as MetricSummary['data'],
    };
  }

  /** What a query finds, read again whenever it may have changed: `health.observe((own) => own.latest())`. */
  observe<T>(read: (health: Health) => Promise<T>): Observable<Loaded<T>> {
    return new Live(
      () => read(this),
      (listener) => {
        const ends = healthKinds.map(({ kind }) => this.client.records(kind).watch(listener));
        return () => ends.forEach((end) => end());
      },
    );
  }

  private async kindOf(metric: string): Promise<Summarized> {
    const known = metricKindOf(metric);
    if (known) return { ...known, within: targetLimits(known) };
    const id = CUSTOM.exec(metric)?.[1];
    const own = (await this.own()).find((one) => one.id === id);
    if (!own) throw new HaleError('not-found', `there is no kind ${metric}`);
    const { unit, rollUp } = own;
    return { name: metric, unit, rollUp, components: [], onlyUnit: unit };
  }

  private async own(): Promise<OwnKind[]> {
    const items = await this.items('custom_metric');
    return items
      .toSorted((a, b) => (a.id < b.id ? 1 : -1))
      .map(({ id, fields: { name, unit, roll_up: rollUp, value_range: valueRange = null } }) => ({
        id,
        name,
        unit,
        rollUp,
        valueRange,
      }));
  }

  private weightOf(item: ItemOf<'weight'>): ReadItem {
    return weightOf(item, this.client.user?.time_zone ?? Intl.DateTimeFormat().resolvedOptions().timeZone);
  }

  /** The person’s sources, the most trusted first: of several orders the one that was stored last. */
  private async order(): Promise<readonly string[]> {
    const [newest] = (await this.items('source_order')).toSorted(
      (a, b) => compareText(timeOf(b), timeOf(a)) || compareText(b.id, a.id),
    );
    return newest?.fields.sources ?? [];
  }

  private items<K extends ReadKind>(kind: K): Promise<ItemOf<K>[]> {
    return this.client.records(kind).list() as Promise<ItemOf<K>[]>;
  }
}

/**
 * The queries of a client that has {@link healthKinds}.
 * @throws HaleError `unknown-kind` if the client was made without one of them
 */
export function healthOf<K extends Kind>(client: ReadKind extends K ? Hale<K> : never): Health {
  const own = client as unknown as Hale;
  for (const { kind } of healthKinds) own.records(kind);
  return new Health(own);
}

/** An order that waits to be sent will be the last. */
const timeOf = ({ pending, updatedAt }: Pick<Item<object, object>, 'pending' | 'updatedAt'>): string =>
  pending ? '9' : (updatedAt ?? '');

function bodyMassIndex(weight: LatestReading, height: LatestReading): LatestMetrics['body_mass_index'] {
  const entered = ({ id, value, unit, measured_at }: LatestReading) => ({
    id,
    value: value ?? 0,
    unit,
    measured_at,
  });
  return {
    value: bodyMassIndexOf(weight.canonical_value ?? 0, height.canonical_value ?? 0),
    unit: 'kg/m2',
    weight: entered(weight),
    height: entered(height),
  };
}
