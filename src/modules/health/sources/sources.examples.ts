import type { Examples } from '../../../kernel/http/documented.js';

/* Complete bodies for the API documentation; tests send the requests among them. */

export const order = {
  watch: {
    summary: 'A watch before a phone',
    value: { sources: ['manual', 'watch', 'health_connect'] },
  },
};

const stored = {
  id: '019b9500-a0c8-7c2e-8f4d-2a9b7c6d5e10',
  created_at: '2026-01-06T20:30:05.000Z',
  updated_at: '2026-01-06T20:30:05.000Z',
  version: 1,
};

export const orderPage = {
  one: {
    summary: 'One order',
    value: {
      data: [{ ...order.watch.value, ...stored }],
      pagination: { total: 1, limit: 100, offset: 0 },
    },
  },
};

export const part = {
  kind: 'steps',
  count: 11_322,
  first_at: '2016-04-12T00:00:00.000Z',
  last_at: '2026-01-06T20:00:00.000Z',
};

const { kind: _, ...whole } = part;

export const sourcesExample: Examples = {
  one: {
    summary: 'A watch',
    value: {
      order: order.watch.value.sources,
      order_version: 1,
      data: [{ source: 'watch', ...whole, kinds: [part] }],
      is_complete: true,
    },
  },
};

export const deletion = {
  id: '019b9500-a0c8-7a55-9c31-4e8f1d2b7a90',
  source: 'healthkit',
  status: 'deleted',
  kinds: [{ kind: 'steps', count: 11_322 }],
  records_deleted: 11_322,
  records_restored: 0,
  failure: null,
  created_at: '2026-01-06T20:30:05.000Z',
  finished_at: '2026-01-06T20:30:09.120Z',
  undo_until: '2026-02-05T20:30:09.120Z',
};

export const deletionExamples: Examples = {
  deleted: { summary: 'A source that was deleted', value: deletion },
  counted: {
    summary: 'A dry run',
    value: {
      ...deletion,
      id: null,
      status: 'counted',
      created_at: null,
      finished_at: null,
      undo_until: null,
    },
  },
};

export const deletionPage: Examples = {
  one: {
    summary: 'One deletion',
    value: { data: [deletion], pagination: { total: 1, limit: 100, offset: 0 } },
  },
};
