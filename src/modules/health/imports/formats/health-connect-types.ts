import { metricKinds } from '../../health-metrics/metric-kinds.js';
import { isObject, memberOf, numberOf, textOf } from './json-values.js';
import { lookUp } from './values.js';

/* What the types, units and numbers of Health Connect are here. The names are those of its Android API. */

const METRICS: ReadonlyMap<string, string> = new Map(
  metricKinds.flatMap(({ name, healthConnect }) =>
    healthConnect === null ? [] : [[healthConnect, name] as const],
  ),
);

/** Units by the name that a quantity of the API has: `{ "value": 82.5, "unit": "kilograms" }` or `{ "inKilograms": 82.5 }`. */
type Units = Readonly<Record<string, string>>;

const mass: Units = { kilograms: 'kg', pounds: 'lb', grams: 'g' };
const length: Units = { meters: 'm', kilometers: 'km', miles: 'mi', inches: 'in' };
const energy: Units = { kilocalories: 'kcal', kilojoules: 'kJ' };
const volume: Units = { milliliters: 'mL', liters: 'L', fluidouncesus: 'fl_oz' };
const temperature: Units = { celsius: 'degC', fahrenheit: 'degF' };
const pressure: Units = { millimetersofmercury: 'mmHg' };
const glucose: Units = { millimolesperliter: 'mmol/L', milligramsperdeciliter: 'mg/dL' };
const percentage: Units = { percent: '%' };

/** A field with a quantity, or a plain number that is always in one unit. */
type Field = { readonly names: readonly string[] } & (
  { readonly units: Units; readonly unit?: string } | { readonly units?: undefined; readonly unit: string }
);

const FIELDS: Readonly<Record<string, Field>> = {
  WeightRecord: { names: ['weight'], units: mass },
  HeightRecord: { names: ['height'], units: length },
  BodyFatRecord: { names: ['percentage'], units: percentage, unit: '%' },
  LeanBodyMassRecord: { names: ['mass'], units: mass },
  BoneMassRecord: { names: ['mass'], units: mass },
  RestingHeartRateRecord: { names: ['beatsPerMinute'], unit: '/min' },
  HeartRateVariabilityRmssdRecord: { names: ['heartRateVariabilityMillis'], unit: 'ms' },
  OxygenSaturationRecord: { names: ['percentage'], units: percentage, unit: '%' },
  RespiratoryRateRecord: { names: ['rate'], unit: '/min' },
  BodyTemperatureRecord: { names: ['temperature'], units: temperature },
  Vo2MaxRecord: { names: ['vo2MillilitersPerMinuteKilogram', 'vo2Max'], unit: 'mL/(kg.min)' },
  BloodGlucoseRecord: { names: ['level'], units: glucose },
  StepsRecord: { names: ['count'], unit: 'steps' },
  DistanceRecord: { names: ['distance'], units: length },
  ActiveCaloriesBurnedRecord: { names: ['energy'], units: energy },
  FloorsClimbedRecord: { names: ['floors'], unit: 'floors' },
  HydrationRecord: { names: ['volume'], units: volume },
};

/** The records that have more than one value. */
export const HEART_RATE = 'HeartRateRecord';
export const BLOOD_PRESSURE = 'BloodPressureRecord';
export const SLEEP_SESSION = 'SleepSessionRecord';

/** `Weight`, `WeightRecord` and the name of the class with its package are the same type. */
export const typeOf = (name: string): string =>
  `${(name.split('.').at(-1) ?? '').replace(/Record$/, '')}Record`;

/** Undefined for a type that is not stored here. */
export const metricOf = (type: string): string | undefined => METRICS.get(type);

export const isKnownType = (type: string): boolean => METRICS.has(type) || type === SLEEP_SESSION;

export interface Quantity {
  readonly field: string;
  /** Undefined for what is no quantity. */
  readonly found: { readonly value: number; readonly unit: string } | undefined;
}

/** The value of a record that has one. */
export function quantityOf(type: string, record: unknown): Quantity | undefined {
  const field = lookUp(FIELDS, type);
  if (!field) return undefined;
  const name = field.names.find((one) => memberOf(record, one) !== undefined) ?? field.names[0] ?? 'value';
  return { field: name, found: readQuantity(memberOf(record, name), field) };
}

