import type { Listing } from '../../../kernel/http/paging.js';
import type { Listed } from '../../../records/define/synced-record.js';
import { isWithin } from './derived-values.js';
import type { HealthMetricDto } from './health-metrics.dto.js';
import { BODY_WEIGHT, metricKindOf } from './metric-kinds.js';
import type { WeightEntry } from './weight-entry.entity.js';
import type { WeightEntryDto } from './weight.dto.js';

/** A weight as a reading beside those of other kinds. */
export function weightReading({
  weightValue,
  weightKg,
  timestamp,
  unit,
  ...entry
}: Listed<WeightEntry>): HealthMetricDto {
  const soft = metricKindOf(BODY_WEIGHT)?.soft ?? [0, Infinity];
  return {
    metric: BODY_WEIGHT,
    value: weightValue,
    unit,
    components: null,
    measuredAt: timestamp,
    endedAt: null,
    timeZone: entry.timeZone,
    context: null,
    source: entry.source,
    externalId: entry.externalId,
    device: entry.device,
    modality: null,
    note: null,
    tags: null,
    localDate: entry.localDate,
    utcOffsetMin: entry.utcOffsetMin,
    localHour: entry.localHour,
    canonicalValue: weightKg,
    systolicMmhg: null,
    diastolicMmhg: null,
    pulsePerMin: null,
    flags: isWithin(weightKg, soft) ? [] : ['implausible'],
    id: entry.id,
    createdAt: entry.createdAt,
    updatedAt: entry.updatedAt,
    version: entry.version,
  };
}

/** A weight as its own routes answer it: their fields are fixed by FR-026, and only a weight of a source has more. */
export function shownWeight(entry: Listed<WeightEntry>): WeightEntryDto {
  if (entry.source !== MANUAL || entry.externalId !== null || entry.device !== null) return entry;
  const { id, userId, weightValue, unit, timestamp, createdAt, updatedAt, version } = entry;
  return { id, userId, weightValue, unit, timestamp, createdAt, updatedAt, version };
}

/** A page of weights as their own route lists it. */
export const shownWeights = ({ data, ...rest }: Listing<Listed<WeightEntry>>): Listing<WeightEntryDto> => ({
  ...rest,
  data: data.map(shownWeight),
});

export const MANUAL = 'manual';
