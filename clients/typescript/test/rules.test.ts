import { describe, expect, it } from 'vitest';
import * as definitions from '../src/definitions.generated.js';
import { digestOf, fnv1a64 } from '../src/digest.js';
import { LoopGuard } from '../src/guard.js';
import { uuidv7 } from '../src/ids.js';
import { writable } from '../src/kinds.js';
import { viewOf } from '../src/merge/view.js';
import { coalesce, cutBatch, freeze } from '../src/outbox.js';
import { problemOf } from '../src/problem.js';
import { retryAfterMs, retryDelay } from '../src/retry.js';
import { StallWatch } from '../src/stall.js';
import { mayFollow, move, type Phase } from '../src/state.js';
import type { Device, OutboxRow, RecordRow } from '../src/store.js';

const row = (values: Partial<OutboxRow> = {}): OutboxRow => ({
  client_seq: 1,
  mutation_id: 'm1',
  kind: 'meal',
  id: 'r1',
  op: 'update',
  fields: { title: 'Soup' },
  edited_at: 1_000,
  state: 'pending',
  attempts: 0,
  ...values,
});
const copy: RecordRow = {
  kind: 'meal',
  id: 'r1',
  seq: '7',
  epoch: 'e',
  version: 3,
  deleted: false,
  modified_at: '2026-01-01T00:00:00.000Z',
  data: { title: 'Stew', note: 'hot' },
};

describe('two edits of one record', () => {
  const next = { op: 'update', fields: { note: 'cold' } } as const;

  it.each([
    [
      'create, update',
      'create',
      next,
      { kind: 'merge', op: 'create', fields: { title: 'Soup', note: 'cold' } },
    ],
    [
      'update, update',
      'update',
      next,
      { kind: 'merge', op: 'update', fields: { title: 'Soup', note: 'cold' } },
    ],
    ['update, delete', 'update', { op: 'delete' }, { kind: 'merge', op: 'delete' }],
    ['create, delete', 'create', { op: 'delete' }, { kind: 'drop' }],
    ['delete, create', 'delete', { op: 'create', fields: {} }, { kind: 'append' }],
  ] as const)('%s', (_, op, second, expected) => {
    expect(coalesce(row({ op }), second, false)).toEqual(expected);
  });

  it('a creation and a deletion of a record that the server has: the deletion is still sent', () => {
    expect(coalesce(row({ op: 'create' }), { op: 'delete' }, true)).toEqual({ kind: 'merge', op: 'delete' });
  });

  it('the later value of the same field takes effect', () => {
    const later = { op: 'update', fields: { title: 'Salad' } } as const;
    expect(coalesce(row(), later, true)).toMatchObject({ fields: { title: 'Salad' } });
  });

  it('remain two edits if the server may have the first one, or if it belongs to a group', () => {
    const sent = freeze(row(), device, 0);
    for (const values of [
      { state: 'sending', sent },
      { sent },
      { group_id: 'g' },
      { modified_at: 'x' },
    ] as const)
      expect(coalesce(row(values), next, true)).toEqual({ kind: 'append' });
    expect(coalesce(row({ state: 'rejected' }), next, true).kind).toBe('merge');
  });

  it('remain two edits if one is of a source and the other of a person, in both orders', () => {
    const upload = { op: 'create', fields: { value: 80, external_id: 'sample-1' } } as const;
    const typed = { op: 'update', fields: { value: 75, external_id: 'sample-1' } } as const;
    for (const isLive of [false, true]) {
      expect(coalesce(row(upload), typed, isLive)).toEqual({ kind: 'append' });
      expect(coalesce(row(typed), upload, isLive)).toEqual({ kind: 'append' });
      expect(coalesce(row({ ...typed, state: 'rejected' }), upload, isLive)).toEqual({ kind: 'append' });
      // Dropped, the record would return with the next upload.
      expect(coalesce(row(upload), { op: 'delete' }, isLive)).toEqual({ kind: 'append' });
    }
    const again = { ...upload, fields: { ...upload.fields, value: 81 } };
    expect(coalesce(row(upload), again, false)).toEqual({ kind: 'merge', ...again });
    const entered = { op: 'create', fields: { value: 80, external_id: null } } as const;
    expect(coalesce(row(entered), typed, false).kind).toBe('merge');
    // The server has no record that a correction could change.
    expect(coalesce(row({ ...upload, state: 'rejected' }), typed, false)).toMatchObject({ op: 'create' });
  });

  it('a refused deletion is dropped when the record is created again', () => {
    const again = { op: 'create', fields: { title: 'Salad' } } as const;
    const refused = row({ op: 'delete', fields: undefined, state: 'rejected' });
    expect(coalesce(refused, again, true)).toEqual({ kind: 'merge', ...again });
  });
});

