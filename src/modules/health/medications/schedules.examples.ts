/* Complete bodies for the API documentation; tests send the requests among them. */

const medication_id = '019b9500-a0c8-7c2e-8f4d-2a9b7c6d5e10';
const place = { medication_id, zone_mode: 'floating', time_zone: 'Europe/Berlin' };

export const daily = {
  ...place,
  recurrence: 'daily',
  starts_on: '2026-01-05',
  doses: [
    { local_time: '08:00', amount: 1 },
    { local_time: '20:00', amount: 1 },
  ],
  window_after_min: 120,
  meal_relation: 'with',
};

export const taper = {
  ...place,
  recurrence: 'taper',
  starts_on: '2026-01-05',
  steps: [
    { days: 3, doses: [{ local_time: '08:00', amount: 4 }] },
    { days: 3, doses: [{ local_time: '08:00', amount: 2 }] },
  ],
};

export const interval = {
  ...place,
  zone_mode: 'fixed',
  recurrence: 'interval_hours',
  starts_on: '2026-01-05',
  interval_hours: 8,
  interval_start: '2026-01-05T06:00:00.000Z',
  amount: 1,
};

export const creation = {
  daily: { summary: 'Twice a day', value: daily },
  taper: { summary: 'Less every three days', value: taper },
  interval: { summary: 'Every eight hours', value: interval },
  as_needed: {
    summary: 'As needed',
    value: { ...place, recurrence: 'as_needed', starts_on: '2026-01-05' },
  },
};

export const update = {
  note: { summary: 'Only the note', value: { note: 'After breakfast' } },
};
