/* Complete bodies for the API documentation; tests send the requests among them. */

const medication_id = '019b9500-a0c8-7c2e-8f4d-2a9b7c6d5e10';

export const asNeeded = {
  medication_id,
  time_zone: 'Europe/Berlin',
  status: 'taken',
  taken_at: '2026-01-05T14:20:00.000Z',
  amount: 1,
  note: 'Headache since noon',
};

const SCHEDULE = '019b9500-b1d2-7a3e-9c5f-3b8a6d4e7f20';
export const slot = {
  schedule_id: SCHEDULE,
  slot: '2026-01-05T08:00',
  scheduled_for: '2026-01-05T07:00:00.000Z',
};

export const creation = {
  as_needed: { summary: 'A dose as needed', value: asNeeded },
  skipped: {
    summary: 'A scheduled dose that was skipped',
    value: {
      ...slot,
      medication_id,
      time_zone: 'Europe/Berlin',
      status: 'skipped',
      reason: 'Nausea',
    },
  },
};

export const update = {
  confirmed: { summary: 'The person has seen the alert', value: { confirmed: true, version: 1 } },
  note: { summary: 'Only the note', value: { note: 'It helped' } },
};
