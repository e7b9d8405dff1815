import {
  BLOOD_PRESSURE,
  contextOf,
  HEART_RATE,
  isKnownType,
  metricOf,
  pressureOf,
  quantityOf,
  SLEEP_SESSION,
  stageOf,
  typeOf,
} from './health-connect-types.js';
import {
  fault,
  type ImportFormat,
  type ImportItem,
  type ImportRow,
  isFault,
  type Moment,
  originFrom,
  type SleepStage,
} from './import-format.js';
import { type JsonRecord, jsonRecords } from './json-records.js';
import { memberOf, numberOf, objectsOf, textOf } from './json-values.js';
import { momentFrom, offsetFrom } from './json-times.js';
import { MAX_STAGES } from '../../sleep/sleep.fields.js';
import { inOrder } from './sleep-sessions.js';
import { idFrom, readText, sourceFrom } from './values.js';

const NAMED_TYPE = /"(?:recordType|type)"\s*:\s*"([\w.]{1,100})"|"(\w{1,60})"\s*:\s*\[/g;

/** Records of Health Connect with the names of its Android API. There is no official file format. */
export const healthConnectFormat: ImportFormat = {
  name: 'health_connect',
  about:
    'Records of Health Connect as JSON, with the names of its Android API: a list, lists by type, or a record on each line.',
  container: 'json',
  source: 'health_connect',
  kinds: ['weight', 'health_metric', 'sleep'],
  // Also a file that begins with many records of types that are skipped.
  recognises: (head) =>
    [...head.matchAll(NAMED_TYPE)].some(([, type, list]) =>
      type === undefined ? isListOfType(list ?? '') : type.endsWith('Record') || isKnownType(typeOf(type)),
    ),
  async *read(source) {
    for await (const found of jsonRecords(source, isList))
      if (isFault(found)) yield found;
      else for (const row of readRecord(found)) yield { ...row, record: found.record };
  },
};

/** `{ "records": [...] }`, or a list for each type: `{ "StepsRecord": [...] }`. */
const isList = (name: string): boolean => name === 'records' || name === 'data' || isListOfType(name);

const isListOfType = (name: string): boolean =>
  /^[A-Z]/.test(name) && (name.endsWith('Record') || isKnownType(typeOf(name)));

/** What all values of a record have. */
type Common = Omit<ImportItem, 'is' | 'metric' | 'value' | 'unit'> & { readonly start: Moment };

function readRecord({ line, value: record, list }: JsonRecord): Iterable<ImportRow> {
  const named = textOf(memberOf(record, 'recordType')) ?? textOf(memberOf(record, 'type')) ?? list;
  if (named === undefined || named === 'records' || named === 'data')
    return [fault(line, 'recordType', 'required', 'A record needs its recordType, such as WeightRecord')];
  const type = typeOf(named);
  if (!isKnownType(type)) return [{ line, items: [] }];
  const common = commonOf(record, type);
  if (!common) return [fault(line, 'time', 'invalid', `time, or startTime and endTime, must be ${TIMES}`)];
  const wrong = wrongOffsetOf(record, type);
  if (wrong !== undefined)
    return [fault(line, wrong, 'invalid', `${wrong} must be an offset such as +01:00, or seconds`)];
  if (type === SLEEP_SESSION) return [readSleep(line, record, common)];
  const metric = metricOf(type) ?? '';
  if (type === HEART_RATE) return readSeries(line, record, common, metric);
  const context = contextOf(type, record);
  const reading = {
    is: 'reading' as const,
    metric,
    ...common,
    ...(context === undefined ? {} : { context }),
  };
  if (type === BLOOD_PRESSURE) {
    const [systolic, diastolic] = [
      pressureOf(memberOf(record, 'systolic')),
      pressureOf(memberOf(record, 'diastolic')),
    ];
    if (!systolic || !diastolic || systolic.unit !== diastolic.unit)
      return [fault(line, 'systolic', 'wrong-type', 'systolic and diastolic must be pressures in one unit')];
    const parts = { systolic: systolic.value, diastolic: diastolic.value };
    return [{ line, items: [{ ...reading, unit: systolic.unit, parts }] }];
  }
  const quantity = quantityOf(type, record);
  if (!quantity) return [{ line, items: [] }];
  const { field, found } = quantity;
  if (!found)
    return [
      fault(line, field, 'wrong-type', `${field} must be a number, with its unit where it has several`),
    ];
  return [{ line, items: [{ ...reading, ...found }] }];
}

const TIMES = 'times with an offset, or milliseconds since 1970';

/** A night belongs to the day of waking up. */
const offsetNameOf = (record: unknown, type: string): string | undefined =>
  [...(type === SLEEP_SESSION ? ['endZoneOffset'] : []), 'startZoneOffset', 'zoneOffset'].find(
    (name) => memberOf(record, name) !== undefined,
  );

/** The name of an offset that is there, but cannot be read. Without it the record could be of another day. */
function wrongOffsetOf(record: unknown, type: string): string | undefined {
  const name = offsetNameOf(record, type);
  return name === undefined || offsetFrom(memberOf(record, name)) !== undefined ? undefined : name;
}

/** Undefined without a time. */
function commonOf(record: unknown, type: string): Common | undefined {
  const start = momentFrom(memberOf(record, 'startTime') ?? memberOf(record, 'time'));
  const endValue = memberOf(record, 'endTime');
  const end = momentFrom(endValue);
  if (start?.is !== 'instant' || (endValue !== undefined && end?.is !== 'instant')) return undefined;
  if (type === SLEEP_SESSION && !end) return undefined;
  const offset = offsetFrom(memberOf(record, offsetNameOf(record, type) ?? ''));
  const id = idFrom(textOf(memberOf(record, 'metadata', 'id')));
  const origin =
    textOf(memberOf(record, 'metadata', 'dataOrigin')) ??
    textOf(memberOf(record, 'metadata', 'dataOrigin', 'packageName'));
  const source = sourceFrom(origin);
  const device = deviceOf(memberOf(record, 'metadata', 'device'));
  const modality = MODALITIES.get(memberOf(record, 'metadata', 'recordingMethod'));
  return {
    start,
    origin: originFrom(origin),
    ...(end ? { end } : {}),
    ...(offset === undefined ? {} : { offset }),
    ...(id === undefined ? {} : { externalId: id }),
    ...(source === undefined ? {} : { source }),
    ...(device === undefined ? {} : { device }),
    ...(modality === undefined ? {} : { modality }),
  };
}

const MODALITIES: ReadonlyMap<unknown, 'sensed' | 'self_reported'> = new Map([
  [1, 'sensed'],
  [2, 'sensed'],
  [3, 'self_reported'],
]);

function deviceOf(device: unknown): string | undefined {
  const names = ['manufacturer', 'model'].flatMap((name) => textOf(memberOf(device, name)) ?? []);
  return readText(names.join(' '), 100);
}

/** Each sample of a series is a row, so that a wrong one spoils no other, and a long series holds up nothing. */
function* readSeries(line: number, record: unknown, common: Common, metric: string): Generator<ImportRow> {
  const samples = objectsOf(memberOf(record, 'samples'));
  if (!samples) yield fault(line, 'samples', 'required', 'A heart rate needs its samples');
  else if (samples.length === 0) yield { line, items: [] };
  const { externalId, end: _, ...others } = common;
  for (const [place, sample] of (samples ?? []).entries()) {
    const within = `samples.${place}`;
    const start = momentFrom(memberOf(sample, 'time'));
    const value = numberOf(memberOf(sample, 'beatsPerMinute'));
    if (start?.is !== 'instant')
      yield fault(
        line,
        `${within}.time`,
        'invalid',
        'time must be a time with an offset, or milliseconds since 1970',
      );
    else if (value === undefined)
      yield fault(line, `${within}.beatsPerMinute`, 'wrong-type', 'beatsPerMinute must be a number');
    else {
      const id = externalId === undefined ? {} : { externalId: `${externalId}@${start.at.toISOString()}` };
      const item = { is: 'reading' as const, metric, unit: '/min', value, ...others, start, ...id };
      yield { line, within, items: [item] };
    }
  }
}

function readSleep(line: number, record: unknown, common: Common): ImportRow {
  const written = objectsOf(memberOf(record, 'stages') ?? []);
  if (!written) return fault(line, 'stages', 'wrong-type', 'stages must be a list');
  // Otherwise one record of a megabyte would keep other requests waiting.
  if (written.length > MAX_STAGES)
    return fault(line, 'stages', 'out-of-range', `stages can have at most ${MAX_STAGES} entries`);
  const stages: SleepStage[] = [];
  for (const [place, one] of written.entries()) {
    const within = `stages.${place}`;
    const [start, end] = [momentFrom(memberOf(one, 'startTime')), momentFrom(memberOf(one, 'endTime'))];
    if (start?.is !== 'instant' || end?.is !== 'instant')
      return fault(line, within, 'invalid', `A stage needs its startTime and endTime: ${TIMES}`);
    const stage = stageOf(memberOf(one, 'stage'));
    if (stage === undefined)
      return fault(
        line,
        `${within}.stage`,
        'invalid',
        'stage must be a STAGE_TYPE of the API, by number or name',
      );
    if (stage !== null) stages.push({ stage, start, end });
  }
  const note = readText(textOf(memberOf(record, 'notes')) ?? textOf(memberOf(record, 'title')), 1_000);
  return {
    line,
    items: [
      {
        is: 'sleep',
        ...common,
        ...(stages.length > 0 ? { stages: inOrder(stages) } : {}),
        ...(note === undefined ? {} : { note }),
      },
    ],
  };
}
