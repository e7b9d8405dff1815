import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { SqlValue } from '../../src/platform/database/statements.js';
import { UnitOfWork } from '../../src/platform/database/unit-of-work.js';
import { PASSWORD } from '../support/api.js';
import { TestApp } from '../support/app.js';
import { hasDatabase } from '../support/database.js';
import { entry, push } from '../support/weights.js';

/** How MySQL's EXPLAIN shows a single lookup at an end of the primary key. */
const SEEK = 'Select tables optimized away';

/** Frequent statements, and the index that each must use. */
const plans: [string, string, SqlValue[]][] = [
  [
    'idx_weight_entries_user_live',
    'SELECT id FROM weight_entries WHERE user_id = ? AND deleted_at IS NULL ORDER BY timestamp DESC, id DESC LIMIT 100',
    [],
  ],
  [
    'idx_weight_entries_user_updated',
    "SELECT id FROM weight_entries WHERE user_id = ? AND updated_at > '2026-01-01 00:00:00.000' ORDER BY updated_at, seq LIMIT 101",
    [],
  ],
  [
    'idx_weight_entries_user_updated',
    "SELECT 1 FROM weight_entries WHERE user_id = ? AND updated_at = '2026-01-01 00:00:00.000' LIMIT 1",
    [],
  ],
  [
    'idx_sessions_user_last_used',
    'SELECT id FROM sessions WHERE user_id = ? ORDER BY last_used_at DESC LIMIT 50',
    [],
  ],
  ['uq_users_email', "SELECT id FROM users WHERE id <> ? AND email = 'a@example.org'", []],
  ['PRIMARY', 'SELECT seq, stamp FROM user_sequences WHERE user_id = ?', []],
  [
    'PRIMARY',
    "SELECT first_seq FROM sync_pushes WHERE user_id = ? AND client_id = 'phone' ORDER BY last_seq LIMIT 1",
    [],
  ],
  [
    'PRIMARY',
    "SELECT mutations FROM sync_pushes WHERE user_id = ? AND client_id = 'phone' AND last_seq IN (30, 3000)",
    [],
  ],
  [
    SEEK,
    "SELECT MIN(last_seq) FROM sync_pushes WHERE user_id = ? AND client_id = 'phone' AND last_seq >= 31",
    [],
  ],
];

/** Frequent statements on records, and how far SQLite must use the key: an index that begins with the id scans all owners. */
const byKey: [string, string][] = [
  [
    // The count of a digest.
    '(user_id=? AND id>?)',
    "SELECT id, version, seq FROM weight_entries WHERE user_id = ? AND id > '' ORDER BY id LIMIT 500",
  ],
  ['(user_id=? AND id=?)', "SELECT version FROM weight_entries WHERE user_id = ? AND id = 'a'"],
  ['(user_id=? AND id=?)', "SELECT version FROM weight_entries WHERE user_id = ? AND id IN ('a', 'b')"],
];

describe.runIf(hasDatabase())('query plans', () => {
  let app: TestApp;
  let userId: string;
  beforeAll(async () => {
    app = await TestApp.start();
    for (let person = 0; person < 5; person++) {
      const api = (await app.api.register()).device('phone');
      userId = api.userId;
      for (let batch = 0; batch < 5; batch++)
        await push(
          api,
          ...Array.from({ length: 100 }, (_, i) =>
            entry(`${batch}-${i}`, {
              timestamp: new Date(1.7e12 + (batch * 100 + i) * 60_000).toISOString(),
            }),
          ),
        );
    }
    await app.api.post('/api/auth/register', { email: 'a@example.org', password: PASSWORD });
    const tables = ['weight_entries', 'sessions', 'users', 'user_sequences', 'sync_pushes'];
    const logged = Array.from({ length: 200 }, (_, i) => [userId, i * 10 + 1, i * 10 + 10]);
    await app.app.get(UnitOfWork).run(async () => {
      await app.db.execute(
        `INSERT INTO sync_pushes (user_id, client_id, first_seq, last_seq, mutations, created_at)
         VALUES ${logged.map(() => "(?, 'phone', ?, ?, '[]', '2026-01-01 00:00:00.000')").join(', ')}`,
        logged.flat(),
      );
      for (const table of tables)
        await app.db.rows(
          app.db.dialect === 'mysql' ? `ANALYZE TABLE ${table}` : `SELECT 1 FROM ${table} LIMIT 1`,
        );
    });
  });
  afterAll(() => app.stop());

  const explain = async (sql: string): Promise<string> =>
    JSON.stringify(
      await app.db.rows(`${app.db.dialect === 'mysql' ? 'EXPLAIN' : 'EXPLAIN QUERY PLAN'} ${sql}`, [userId]),
    );

  it.each(byKey)('the primary key is used by %s for: %s', async (part, sql) => {
    const plan = await explain(sql);
    if (app.db.dialect === 'sqlite') expect(plan).toContain(`sqlite_autoindex_weight_entries_1 ${part}`);
    // A single row is looked up while the plan is made.
    else expect(plan).toMatch(/PRIMARY|const table/);
    expect(plan).not.toMatch(/filesort|SCAN |temporary/i);
  });

  it.each(plans)('the index %s is used for: %s', async (index, sql) => {
    const plan = await explain(sql);
    expect(plan).toContain(
      app.db.dialect === 'sqlite' && [SEEK, 'PRIMARY'].includes(index) ? 'sqlite_autoindex' : index,
    );
    expect(plan).not.toMatch(/filesort|SCAN |temporary/);
  });
});
