import { fraction } from './body-kinds.js';
import { kindsOf, type MetricComponent, unit } from './metric-kind.js';

/** UCUM defines the metre of mercury as 133.322 kPa. */
const kilopascals = unit('kPa', 1000 / 133.322);

const pressure = (
  name: 'systolic' | 'diastolic',
  label: string,
  loinc: string,
  ranges: Pick<MetricComponent, 'hard' | 'soft'>,
): MetricComponent => ({ name, label, loinc, unit: 'mmHg', isFixed: false, isOptional: false, ...ranges });

export const vitalKinds = kindsOf('vitals', {
  heart_rate: {
    label: 'Heart rate',
    unit: '/min',
    loinc: '8867-4',
    hard: [15, 320],
    soft: [35, 220],
    rollUp: 'average',
    contexts: ['at_rest', 'active', 'walking', 'recovery'],
    healthkit: 'HeartRate',
    healthConnect: 'HeartRateRecord',
  },
  resting_heart_rate: {
    label: 'Resting heart rate',
    unit: '/min',
    hard: [15, 220],
    soft: [35, 110],
    healthkit: 'RestingHeartRate',
    healthConnect: 'RestingHeartRateRecord',
  },
  hrv_sdnn: {
    label: 'Heart rate variability (SDNN)',
    unit: 'ms',
    hard: [0, 600],
    soft: [5, 250],
    rollUp: 'average',
    healthkit: 'HeartRateVariabilitySDNN',
  },
  hrv_rmssd: {
    label: 'Heart rate variability (RMSSD)',
    unit: 'ms',
    hard: [0, 600],
    soft: [5, 250],
    rollUp: 'average',
    healthConnect: 'HeartRateVariabilityRmssdRecord',
  },
  blood_pressure: {
    label: 'Blood pressure',
    unit: 'mmHg',
    accepts: [kilopascals],
    loinc: '85354-9',
    hard: [20, 320],
    soft: [40, 200],
    rollUp: 'average',
    components: [
      pressure('systolic', 'Systolic', '8480-6', { hard: [40, 320], soft: [80, 200] }),
      pressure('diastolic', 'Diastolic', '8462-4', { hard: [20, 220], soft: [40, 130] }),
      {
        name: 'pulse',
        label: 'Pulse',
        loinc: '8867-4',
        unit: '/min',
        isFixed: true,
        isOptional: true,
        hard: [15, 320],
        soft: [35, 220],
      },
    ],
    contexts: ['left_upper_arm', 'right_upper_arm', 'left_wrist', 'right_wrist'],
    healthkit: 'BloodPressure',
    healthConnect: 'BloodPressureRecord',
  },
  oxygen_saturation: {
    label: 'Oxygen saturation',
    unit: '%',
    accepts: [fraction],
    loinc: '2708-6',
    hard: [30, 100],
    soft: [85, 100],
    rollUp: 'average',
    healthkit: 'OxygenSaturation',
    healthConnect: 'OxygenSaturationRecord',
  },
  respiratory_rate: {
    label: 'Respiratory rate',
    unit: '/min',
    loinc: '9279-1',
    hard: [1, 100],
    soft: [8, 40],
    rollUp: 'average',
    healthkit: 'RespiratoryRate',
    healthConnect: 'RespiratoryRateRecord',
  },
  body_temperature: {
    label: 'Body temperature',
    unit: 'degC',
    accepts: [unit('degF', 5 / 9, '[degF]', -160 / 9)],
    loinc: '8310-5',
    hard: [25, 46],
    soft: [35, 41.5],
    decimals: 1,
    rollUp: 'max',
    contexts: ['armpit', 'ear', 'finger', 'forehead', 'mouth', 'rectum', 'toe', 'vagina', 'wrist'],
    healthkit: 'BodyTemperature',
    healthConnect: 'BodyTemperatureRecord',
  },
  vo2_max: {
    label: 'Maximal oxygen uptake (VO₂ max)',
    unit: 'mL/(kg.min)',
    hard: [5, 100],
    soft: [15, 85],
    decimals: 1,
    healthkit: 'VO2Max',
    healthConnect: 'Vo2MaxRecord',
  },
  fev1: {
    label: 'Forced expiratory volume in one second',
    unit: 'L',
    accepts: [unit('mL', 0.001)],
    hard: [0.1, 12],
    decimals: 2,
    healthkit: 'ForcedExpiratoryVolume1',
  },
  fvc: {
    label: 'Forced vital capacity',
    unit: 'L',
    accepts: [unit('mL', 0.001)],
    hard: [0.1, 12],
    decimals: 2,
    healthkit: 'ForcedVitalCapacity',
  },
  peak_flow: {
    label: 'Peak expiratory flow',
    unit: 'L/min',
    hard: [20, 1000],
    rollUp: 'max',
    healthkit: 'PeakExpiratoryFlowRate',
  },
});

/** The moments of OMH's `temporal-relationship-to-meal` and `temporal-relationship-to-sleep`. */
const meals = [
  'fasting',
  'not_fasting',
  'before_meal',
  'after_meal',
  'before_breakfast',
  'after_breakfast',
  'before_lunch',
  'after_lunch',
  'before_dinner',
  'after_dinner',
  'two_hours_after_meal',
  'before_sleep',
  'during_sleep',
  'on_waking',
];
/** Milligrams in a decilitre for one millimole in a litre: a tenth of the molar mass in grams. */
const millimoles = (molarMass: number) => unit('mmol/L', molarMass / 10);
/** The molar masses with which laboratories convert: 38.67 mg/dL of cholesterol, 88.57 of triglycerides. */
const lipid = (label: string, molarMass = 386.7) => ({
  label,
  unit: 'mg/dL',
  accepts: [millimoles(molarMass)],
  hard: [1, 3000] as const,
});

export const laboratoryKinds = kindsOf('laboratory', {
  blood_glucose: {
    label: 'Blood glucose',
    unit: 'mg/dL',
    accepts: [millimoles(180.156)],
    hard: [10, 1500],
    soft: [40, 500],
    // The international consensus on time in range (Battelino et al., Diabetes Care 2019).
    target: [70, 180],
    rollUp: 'average',
    contexts: meals,
    healthkit: 'BloodGlucose',
    healthConnect: 'BloodGlucoseRecord',
  },
  hba1c: {
    label: 'Glycated haemoglobin (HbA1c)',
    unit: '%',
    // The master equation of IFCC and NGSP; `%` is that of NGSP.
    accepts: [unit('mmol/mol', 0.09148, 'mmol/mol', 2.152), fraction],
    hard: [2, 25],
    soft: [4, 15],
    decimals: 1,
  },
  cholesterol_total: lipid('Total cholesterol'),
  cholesterol_ldl: lipid('LDL cholesterol'),
  cholesterol_hdl: lipid('HDL cholesterol'),
  triglycerides: lipid('Triglycerides', 885.7),
});
