import { stored } from './health-metrics.examples.js';

/* Complete bodies for the API documentation. */

const day = {
  local_date: '2026-01-06',
  hour: null,
  value: 8_412,
  sum: 8_412,
  minimum: 8_412,
  maximum: 8_412,
  average: 8_412,
  last: null,
  count: 27,
  days: 1,
  coverage: 1,
  time_in_range: null,
  components: [],
};

const sumOf = (value: number) => ({ value, sum: value, minimum: value, maximum: value, average: value });

const explanation = {
  intervals: [
    {
      source: 'watch',
      started_at: '2026-01-06T07:00:00.000Z',
      ended_at: '2026-01-06T08:00:00.000Z',
      value: 900,
    },
    {
      source: 'phone',
      started_at: '2026-01-06T08:00:00.000Z',
      ended_at: '2026-01-06T09:00:00.000Z',
      value: 600,
    },
  ],
  sources: [
    { source: 'watch', count: 1, sent: 900, counted: 900 },
    { source: 'phone', count: 1, sent: 1_200, counted: 600 },
  ],
};

export const summary = {
  steps: {
    summary: 'The steps of a day',
    value: { metric: 'steps', unit: 'steps', roll_up: 'sum', data: [day] },
  },
  explained: {
    summary: 'A watch before a phone, with `explain=true`',
    value: {
      metric: 'steps',
      unit: 'steps',
      roll_up: 'sum',
      data: [{ ...day, ...sumOf(1_500), count: 2, explanation }],
    },
  },
  glucose: {
    summary: 'A day of a continuous glucose monitor',
    value: {
      metric: 'blood_glucose',
      unit: 'mg/dL',
      roll_up: 'average',
      data: [
        {
          ...day,
          value: 128.5,
          sum: 37_008,
          minimum: 61,
          maximum: 214,
          average: 128.5,
          last: 112,
          count: 288,
          time_in_range: { below: 0.03125, within: 0.875, above: 0.09375 },
        },
      ],
    },
  },
};

export const trend = {
  short: {
    summary: 'Two days, which are too few for a forecast',
    value: {
      metric: 'body_weight',
      unit: 'kg',
      half_life_days: 7,
      change_per_week: null,
      data: [
        { local_date: '2026-01-05', value: 76, trend: 76 },
        { local_date: '2026-01-06', value: 75.5, trend: 75.952861 },
      ],
      forecast: [],
    },
  },
};

export const latest = {
  pulse: { summary: 'A heart rate', value: { data: [stored], body_mass_index: null } },
};
