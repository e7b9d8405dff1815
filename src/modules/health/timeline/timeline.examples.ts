import type { Examples } from '../../../kernel/http/documented.js';

/* Complete answers for Swagger. */

const frame = {
  version: 1,
  created_at: '2026-01-06T20:30:05.000Z',
  updated_at: '2026-01-06T20:30:05.000Z',
};

export const feed: Examples = {
  one: {
    summary: 'A weight',
    value: {
      data: [
        {
          kind: 'weight',
          id: '019b9500-a0c8-7c2e-8f4d-2a9b7c6d5e10',
          at: '2026-01-06T20:30:00.000Z',
          local_date: '2026-01-06',
          ...frame,
          data: {
            weight_value: 75.5,
            unit: 'kg',
            timestamp: '2026-01-06T20:30:00.000Z',
            source: 'manual',
            external_id: null,
            device: null,
            time_zone: 'Europe/Vienna',
            local_date: '2026-01-06',
            utc_offset_min: 60,
          },
        },
      ],
      limit: 50,
    },
  },
};
