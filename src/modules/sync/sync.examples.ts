/* Complete bodies for the API documentation; tests send the requests among them. */

const weight = { weight_value: 75.5, unit: 'kg', timestamp: '2026-01-06T20:30:00.000Z' };
const ID = '019b9500-a0c8-7c2e-8f4d-2a9b7c6d5e10';
const TABLET_ID = '019b9500-d3fb-7a51-9e70-5d2eaf908143';
const MUTATION_ID = '6f3a1c0e-5d0a-4c1c-9d53-0f3f7a9b8c11';
const EPOCH = 'k3fN0q8Zx1Qw';
const CURSOR = 'c2.WyJ5dWJfM0xDRiIsIkpxXzQiLCIwIiwiIl0.4oK0uGcS2bqv9m1xT7zQZA';
const TIME = '2026-01-06T20:30:05.123Z';

const create = {
  mutation_id: MUTATION_ID,
  client_seq: 1,
  kind: 'weight',
  id: ID,
  op: 'create',
  modified_at: '2026-01-06T20:30:02.000Z',
  fields: weight,
};

export const push = {
  create: {
    summary: 'First push of a phone: a weight that was entered offline',
    value: {
      client_id: 'a1f4c8e2-phone',
      client_time: '2026-01-06T20:30:04.000Z',
      mutations: [create],
    },
  },
  update: {
    summary: 'A weight from a tablet, and a change of its first version',
    value: {
      client_id: 'b7d20f14-tablet',
      mutations: [
        { ...create, mutation_id: '7a4b2d1f-6e1b-4d2d-8e64-1a4a8b0c9d22', id: TABLET_ID },
        {
          ...create,
          mutation_id: '0c7e5a42-9f4e-4a5f-b197-4d7d1e3f2a55',
          client_seq: 2,
          id: TABLET_ID,
          op: 'update',
          base_version: 1,
          modified_at: '2026-01-06T20:30:03.000Z',
          fields: { ...weight, weight_value: 75.2 },
        },
      ],
    },
  },
};

export const pushed = {
  applied: {
    summary: 'It holds',
    value: {
      epoch: EPOCH,
      server_time: TIME,
      last_client_seq: 1,
      results: [{ mutation_id: MUTATION_ID, id: ID, status: 'applied', version: 1, seq: '1' }],
    },
  },
};

const change = {
  kind: 'weight',
  id: ID,
  seq: '1',
  version: 1,
  deleted: false,
  modified_at: '2026-01-06T20:30:02.000Z',
  modified_by: 'a1f4c8e2-phone',
  updated_at: TIME,
  created_at: TIME,
  data: {
    ...weight,
    source: 'manual',
    external_id: null,
    device: null,
    time_zone: 'Europe/Vienna',
    local_date: '2026-01-06',
    utc_offset_min: 60,
  },
};

export const pulled = {
  page: {
    summary: 'One weight, and no more changes',
    value: {
      epoch: EPOCH,
      server_time: TIME,
      changes: [change],
      cursor: CURSOR,
      seq: '1',
      has_more: false,
    },
  },
};

export const events = {
  create: {
    summary: 'A weight that was entered offline',
    value: {
      client_id: 'a1f4c8e2-watch',
      events: [
        {
          event_id: '8b5c3e20-7f2c-4e3e-9f75-2b5b9c1d0e33',
          client_seq: 1,
          type: 'weight',
          id: '019b9500-c2ea-7b40-8d6f-4c1d9e8f7032',
          occurred_at: '2026-01-06T20:30:02.000Z',
          payload: weight,
        },
      ],
    },
  },
};

export const resolution = {
  keep: { summary: 'Keep the stored version', value: { choice: 'keep_current' } },
  merged: {
    summary: 'Merge into a third version',
    value: { choice: 'merged', fields: { ...weight, weight_value: 75.3 } },
  },
};
