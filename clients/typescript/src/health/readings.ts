import type { Kinds } from '../kinds.generated.js';
import type { Item } from '../records.js';
import { localTime } from '../local-time.js';
import type { components } from '../schema.js';
import { canonicalValues, type EnteredValues } from './derived-values.js';
import { BODY_WEIGHT } from './metric-kinds.js';
import { faultsOfReading, faultsOfTags, type ReadingFault } from './reading-rules.js';

type Answer = components['schemas']['HealthMetric'];
type ItemOf<K extends keyof Kinds> = Item<Kinds[K]['fields'], Kinds[K]['data']>;

/** A reading as the service answers it, as far as a device knows it. */
export type LatestReading = Omit<Answer, 'created_at' | 'updated_at' | 'version'> &
  Partial<Pick<Answer, 'updated_at' | 'version'>>;

/** A reading of the device's copy: with what the service derives, also before the service has it. */
export type ReadItem = LatestReading;

const instantOf = (text: string): string => new Date(text).toISOString();

/** What a server has said of a record; a record that it does not have lacks it. */
const storedOf = ({ id, version, updatedAt }: ItemOf<'health_metric' | 'weight'>) => ({
  id,
  ...(version !== undefined && { version }),
  ...(updatedAt !== undefined && { updated_at: updatedAt }),
});

const derivedOf = (
  entered: EnteredValues,
): Pick<Answer, 'canonical_value' | 'systolic_mmhg' | 'diastolic_mmhg' | 'pulse_per_min' | 'flags'> => {
  const { canonicalValue, systolicMmhg, diastolicMmhg, pulsePerMin, flags } = canonicalValues(entered);
  return {
    canonical_value: canonicalValue,
    systolic_mmhg: systolicMmhg,
    diastolic_mmhg: diastolicMmhg,
    pulse_per_min: pulsePerMin,
    flags,
  };
};

export function readingOf(item: ItemOf<'health_metric'>): ReadItem {
  const { fields } = item;
  const { metric, value = null, unit, components = null, ended_at = null } = fields;
  const isKnown = knownDay(item) !== undefined && fields.utc_offset_min !== undefined;
  const { local_date, local_hour, utc_offset_min } = isKnown
    ? fields
    : localTime(fields.measured_at, fields.time_zone);
  return {
    metric,
    value,
    unit,
    components: components && { ...components },
    measured_at: instantOf(fields.measured_at),
    ended_at: ended_at === null ? null : instantOf(ended_at),
    time_zone: fields.time_zone,
    context: fields.context ?? null,
    source: fields.source,
    external_id: fields.external_id ?? null,
    device: fields.device ?? null,
    modality: fields.modality ?? null,
    note: fields.note ?? null,
    tags: fields.tags ?? null,
    local_date: local_date ?? '',
    local_hour: local_hour ?? 0,
    utc_offset_min: utc_offset_min ?? 0,
    ...derivedOf({ metric, value, unit, components }),
    ...storedOf(item),
  };
}

/** Where a weight comes from, also before the service has it. */
export const sourceOf = ({ fields: { source = 'manual' } }: ItemOf<'weight'>): string => source;

/**
 * @param profileZone the time zone of the person's profile, for a weight without its own. One that the service has keeps the zone in
 * which it was made, also while an edit waits.
 */
export function weightOf(item: ItemOf<'weight'>, profileZone: string): ReadItem {
  const {
    weight_value,
    unit,
    timestamp,
    external_id,
    device,
    time_zone: timeZone = profileZone,
  } = item.fields;
  const local = localTime(timestamp, timeZone);
  return {
    metric: BODY_WEIGHT,
    value: weight_value,
    unit,
    components: null,
    measured_at: instantOf(timestamp),
    ended_at: null,
    time_zone: timeZone,
    context: null,
    source: sourceOf(item),
    external_id: external_id ?? null,
    device: device ?? null,
    modality: null,
    note: null,
    tags: null,
    ...local,
    local_date: knownDay(item) ?? local.local_date,
    ...derivedOf({ metric: BODY_WEIGHT, value: weight_value, unit }),
    ...storedOf(item),
  };
}

/**
 * What is wrong with a reading by the rules of its kind, such as a value outside the range of its unit; empty if nothing is. The service
 * says the same, but the phone may be offline. It does not check the unit and the range of a person's own kind, nor what `create` checks.
 */
export const checkReading = (fields: Kinds['health_metric']['fields']): ReadingFault[] => {
  const { measured_at, ended_at, ...rest } = fields;
  const reading = {
    ...rest,
    measuredAt: new Date(measured_at),
    endedAt: ended_at == null ? null : new Date(ended_at),
  };
  return [...faultsOfReading(reading), ...faultsOfTags(reading)];
};

/** The local day that the service computed; unknown while an edit may change it. */
export const knownDay = ({ fields, outdated }: ItemOf<'health_metric' | 'weight'>): string | undefined =>
  outdated ? undefined : fields.local_date;