const device: Device = {
  client_id: 'c',
  next_client_seq: 9,
  sent_client_seq: 8,
  server_offset: -500,
};

describe('a mutation that is sent', () => {
  it('has the time of the edit by the server’s clock', () => {
    expect(freeze(row({ edited_at: 2_000 }), device, 9_000).modified_at).toBe('1970-01-01T00:00:01.500Z');
  });

  it('has no time in the future when the clock was set back after the edit', () => {
    expect(freeze(row({ edited_at: 90_000 }), device, 9_000).modified_at).toBe('1970-01-01T00:00:08.500Z');
  });

  it('leaves out members that do not apply', () => {
    expect(Object.keys(freeze(row({ op: 'delete', fields: undefined }), device, 0)).toSorted()).toEqual(
      ['mutation_id', 'client_seq', 'kind', 'id', 'op', 'modified_at'].toSorted(),
    );
  });

  it('is sent in order; a second edit of a record waits, and groups are not split', () => {
    const rows = ['a', 'b', 'a', 'c'].map((id, index) => row({ id, client_seq: index + 1 }));
    expect(cutBatch(rows, 100).map(({ client_seq }) => client_seq)).toEqual([1, 2]);
    expect(cutBatch(rows.slice(1), 2)).toHaveLength(2);
    const group = ['x', 'y', 'z'].map((id, index) => row({ id, client_seq: index + 2, group_id: 'g' }));
    expect(cutBatch([row(), ...group], 3)).toHaveLength(1);
    expect(cutBatch(group, 2)).toHaveLength(3);
    expect(cutBatch([], 2)).toEqual([]);
  });
});

describe('the view', () => {
  it('is the server’s record with the local edits applied to it', () => {
    expect(viewOf(undefined, [])).toBeUndefined();
    expect(viewOf(copy, [])).toMatchObject({
      fields: { title: 'Stew', note: 'hot' },
      version: 3,
      pending: false,
    });
    expect(viewOf(copy, [row(), row({ fields: { note: 'cold' } })])).toMatchObject({
      fields: { title: 'Soup', note: 'cold' },
      pending: true,
    });
    expect(viewOf(copy, [row({ op: 'delete' })])).toBeUndefined();
    expect(viewOf(undefined, [row({ op: 'create' })])?.version).toBeUndefined();
    expect(viewOf(undefined, [row()])).toBeUndefined();
  });

  it('shows no tombstone, but shows values that were entered for the deleted record', () => {
    const tombstone = { ...copy, deleted: true };
    expect(viewOf(tombstone, [])).toBeUndefined();
    expect(viewOf(tombstone, [row()])).toMatchObject({ fields: { title: 'Soup', note: 'hot' } });
  });

  it('shows a refused edit and the reason', () => {
    const error = { code: 'required', message: 'no' };
    expect(viewOf(copy, [row({ state: 'rejected', error })])).toMatchObject({
      pending: false,
      problem: error,
    });
  });
});

describe('the time before a retry', () => {
  it('is random, up to a limit that doubles until it is one minute', () => {
    expect([1, 2, 3, 7, 50, 5_000].map((failures) => retryDelay(failures, 1))).toEqual([
      1_000, 2_000, 4_000, 60_000, 60_000, 60_000,
    ]);
    expect(retryDelay(3, 0)).toBe(0);
    expect(retryDelay(3, 0.5)).toBe(2_000);
    expect(retryDelay(3, 0.5, 30_000)).toBe(30_500);
    expect(retryDelay(50, 1, 0, 1_800_000)).toBe(1_800_000);
  });

  it('is read from Retry-After, in seconds or as a date', () => {
    expect(retryAfterMs('120', 0)).toBe(120_000);
    expect(retryAfterMs('Thu, 01 Jan 1970 00:01:00 GMT', 10_000)).toBe(50_000);
    expect(retryAfterMs('Thu, 01 Jan 1970 00:00:00 GMT', 10_000)).toBe(0);
    for (const text of [null, '', 'soon']) expect(retryAfterMs(text, 0)).toBeUndefined();
  });

  it('an error is read from problem documents and from other answers', () => {
    const response = (status: number, headers = {}) => new Response('', { status, headers });
    expect(problemOf(response(503, { 'retry-after': '2' }), { type: '/problems/busy' }, 0)).toMatchObject({
      code: 'busy',
      status: 503,
      retryAfter: 2_000,
      isTemporary: true,
    });
    const quota = { type: 'https://iana.org/assignments/http-problem-types#quota-exceeded' };
    expect(problemOf(response(429), quota, 0)).toMatchObject({ code: 'rate-limited', isTemporary: true });
    expect(problemOf(response(404), '<html>', 0)).toMatchObject({ code: 'http-404', isTemporary: false });
  });
});

