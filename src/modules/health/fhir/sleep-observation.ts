import type { SleepSession } from '../sleep/sleep.entity.js';
import type { Component } from './fhir-types.js';
import type { FhirObservationDto } from './fhir.dto.js';
import {
  ABSENT,
  categoryOf,
  conceptOf,
  frameOf,
  localInstant,
  quantityOf,
  type Surroundings,
  translated,
} from './observation.js';

/** The totals of the stages, by the names that people read. */
const TOTALS = [
  ['inBedSeconds', 'In bed'],
  ['awakeSeconds', 'Awake'],
  ['lightSeconds', 'Light sleep'],
  ['deepSeconds', 'Deep sleep'],
  ['remSeconds', 'REM sleep'],
] as const;
/** What the source says of the session as a whole; heart rate, oxygen and breath are averages, so they have no code of LOINC. */
const AVERAGES = [
  ['score', 'Sleep score', 'score', '{score}'],
  ['averageHeartRate', 'Average heart rate', '/min', '/min'],
  ['averageHrvMs', 'Average heart rate variability (RMSSD)', 'ms', 'ms'],
  ['averageOxygenSaturation', 'Average oxygen saturation', '%', '%'],
  ['averageRespiratoryRate', 'Average respiratory rate', '/min', '/min'],
] as const;

const seconds = (value: number) => quantityOf(value, 's', 's');

/** A session of sleep as an Observation: its value is the time asleep; totals, averages and stages are components. */
export function sleepObservation(session: SleepSession, surroundings: Surroundings): FhirObservationDto {
  const { isNap, minutesAsleep, minutesInBed, asleepSeconds } = session;
  const component = [
    ...TOTALS.flatMap(([name, label]) =>
      totalOf(label, session[name], name === 'inBedSeconds' ? minutesInBed : null),
    ),
    ...AVERAGES.flatMap(([name, label, unit, code]) => averageOf(label, session[name], unit, code)),
    ...stagesOf(session),
  ];
  const entered = minutesAsleep === null ? undefined : quantityOf(minutesAsleep, 'min', 'min');
  return {
    ...frameOf(session, surroundings, []),
    category: categoryOf('activity'),
    code: conceptOf(isNap ? 'Nap' : 'Sleep'),
    ...timesOf(session),
    ...(asleepSeconds === null
      ? { dataAbsentReason: { coding: [{ system: ABSENT, code: 'unknown' }] } }
      : { valueQuantity: entered ? translated(seconds(asleepSeconds), entered) : seconds(asleepSeconds) }),
    ...(component.length > 0 && { component }),
  };
}

function timesOf(session: SleepSession): Pick<FhirObservationDto, 'effectivePeriod' | 'effectiveDateTime'> {
  const { startedAt, endedAt, timeZone, localDate } = session;
  if (!startedAt || !endedAt) return { effectiveDateTime: localDate };
  return {
    effectivePeriod: { start: localInstant(startedAt, timeZone), end: localInstant(endedAt, timeZone) },
  };
}

function totalOf(label: string, total: number | null, minutes: number | null): Component[] {
  if (total === null) return [];
  const value = seconds(total);
  const valueQuantity = minutes === null ? value : translated(value, quantityOf(minutes, 'min', 'min'));
  return [{ code: { text: label }, valueQuantity }];
}

const averageOf = (label: string, value: number | null, unit: string, code: string): Component[] =>
  value === null ? [] : [{ code: { text: label }, valueQuantity: quantityOf(value, unit, code) }];

const stagesOf = ({ stages, timeZone }: SleepSession): Component[] =>
  (stages ?? []).map(({ stage, startedAt, endedAt }) => ({
    code: { text: `Stage ${stage}` },
    valuePeriod: { start: localInstant(startedAt, timeZone), end: localInstant(endedAt, timeZone) },
  }));