/** A pressure of a blood pressure. */
export const pressureOf = (value: unknown): Quantity['found'] =>
  readQuantity(value, { names: [], units: pressure });

function readQuantity(value: unknown, { units = {}, unit }: Field): Quantity['found'] {
  const [number, said] = [
    numberOf(value) ?? numberOf(memberOf(value, 'value')),
    textOf(memberOf(value, 'unit')),
  ];
  // A unit that is not known is refused with its record.
  if (number !== undefined && said !== undefined)
    return {
      value: number,
      unit: lookUp(units, said.toLowerCase().replaceAll(/[_ ]/g, '')) ?? said.slice(0, 32),
    };
  // A number alone does not always say what it counts.
  if (number !== undefined) return unit === undefined ? undefined : { value: number, unit };
  return readWritten(value, units);
}

/** An app may write the same quantity in each unit that the API offers. The first one of the table is taken. */
function readWritten(value: unknown, units: Units): Quantity['found'] {
  const members = isObject(value) ? Object.entries(value).slice(0, 50) : [];
  const written = new Map(members.map(([name, number]) => [name.toLowerCase(), numberOf(number)]));
  for (const [name, unit] of Object.entries(units)) {
    const number = written.get(`in${name}`);
    if (number !== undefined) return { value: number, unit };
  }
  return undefined;
}

/** The constants of the API, by number and by name. */
const constants =
  (names: Readonly<Record<string, string>>) =>
  (value: unknown): string | undefined =>
    lookUp(
      names,
      typeof value === 'number' ? String(value) : textOf(value)?.toLowerCase().replaceAll(' ', '_'),
    );

/** The stage of sleep that a constant stands for. Null for one that says that it is not known. */
export const stageOf = (value: unknown): string | null | undefined => {
  const stage = knownStageOf(typeof value === 'string' ? value.replace(/^stage_type_/i, '') : value);
  return stage === 'unknown' ? null : stage;
};

const knownStageOf = constants({
  0: 'unknown',
  unknown: 'unknown',
  1: 'awake',
  2: 'asleep',
  3: 'awake',
  4: 'light',
  5: 'deep',
  6: 'rem',
  7: 'awake',
  awake: 'awake',
  sleeping: 'asleep',
  out_of_bed: 'awake',
  light: 'light',
  deep: 'deep',
  rem: 'rem',
  awake_in_bed: 'awake',
});

const armOf = constants({
  1: 'left_wrist',
  2: 'right_wrist',
  3: 'left_upper_arm',
  4: 'right_upper_arm',
  left_wrist: 'left_wrist',
  right_wrist: 'right_wrist',
  left_upper_arm: 'left_upper_arm',
  right_upper_arm: 'right_upper_arm',
});

const placeOf = constants({
  1: 'armpit',
  2: 'finger',
  3: 'forehead',
  4: 'mouth',
  5: 'rectum',
  7: 'toe',
  8: 'ear',
  9: 'wrist',
  10: 'vagina',
  armpit: 'armpit',
  finger: 'finger',
  forehead: 'forehead',
  mouth: 'mouth',
  rectum: 'rectum',
  toe: 'toe',
  ear: 'ear',
  wrist: 'wrist',
  vagina: 'vagina',
});

const relationOf = constants({
  2: 'fasting',
  3: 'before',
  4: 'after',
  fasting: 'fasting',
  before_meal: 'before',
  after_meal: 'after',
});

const mealOf = constants({
  1: 'breakfast',
  2: 'lunch',
  3: 'dinner',
  breakfast: 'breakfast',
  lunch: 'lunch',
  dinner: 'dinner',
});

/** Under which circumstances a record was measured. */
export function contextOf(type: string, record: unknown): string | undefined {
  if (type === BLOOD_PRESSURE) return armOf(memberOf(record, 'measurementLocation'));
  if (type === 'BodyTemperatureRecord') return placeOf(memberOf(record, 'measurementLocation'));
  if (type !== 'BloodGlucoseRecord') return undefined;
  const relation = relationOf(memberOf(record, 'relationToMeal'));
  return relation === undefined || relation === 'fasting'
    ? relation
    : `${relation}_${mealOf(memberOf(record, 'mealType')) ?? 'meal'}`;
}