describe('digests', () => {
  it.each([
    ['', 'cbf29ce484222325'],
    ['a', 'af63dc4c8601ec8c'],
    ['b', 'af63df4c8601f1a5'],
    ['foobar', '85944171f73967e8'],
    ['chongo was here!\n', '46810940eff5f915'],
  ])('FNV-1a of %j', (text, expected) => {
    expect(fnv1a64(text).toString(16)).toBe(expected);
  });

  it('are equal to a direct calculation from the definition', () => {
    for (let n = 0; n < 300; n += 1) {
      const text = `0195f000-0000-7000-8000-${String(n * 7_919).padStart(12, '0')}:${n} ü`;
      let hash = 0xcbf29ce484222325n;
      for (const byte of new TextEncoder().encode(text))
        hash = ((hash ^ BigInt(byte)) * 0x100000001b3n) & 0xffffffffffffffffn;
      expect(fnv1a64(text)).toBe(hash);
    }
  });

  it('are added modulo 2^64, in any order', () => {
    const records = Array.from({ length: 20 }, (_, version) => ({ id: `r${version}`, version }));
    const digest = digestOf(records);
    expect(digest).toEqual(digestOf(records.toReversed()));
    expect(BigInt(digest.sum64) < 1n << 64n).toBe(true);
    expect(digestOf([])).toEqual({ count: 0, sum64: '0' });
  });
});

describe('helpers', () => {
  it('new ids are UUIDs of version 7 and sort by time', () => {
    const at = (now: number) => uuidv7({ now: () => now, bytes: (n) => new Uint8Array(n).fill(255) });
    const times = [0, 1, 65_536, 1_767_225_600_000, 2 ** 47];
    const ids = times.map(at);
    for (const id of ids)
      expect(id).toMatch(/^[\da-f]{8}-[\da-f]{4}-7[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/);
    expect(ids).toEqual(ids.toSorted());
    expect(Number.parseInt(ids[3]!.replaceAll('-', '').slice(0, 12), 16)).toBe(times[3]);
  });

  it('a repeated answer is an error the third time', () => {
    const guard = new LoopGuard();
    guard.check('c', 1);
    guard.check('c', 1);
    guard.check('c', 2);
    guard.check('c', 1);
    guard.check('c', 1);
    expect(() => guard.check('c', 1)).toThrow('loop');
  });

  it('the report of a stall names the step that does not end', () => {
    const watch = new StallWatch();
    expect(watch.reason(0, true)).toBeUndefined();
    expect(watch.reason(120_000, true)).toBe('not_started');
    watch.begin(120_000);
    watch.progress(120_000);
    expect(watch.reason(239_999, true)).toBeUndefined();
    expect(watch.reason(240_000, true)).toBe('no_data');
    watch.answer();
    expect(watch.reason(240_000, true)).toBe('not_applied');
    watch.end();
    expect(watch.reason(999_999, false)).toBeUndefined();
  });

  it('derived fields are not sent to the server', () => {
    expect(writable(definitions.meal, { title: 'x', local_date: '2026-01-01', totals: {} })).toEqual({
      title: 'x',
    });
    expect(writable(undefined, { anything: 1 })).toEqual({ anything: 1 });
  });
});

describe('the states of the engine', () => {
  const phases: Phase[] = [
    'signed_out',
    'idle',
    'pulling',
    'pushing',
    'resetting',
    'offline',
    'backoff',
    'auth_required',
    'upgrade_required',
    'error',
  ];

  it('a run begins with a pull, never with a push', () => {
    expect(phases.filter((phase) => mayFollow(phase, 'pushing'))).toEqual([
      'pulling',
      'pushing',
      'resetting',
    ]);
  });

  it('only signing in leaves the state signed out, and every state can lead to it', () => {
    expect(phases.filter((phase) => mayFollow('signed_out', phase))).toEqual([
      'signed_out',
      'idle',
      'auth_required',
    ]);
    expect(phases.every((phase) => mayFollow(phase, 'signed_out'))).toBe(true);
  });

  it('every state can be left', () => {
    for (const from of phases)
      expect(phases.filter((to) => to !== from && mayFollow(from, to))).not.toEqual([]);
  });

  it('an invalid transition is refused', () => {
    expect(() => move({ phase: 'idle' }, { phase: 'pushing', done: 0, total: 1 })).toThrow('idle to pushing');
    expect(move({ phase: 'idle' }, { phase: 'offline' })).toEqual({ phase: 'offline' });
  });
});
