import type { Examples } from '../../../kernel/http/documented.js';

/* Complete answers for Swagger. */

const summary = {
  id: '019b9500-a0c8-7f03-8a17-5e2d9c4b6a10',
  status: 'completed',
  format: 'fitbit_weight',
  file_name: 'weightLogInfo_merged.csv',
  file_size: 5_173,
  time_zone: 'Europe/Vienna',
  dry_run: false,
  on_changed: 'keep',
  rows_read: 67,
  rows_failed: 1,
  rows_skipped: 0,
  records_created: 132,
  records_updated: 0,
  records_unchanged: 0,
  records_kept: 0,
  records_taken_back: 0,
  records_left: 0,
  failure: null,
  failure_detail: null,
  created_at: '2026-01-06T20:30:05.000Z',
  updated_at: '2026-01-06T20:30:06.120Z',
  finished_at: '2026-01-06T20:30:06.120Z',
  undo_until: '2026-02-05T20:30:06.120Z',
};

const weight = {
  weight_value: 85.8,
  unit: 'kg',
  timestamp: '2016-04-12T04:47:00.000Z',
  source: 'csv',
  external_id: 'csv:gB8THKHSSB8Rq_v4lRpkDE',
  device: null,
  time_zone: 'Europe/Vienna',
};

export const finished = {
  ...summary,
  mapping: null,
  columns: null,
  file_until: null,
  undecided: null,
  errors: [
    {
      line: 14,
      field: 'weight_value',
      code: 'out-of-range',
      message: 'weight_value must be between 1 and 700 kg, or the same in its unit',
    },
  ],
  preview: [],
};

export const preview = {
  ...summary,
  format: 'csv',
  file_name: 'weights.csv',
  dry_run: true,
  undo_until: null,
  file_until: '2026-01-06T21:30:06.120Z',
  undecided: null,
  mapping: {
    delimiter: ';',
    decimal: ',',
    date_format: 'day-month-year',
    time_column: 'Datum',
    values: [{ column: 'Gewicht (kg)', metric: 'body_weight', unit: 'kg' }],
  },
  columns: [
    { name: 'Datum', sample: '06.01.2026' },
    { name: 'Gewicht (kg)', sample: '82,5' },
  ],
  errors: [],
  rows_failed: 0,
  records_created: 67,
  preview: [{ line: 2, records: [{ kind: 'weight', fields: weight }] }],
};

export const page: Examples = {
  page: {
    summary: 'One import',
    value: { data: [summary], pagination: { total: 1, limit: 100, offset: 0 } },
  },
};
