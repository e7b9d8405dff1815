/* Complete bodies for the API documentation; tests send the requests among them. */

export const pulse = {
  metric: 'heart_rate',
  value: 58,
  unit: '/min',
  measured_at: '2026-01-06T06:40:00.000Z',
  time_zone: 'Europe/Berlin',
  context: 'at_rest',
  source: 'healthkit',
  device: 'Watch',
  modality: 'sensed',
  note: 'Before getting up',
};

const whole = { components: null, ended_at: null, external_id: null, tags: null };

const pressure = {
  metric: 'blood_pressure',
  components: { systolic: 17.1, diastolic: 10.9, pulse: 64 },
  unit: 'kPa',
  measured_at: '2026-01-06T07:00:00.000Z',
  time_zone: 'Europe/Berlin',
  context: 'left_upper_arm',
};

const steps = {
  metric: 'steps',
  value: 612,
  unit: 'steps',
  measured_at: '2026-01-06T07:10:00.000Z',
  ended_at: '2026-01-06T07:20:00.000Z',
  time_zone: 'Europe/Berlin',
  source: 'healthkit',
  external_id: '5B1F0C66-6F7E-4D0B-9D6C-4C0F8A2B7E11',
};

const mood = {
  metric: 'mood',
  value: 4,
  unit: 'score',
  measured_at: '2026-01-06T20:00:00.000Z',
  time_zone: 'Europe/Berlin',
  tags: ['friends', 'after sport'],
};

export const creation = {
  pulse: { summary: 'A heart rate', value: { ...pulse, ...whole } },
  pressure: { summary: 'A blood pressure in kilopascals', value: pressure },
  mood: { summary: 'A mood with what it has to do with', value: mood },
  steps: { summary: 'Steps of ten minutes, with the id that the source gave them', value: steps },
};

const { metric: _, ...ofKind } = pulse;

export const kindCreation = { pulse: { summary: 'A heart rate', value: ofKind } };

export const update = {
  value: { summary: 'Correct the value', value: { value: 61, unit: '/min', version: 1 } },
  note: { summary: 'Only the note', value: { note: 'After getting up' } },
};

export const stored = {
  ...pulse,
  ...whole,
  local_date: '2026-01-06',
  utc_offset_min: 60,
  local_hour: 7,
  canonical_value: 58,
  systolic_mmhg: null,
  diastolic_mmhg: null,
  pulse_per_min: null,
  flags: [],
  id: '019b9500-b1d9-7a3f-9c5e-3b0c8d7e6f21',
  created_at: '2026-01-06T06:41:00.000Z',
  updated_at: '2026-01-06T06:41:00.000Z',
  version: 1,
};

export const page = {
  page: {
    summary: 'One reading',
    value: { data: [{ ...stored, shown: true }], pagination: { total: 1, limit: 100, offset: 0 } },
  },
};

export const bulk = {
  morning: { summary: 'Three readings of one morning', value: { readings: [pulse, pressure, steps] } },
};

export const bulkResult = {
  mixed: {
    summary: 'Two are stored, one is rejected',
    value: {
      data: [
        { status: 'created', id: '019b9500-b1d9-7a3f-9c5e-3b0c8d7e6f21' },
        { status: 'unchanged', id: '6b0c1d2e-3f40-5a51-8b62-7c73d84e95a6' },
        {
          status: 'rejected',
          id: null,
          error: { field: 'value', code: 'out-of-range', message: 'value must be from 15 to 320 /min' },
        },
      ],
    },
  },
};
