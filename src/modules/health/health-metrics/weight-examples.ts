import type { Examples } from '../../../kernel/http/documented.js';
import { ID, USER_ID } from './weight.fields.js';

/* Complete bodies for Swagger and Postman, from one evening with a phone. A test sends each request to the service. */

const OTHER_ID = '019b9500-a0c8-7d41-9b12-6c5d4e3f2a10';
const DELETED_ID = '019b8ffa-7a10-7a55-8c3e-0f1e2d3c4b5a';
const value = (weight_value: number, unit: string, timestamp: string) => ({ weight_value, unit, timestamp });
const evening = value(75.5, 'kg', '2026-01-06T20:30:00.000Z');
const nextMorning = value(166.4, 'lb', '2026-01-07T06:45:00.000Z');
const scale = {
  source: 'com.example.scale',
  external_id: 'weighing-7',
  device: 'Scale',
  time_zone: 'Europe/Vienna',
};
const stored = (instant: string) => ({ created_at: instant, updated_at: instant, version: 1 });

export const creation: Examples = {
  kilograms: { summary: 'In kilograms', value: evening },
  pounds: { summary: 'In pounds', value: nextMorning },
  uploaded: {
    summary: 'Of a scale, with the id that it gave to the weighing',
    value: { ...value(75.4, 'kg', '2026-01-08T06:40:00.000Z'), ...scale },
  },
};

export const update: Examples = {
  value: { summary: 'Correct the weight', value: { weight_value: 75.2, unit: 'kg' } },
  time: { summary: 'Correct the time', value: { timestamp: '2026-01-06T20:15:00.000Z' } },
};

export const page: Examples = {
  page: {
    summary: 'Two entries, the most recently measured first',
    value: {
      data: [
        { id: OTHER_ID, user_id: USER_ID, ...nextMorning, ...stored('2026-01-07T06:45:03.412Z') },
        { id: ID, user_id: USER_ID, ...evening, ...stored('2026-01-06T20:30:05.000Z') },
      ],
      pagination: { total: 2, limit: 100, offset: 0 },
    },
  },
};

export const push: Examples = {
  creations: {
    summary: 'Two entries made offline',
    value: {
      entries: [
        { local_id: 'local-123', ...evening, modified_at: '2026-01-06T20:30:02.000Z' },
        { local_id: 'local-124', ...nextMorning, modified_at: '2026-01-07T06:45:01.000Z' },
      ],
    },
  },
  changes: {
    summary: 'A correction and a deletion',
    value: {
      entries: [
        { local_id: 'local-123', ...evening, weight_value: 75.2, modified_at: '2026-01-07T07:00:00.000Z' },
        { local_id: 'local-124', deleted: true, modified_at: '2026-01-07T07:01:00.000Z' },
      ],
    },
  },
};

const current = {
  server_id: ID,
  ...evening,
  weight_value: 75.2,
  created_at: '2026-01-06T20:30:05.000Z',
  updated_at: '2026-01-07T07:05:00.250Z',
  modified_at: '2026-01-07T07:00:00.000Z',
  version: 2,
};

export const pushed: Examples = {
  stored: {
    summary: 'All entries are stored',
    value: {
      synced: [
        { local_id: 'local-123', server_id: ID, status: 'created', version: 1 },
        { local_id: 'local-124', server_id: OTHER_ID, status: 'created', version: 1 },
      ],
      conflicts: [],
      rejected: [],
      server_time: '2026-01-07T06:50:00.123Z',
    },
  },
  mixed: {
    summary: 'One entry lost against a newer edit, one is invalid',
    value: {
      synced: [],
      conflicts: [
        {
          local_id: 'local-123',
          server_id: ID,
          reason: 'server_newer',
          resolution: 'server_wins',
          server: current,
          client: { local_id: 'local-123', ...evening, modified_at: '2026-01-06T20:30:02.000Z' },
        },
      ],
      rejected: [
        {
          local_id: 'local-125',
          code: 'out-of-range',
          field: 'weight_value',
          message: 'weight_value must be between 1 and 700 kg, or the same in its unit',
        },
      ],
      server_time: '2026-01-07T07:10:00.123Z',
    },
  },
};

export const changes: Examples = {
  changes: {
    summary: 'A new version and a deletion',
    value: {
      entries: [
        { ...current, local_id: 'local-123' },
        {
          server_id: DELETED_ID,
          deleted: true,
          deleted_at: '2026-01-07T07:06:00.000Z',
          updated_at: '2026-01-07T07:06:00.000Z',
          modified_at: '2026-01-07T07:05:58.000Z',
          version: 4,
        },
      ],
      next_since: '2026-01-07T07:06:00.000Z',
      has_more: false,
      server_time: '2026-01-07T07:10:00.123Z',
    },
  },
  nothing: {
    summary: 'Nothing new',
    value: {
      entries: [],
      next_since: '2026-01-07T07:06:00.000Z',
      has_more: false,
      server_time: '2026-01-07T07:20:00.123Z',
    },
  },
};
