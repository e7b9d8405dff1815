import { digest } from '../../../platform/random-token.js';
import { readingId } from '../health-metrics/reading-id.js';
import { BODY_WEIGHT, metricKindOf } from '../health-metrics/metric-kinds.js';
import { MAX_INTERVAL_MS, mayEnd } from '../health-metrics/reading-rules.js';
import type { ImportItem, Moment, Reading, Sleep } from './formats/import-format.js';
import { lookUp } from './formats/values.js';
import { instantOf, type PlacedTime } from './placed-times.js';

/** What a record is made of: the fields as a phone would send them, so that they are checked in the same way. */
export interface TargetRecord {
  readonly kind: string;
  readonly id: string;
  readonly fields: object;
}

interface Identity {
  readonly source: string;
  /** The file's own id, or one that is derived from format, origin, metric and period. */
  readonly externalId: string;
}

/** Turns items into records of one kind. */
interface ImportTarget<Item extends ImportItem> {
  readonly kind: string;
  fieldsOf(item: Item, time: PlacedTime, identity: Identity): object;
}

const WEIGHT_UNITS: Readonly<Record<string, string>> = { '[lb_av]': 'lb', '[stone_av]': 'st' };

const weights: ImportTarget<Reading> = {
  kind: 'weight',
  fieldsOf: ({ value, unit, device }, { start, timeZone }, { source, externalId }) => ({
    weight_value: value,
    unit: lookUp(WEIGHT_UNITS, unit) ?? unit,
    timestamp: start.toISOString(),
    source,
    external_id: externalId,
    device: device ?? null,
    time_zone: timeZone,
  }),
};

const readings: ImportTarget<Reading> = {
  kind: 'health_metric',
  fieldsOf: (item, { start, end, timeZone }, { source, externalId }) => ({
    metric: item.metric,
    value: item.value ?? null,
    components: item.parts ?? null,
    unit: item.unit,
    measured_at: start.toISOString(),
    ended_at: endOf(item.metric, start, end)?.toISOString() ?? null,
    time_zone: timeZone,
    context: item.context ?? null,
    source,
    external_id: externalId,
    device: item.device ?? null,
    modality: item.modality ?? null,
    note: item.note ?? null,
  }),
};

const sleep: ImportTarget<Sleep> = {
  kind: 'sleep',
  fieldsOf: (item, { start, end, timeZone }, { source, externalId }) => ({
    started_at: end ? start.toISOString() : null,
    ended_at: end?.toISOString() ?? null,
    date: item.start.is === 'day' ? item.start.text : null,
    time_zone: timeZone,
    is_nap: item.isNap ?? false,
    minutes_asleep: item.minutesAsleep ?? null,
    minutes_in_bed: item.minutesInBed ?? null,
    stages: item.stages ? stagesOf(item.stages, timeZone) : null,
    source,
    external_id: externalId,
    device: item.device ?? null,
    note: item.note ?? null,
  }),
};

const stagesOf = (stages: NonNullable<Sleep['stages']>, timeZone: string): object[] => {
  const textOf = (moment: Moment): string => instantOf(moment, timeZone, 'start').toISOString();
  return stages.map(({ stage, start, end }) => ({
    stage,
    started_at: textOf(start),
    ended_at: textOf(end),
  }));
};

/** A drink has no end, also where a file says one: an instant, or one that no reading can have. */
function endOf(metric: string, start: Date, end: Date | undefined): Date | undefined {
  if (isInterval(metric) || !end || !isAdditive(metric)) return isInterval(metric) ? end : undefined;
  const length = end.getTime() - start.getTime();
  return length > 0 && length <= MAX_INTERVAL_MS ? end : undefined;
}

/** Whether readings of a metric may be amounts of a period. */
export function isAdditive(metric: string): boolean {
  const kind = metricKindOf(metric);
  return kind !== undefined && mayEnd(kind);
}

/** Whether a metric counts over a period. */
export const isInterval = (metric: string): boolean => metricKindOf(metric)?.shape === 'interval';

/** Whether a column of a table can be a metric: it is known here, and has one value. */
export const isImported = (metric: string): boolean => metricKindOf(metric)?.components.length === 0;

/** The kind of record that an item becomes, and what it is made of. */
export function recordOf(
  item: ImportItem,
  time: PlacedTime,
  format: { readonly name: string; readonly source: string },
): TargetRecord {
  const identity = {
    source: item.source ?? format.source,
    externalId: item.externalId ?? derivedId(item, time, format.name),
  };
  const id = readingId(seriesOf(item), identity.source, identity.externalId);
  if (item.is === 'sleep') return { kind: sleep.kind, id, fields: sleep.fieldsOf(item, time, identity) };
  const target = item.metric === BODY_WEIGHT ? weights : readings;
  return { kind: target.kind, id, fields: target.fieldsOf(item, time, identity) };
}

const derivedId = (item: ImportItem, { key }: PlacedTime, format: string): string =>
  `${format}:${digest([item.origin ?? '', seriesOf(item), key].join('\n')).slice(0, 22)}`;

/** Items of one series do not overlap, as far as their file is right. */
export const seriesOf = (item: ImportItem): string => (item.is === 'reading' ? item.metric : item.is);
