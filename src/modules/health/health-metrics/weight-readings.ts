import type { Listed } from '../../../records/define/synced-record.js';
import { isWithin } from './derived-values.js';
import type { HealthMetricDto } from './health-metrics.dto.js';
import { BODY_WEIGHT, metricKindOf } from './metric-kinds.js';
import type { WeightEntry } from './weight-entry.entity.js';

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
    source: MANUAL,
    externalId: null,
    device: null,
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

export const MANUAL = 'manual';
