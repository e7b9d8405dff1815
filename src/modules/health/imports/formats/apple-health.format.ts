import { appleReading, appleStage } from './apple-types.js';
import { SleepSessions } from './sleep-sessions.js';
import { fault, type ImportFormat, type ImportRow, type Moment, originFrom } from './import-format.js';
import { readMoment, readNumber, readText, sourceFrom } from './values.js';
import { type XmlElement, xmlElements } from './xml-elements.js';

const SLEEP = 'HKCategoryTypeIdentifierSleepAnalysis';
const PRESSURE = 'HKCorrelationTypeIdentifierBloodPressure';
const SYSTOLIC = 'HKQuantityTypeIdentifierBloodPressureSystolic';
const DIASTOLIC = 'HKQuantityTypeIdentifierBloodPressureDiastolic';

/** The export of Apple Health, `export.xml`. Its times have an offset, its records no ids. */
export const appleHealthFormat: ImportFormat = {
  name: 'apple_health',
  about: 'The export of Apple Health, `export.xml` or the archive with it.',
  container: 'xml',
  source: 'healthkit',
  kinds: ['weight', 'health_metric', 'sleep'],
  recognises: (head) => /<HealthData[\s>]/.test(head) || /<!DOCTYPE\s+HealthData[\s[]/.test(head),
  async *read(source) {
    const sessions = new SleepSessions();
    for await (const element of xmlElements(source, 'HealthData', ['Record', 'Correlation'])) {
      if (element.attributes['type'] === SLEEP) yield* addStage(sessions, element);
      else yield readElement(element);
    }
    yield* sessions.end();
  },
};

interface Times {
  readonly start: Moment;
  readonly end: Moment;
}

function timesOf({ attributes }: XmlElement): Times | undefined {
  const start = readMoment(attributes['startDate'] ?? '', 'year-month-day');
  const end = readMoment(attributes['endDate'] ?? '', 'year-month-day');
  return start?.is === 'instant' && end?.is === 'instant' && end.at >= start.at ? { start, end } : undefined;
}

interface Origin {
  readonly origin: string;
  readonly source?: string;
  readonly device?: string;
}

/**
 * The phone and the watch of one export are two sources: they count the same steps, and the person may trust one more.
 * `sourceName` stands for the device, whose own attribute has an address in memory, another one in the next export.
 */
function originOf({ attributes: { sourceName } }: XmlElement): Origin {
  const source = sourceFrom(sourceName);
  const device = readText(sourceName, 100);
  return {
    origin: originFrom(sourceName),
    ...(source === undefined ? {} : { source }),
    ...(device === undefined ? {} : { device }),
  };
}

function readElement(element: XmlElement): ImportRow {
  const { line, name, attributes } = element;
  const type = attributes['type'] ?? '';
  if (name === 'Correlation') return type === PRESSURE ? readPressure(element) : { line, items: [] };
  const kind = appleReading(type, attributes['unit'] ?? '');
  if (!kind) return { line, items: [] };
  const times = timesOf(element);
  if (!times)
    return fault(line, 'startDate', 'invalid', 'startDate and endDate must be times with an offset');
  const value = readNumber(attributes['value'] ?? '');
  if (value === undefined) return fault(line, 'value', 'wrong-type', 'value must be a number');
  return { line, items: [{ is: 'reading', ...kind, value, ...times, ...originOf(element) }] };
}

/** The two records of a pressure are listed once more outside of it; there they are skipped. */
function readPressure(element: XmlElement): ImportRow {
  const { line, children } = element;
  const times = timesOf(element);
  if (!times)
    return fault(line, 'startDate', 'invalid', 'startDate and endDate must be times with an offset');
  const valueOf = (type: string): number | undefined =>
    readNumber(children.find(({ attributes }) => attributes['type'] === type)?.attributes['value'] ?? '');
  const [systolic, diastolic] = [valueOf(SYSTOLIC), valueOf(DIASTOLIC)];
  if (systolic === undefined || diastolic === undefined)
    return fault(line, 'value', 'required', 'A blood pressure needs its systolic and its diastolic record');
  const parts = { systolic, diastolic };
  const metric = 'blood_pressure';
  return { line, items: [{ is: 'reading', metric, unit: 'mmHg', parts, ...times, ...originOf(element) }] };
}

function* addStage(sessions: SleepSessions, element: XmlElement): Generator<ImportRow> {
  const { line, attributes } = element;
  const times = timesOf(element);
  const stage = appleStage(attributes['value'] ?? '');
  if (!times) yield fault(line, 'startDate', 'invalid', 'startDate and endDate must be times with an offset');
  else if (stage === undefined) yield { line, items: [] };
  else yield* sessions.add({ line, stage, ...times, ...originOf(element) });
}
