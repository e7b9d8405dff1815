/* Complete bodies for the API documentation; tests send the requests among them. */

export const night = {
  started_at: '2026-01-05T22:30:00.000Z',
  ended_at: '2026-01-06T06:00:00.000Z',
  time_zone: 'Europe/Berlin',
  is_nap: false,
  stages: [
    { stage: 'light', started_at: '2026-01-05T22:40:00.000Z', ended_at: '2026-01-05T23:35:00.000Z' },
    { stage: 'deep', started_at: '2026-01-05T23:35:00.000Z', ended_at: '2026-01-06T01:05:00.000Z' },
    { stage: 'rem', started_at: '2026-01-06T01:05:00.000Z', ended_at: '2026-01-06T02:35:00.000Z' },
    { stage: 'awake', started_at: '2026-01-06T02:35:00.000Z', ended_at: '2026-01-06T02:50:00.000Z' },
    { stage: 'light', started_at: '2026-01-06T02:50:00.000Z', ended_at: '2026-01-06T05:55:00.000Z' },
  ],
  source: 'health_connect',
  device: 'Watch 4',
  note: 'Window open',
};

/** As the export of a tracker that knows only the day and the minutes. */
const day = {
  date: '2026-01-07',
  time_zone: 'Europe/Berlin',
  is_nap: false,
  minutes_asleep: 415,
  minutes_in_bed: 450,
  source: 'fitbit',
};

export const creation = {
  night: { summary: 'A night with its stages', value: night },
  day: { summary: 'A night of which only the day and the minutes are known', value: day },
};

export const update = {
  nap: { summary: 'It was a nap', value: { is_nap: true, version: 1 } },
  note: { summary: 'Only the note', value: { note: 'Window closed' } },
};

const id = '019b9500-c2ea-7b40-8d6f-4c1d9e8f7a32';
const stored = {
  ...night,
  date: null,
  minutes_asleep: null,
  minutes_in_bed: null,
  external_id: null,
  score: null,
  average_heart_rate: null,
  average_hrv_ms: null,
  average_oxygen_saturation: null,
  average_respiratory_rate: null,
  local_date: '2026-01-06',
  asleep_seconds: 25_200,
  in_bed_seconds: 27_000,
  awake_seconds: 900,
  light_seconds: 14_400,
  deep_seconds: 5_400,
  rem_seconds: 5_400,
  id,
  created_at: '2026-01-06T06:01:00.000Z',
  updated_at: '2026-01-06T06:01:00.000Z',
  version: 1,
};

export const page = {
  page: { summary: 'One night', value: { data: [stored], pagination: { total: 1, limit: 100, offset: 0 } } },
};

const totals = {
  asleep_seconds: 25_200,
  in_bed_seconds: 27_000,
  awake_seconds: 900,
  light_seconds: 14_400,
  deep_seconds: 5_400,
  rem_seconds: 5_400,
};
const nothing = Object.fromEntries(Object.keys(totals).map((name) => [name, null]));

export const nightIds = { counted: [id] };

export const nights = {
  night: {
    summary: 'One night from one source, and no nap',
    value: {
      data: [
        {
          local_date: '2026-01-06',
          started_at: night.started_at,
          ended_at: night.ended_at,
          night: { session_count: 1, ...totals },
          naps: { session_count: 0, ...nothing },
          ...nightIds,
          replaced: [],
        },
      ],
    },
  },
};
