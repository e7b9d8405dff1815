import { randomUUID } from 'node:crypto';
import { slicesOf } from '../../src/platform/database/batches.js';
import { instantText } from '../../src/platform/database/database.js';
import type { SqlValue } from '../../src/platform/database/statements.js';
import type { TestApp } from './app.js';
import { change } from './people.js';

/* Rows for tests of lists, in numbers and sizes for which the service would take too long. */

type Row = Readonly<Record<string, SqlValue>>;

const MINUTE = 60_000;

/** Inserts rows without the service, some in each statement. */
export async function insert(app: TestApp, table: string, rows: readonly Row[], inOne = 50): Promise<void> {
  for (const part of slicesOf(rows, inOne)) {
    const columns = Object.keys(part[0] ?? {});
    const places = part.map(() => `(${columns.map(() => '?').join(', ')})`).join(', ');
    const values = part.flatMap((row) => columns.map((column) => row[column] ?? null));
    await change(app, `INSERT INTO ${table} (${columns.join(', ')}) VALUES ${places}`, values);
  }
  // What is stored about the rows does not include these.
  await change(app, 'UPDATE user_sequences SET digests = NULL, record_counts = NULL', []);
}

export const atMinute = (minute: number): Date => new Date(1.7e12 + minute * MINUTE);

/** The columns of every record. Seven records share an instant of creation. */
const record = (userId: string, seq: number): Row => ({
  id: randomUUID(),
  user_id: userId,
  created_at: instantText(atMinute(Math.floor(seq / 7))),
  updated_at: instantText(atMinute(seq)),
  version: 1,
  seq: 1_000 + seq,
  modified_at: instantText(atMinute(seq)),
  modified_counter: 0,
  modified_by: '',
  modified_seq: 0,
});

/** A weight of one of two sources; `sameInstant` gives all of them one instant. */
export const weightRow = (userId: string, seq: number, sameInstant = false): Row => ({
  ...record(userId, seq),
  weight_value: 75.5,
  unit: 'kg',
  weight_kg: 75.5,
  timestamp: instantText(atMinute(sameInstant ? 0 : Math.floor(seq / 7))),
  time_zone: 'UTC',
  local_date: instantText(atMinute(sameInstant ? 0 : Math.floor(seq / 7))).slice(0, 10),
  local_hour: 0,
  utc_offset_min: 0,
  clocks: '{}',
  source: seq % 2 === 0 ? 'scale' : 'manual',
  measured_minute: Math.floor(atMinute(sameInstant ? 0 : Math.floor(seq / 7)).getTime() / MINUTE),
});

/** A heart rate of one of two sources. */
export const metricRow = (userId: string, seq: number): Row => ({
  ...record(userId, seq),
  clocks: '{}',
  metric: seq % 3 === 0 ? 'mood' : 'heart_rate',
  value: 60 + (seq % 40),
  unit: '/min',
  measured_at: instantText(atMinute(Math.floor(seq / 7))),
  time_zone: 'UTC',
  source: seq % 2 === 0 ? 'watch' : 'manual',
  local_date: instantText(atMinute(Math.floor(seq / 7))).slice(0, 10),
  local_hour: 0,
  utc_offset_min: 0,
  measured_minute: Math.floor(atMinute(Math.floor(seq / 7)).getTime() / MINUTE),
  canonical_value: 60 + (seq % 40),
  flags: '[]',
});

export const sleepRow = (userId: string, seq: number): Row => ({
  ...record(userId, seq),
  clocks: '{}',
  started_at: instantText(atMinute(seq * 600)),
  ended_at: instantText(atMinute(seq * 600 + 480)),
  time_zone: 'UTC',
  is_nap: 0,
  source: seq % 2 === 0 ? 'watch' : 'manual',
  local_date: instantText(atMinute(seq * 600 + 480)).slice(0, 10),
  sorted_at: instantText(atMinute(seq * 600 + 480)),
  asleep_seconds: 28_800,
});

/** The largest item that a meal can have, in ASCII. */
const item = {
  name: 'n'.repeat(100),
  quantity: 250.123456789,
  unit: 'u'.repeat(16),
  energy_kcal: 178.123456789,
};

/** A meal with this number of large items. */
export const meal = (userId: string, seq: number, { items = 0, note = '' } = {}): Row => ({
  ...record(userId, seq),
  clocks: '{}',
  eaten_at: instantText(atMinute(Math.floor(seq / 7))),
  time_zone: 'Europe/Berlin',
  local_date: '2026-01-06',
  meal_type: 'lunch',
  note,
  items: JSON.stringify(Array.from({ length: items }, () => item)),
  item_count: items,
  energy_known: 0,
  protein_known: 0,
  carbs_known: 0,
  fat_known: 0,
});

/** A side of a conflict with a text of this length. */
export const side = (bytes: number): string =>
  JSON.stringify({
    modified_at: '2026-01-06T20:30:05.000Z',
    modified_by: 'phone',
    version: 1,
    deleted: false,
    data: { title: 'x'.repeat(bytes) },
  });

/** A conflict with two such sides. Every third is open. */
export const conflict = (userId: string, seq: number, bytes = 10): Row => ({
  ...record(userId, seq),
  record_kind: 'meal',
  record_id: randomUUID(),
  reason: 'concurrent-edit',
  winner: side(bytes),
  loser: side(bytes),
  status: seq % 3 === 0 ? 'open' : 'resolved',
  resolution: seq % 3 === 0 ? null : 'automatic',
});
