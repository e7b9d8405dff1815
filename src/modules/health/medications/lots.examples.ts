/* Complete bodies for the API documentation; tests send the requests among them. */

export const lot = {
  medication_id: '019b9500-a0c8-7c2e-8f4d-2a9b7c6d5e10',
  units: 30,
  added_at: '2026-01-05T06:30:00.000Z',
  expires_on: '2027-06-30',
  lot_number: 'B20418',
};

export const creation = { lot: { summary: 'A new package', value: lot } };
export const update = {
  discarded: { summary: 'Some were thrown away', value: { discarded: 2, version: 1 } },
};
