import { isInterval } from '../import-targets.js';
import {
  fault,
  type ImportFormat,
  type ImportItem,
  type ImportRow,
  isFault,
  type Moment,
  originFrom,
} from './import-format.js';
import { type JsonRecord, jsonRecords } from './json-records.js';
import { momentFrom, offsetOfText } from './json-times.js';
import { memberOf, textOf } from './json-values.js';
import {
  contextOf,
  measureOf,
  minutesOf,
  type OmhMeasure,
  pressuresOf,
  schemaOf,
} from './open-mhealth-types.js';
import { idFrom, readText, sourceFrom } from './values.js';

/** The lists of data points in the files of programs that write them. */
const LISTS: ReadonlySet<string> = new Set(['data', 'records', 'data_points', 'dataPoints', 'body']);

/** Data points of Open mHealth: a header that names the schema, and a body. */
export const openMHealthFormat: ImportFormat = {
  name: 'open_mhealth',
  about:
    'Data points of Open mHealth and IEEE 1752 as JSON: a list, an object with a list, or a data point on each line.',
  container: 'json',
  source: 'open_mhealth',
  kinds: ['weight', 'health_metric', 'sleep'],
  recognises: (head) => /"schema_id"\s*:/.test(head),
  async *read(source) {
    for await (const found of jsonRecords(source, (name) => LISTS.has(name)))
      if (isFault(found)) yield found;
      else yield { ...readPoint(found), record: found.record };
  },
};

function readPoint({ line, value: point }: JsonRecord): ImportRow {
  const [header, body] = [memberOf(point, 'header'), memberOf(point, 'body')];
  const schema = schemaOf(memberOf(header, 'schema_id'));
  if (schema === undefined)
    return fault(line, 'header.schema_id', 'required', 'A data point needs a header with its schema_id');
  const measure = measureOf(schema);
  // An average or an extreme value is no reading.
  if (!measure || memberOf(body, 'descriptive_statistic') !== undefined) return { line, items: [] };
  const frame = frameOf(body, measure.is === 'sleep');
  if (!frame)
    return fault(
      line,
      'effective_time_frame',
      'invalid',
      'effective_time_frame must have a date_time with an offset or in milliseconds since 1970, or a time_interval',
    );
  const common = { ...frame, ...originOf(header, body) };
  if (measure.is === 'sleep') return readSleep(line, body, measure, common);
  return readReading(line, body, measure, common);
}

function readReading(
  line: number,
  body: unknown,
  measure: Exclude<OmhMeasure, { is: 'sleep' }>,
  common: Frame & Origin,
): ImportRow {
  const { metric } = measure;
  const context = contextOf(body, metric);
  const reading = { is: 'reading' as const, metric, ...common, ...(context ? { context } : {}) };
  const [field, found] =
    measure.is === 'pressure'
      ? ['systolic_blood_pressure', pressuresOf(body)]
      : [measure.field, measure.read(memberOf(body, measure.field))];
  // A part of a day is no period that can be counted, and would be taken for the whole day.
  if (isInterval(metric) && partOfDayOf(body) !== undefined)
    return fault(line, 'effective_time_frame', 'invalid', 'a part_of_day is not exact enough for a count');
  return found
    ? { line, items: [{ ...reading, ...found }] }
    : fault(line, field, 'wrong-type', `${field} must have a value and a unit`);
}

const partOfDayOf = (body: unknown): unknown =>
  memberOf(body, 'effective_time_frame', 'time_interval', 'part_of_day');

type Frame = Pick<ImportItem, 'start' | 'end' | 'offset'>;

/** Undefined where the time is not as exact as it must be. */
function frameOf(body: unknown, isSleep: boolean): Frame | undefined {
  const frame = memberOf(body, 'effective_time_frame');
  const text = memberOf(frame, 'date_time');
  if (text !== undefined) {
    const start = momentFrom(text);
    return start?.is === 'instant' ? { start, ...offsetOf(text) } : undefined;
  }
  return intervalOf(memberOf(frame, 'time_interval'), isSleep);
}

function intervalOf(interval: unknown, isSleep: boolean): Frame | undefined {
  const day = momentFrom(memberOf(interval, 'date'));
  if (day?.is === 'day') return { start: day };
  const [from, to] = [memberOf(interval, 'start_date_time'), memberOf(interval, 'end_date_time')];
  const [start, end] = [momentFrom(from), momentFrom(to)];
  const length = minutesOf(memberOf(interval, 'duration'));
  const [first, last] = [start ?? shifted(end, -(length ?? NaN)), end ?? shifted(start, length ?? NaN)];
  return first?.is === 'instant' && last?.is === 'instant'
    ? { start: first, end: last, ...offsetOf(isSleep ? (to ?? from) : (from ?? to)) }
    : undefined;
}

function shifted(moment: Moment | undefined, minutes: number): Moment | undefined {
  const at = moment?.is === 'instant' ? new Date(moment.at.getTime() + minutes * 60_000) : undefined;
  return at && !Number.isNaN(at.getTime()) ? { is: 'instant', at } : undefined;
}

const offsetOf = (text: unknown): Pick<Frame, 'offset'> => {
  const offset = offsetOfText(textOf(text));
  return offset === undefined ? {} : { offset };
};

type Origin = Pick<ImportItem, 'externalId' | 'source' | 'origin' | 'modality' | 'note'>;

function originOf(header: unknown, body: unknown): Origin {
  const id = idFrom(textOf(memberOf(header, 'uuid')) ?? textOf(memberOf(header, 'id')));
  const name = textOf(memberOf(header, 'acquisition_provenance', 'source_name'));
  const source = sourceFrom(name);
  const modality = memberOf(header, 'acquisition_provenance', 'modality') ?? memberOf(header, 'modality');
  const note = readText(textOf(memberOf(body, 'user_notes')), 1_000);
  return {
    origin: originFrom(name),
    ...(id === undefined ? {} : { externalId: id }),
    ...(source === undefined ? {} : { source }),
    ...(modality === 'sensed' ? { modality } : {}),
    ...(modality === 'self-reported' ? { modality: 'self_reported' } : {}),
    ...(note === undefined ? {} : { note }),
  };
}

function readSleep(
  line: number,
  body: unknown,
  { field }: Extract<OmhMeasure, { is: 'sleep' }>,
  common: Frame & Origin,
): ImportRow {
  const minutes = minutesOf(memberOf(body, field));
  if (memberOf(body, field) !== undefined && minutes === undefined)
    return fault(line, field, 'wrong-type', `${field} must have a value and the unit sec, min or h`);
  if (!common.end && common.start.is === 'instant')
    return fault(line, 'effective_time_frame', 'required', 'A sleep needs a time_interval');
  const isNap = memberOf(body, 'is_main_sleep') === false;
  return {
    line,
    items: [
      {
        is: 'sleep',
        ...common,
        ...(minutes === undefined ? {} : { minutesAsleep: Math.round(minutes) }),
        ...(isNap ? { isNap } : {}),
      },
    ],
  };
}
