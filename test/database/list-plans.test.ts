import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { UnitOfWork } from '../../src/platform/database/unit-of-work.js';
import type { SqlValue } from '../../src/platform/database/statements.js';
import type { Api } from '../support/api.js';
import { TestApp } from '../support/app.js';
import { hasDatabase } from '../support/database.js';
import { change } from '../support/people.js';
import { atMinute, conflict, insert, meal, metricRow, sleepRow, weightRow } from '../support/rows.js';

const WEIGHT = '/api/health-metrics/weight';
const METRICS = '/api/health-metrics';
const PAGE = 100;

interface Statement {
  readonly sql: string;
  readonly values: readonly SqlValue[];
}

const TABLES = ['weight_entries', 'meals', 'health_metrics', 'sleep_sessions'];

/** How pages of lists are read, when other people also have many rows. */
describe.runIf(hasDatabase())('plans of lists', () => {
  let app: TestApp;
  let ada: Api;
  let eve: Api;
  /** Almost all that they had was deleted. */
  let bob: Api;
  beforeAll(async () => {
    app = await TestApp.start();
    [ada, eve, bob] = [await app.api.register(), await app.api.register(), await app.api.register()];
    const rows = Array.from({ length: 2_000 }, (_, index) => index);
    for (const { userId } of [ada, eve, bob]) {
      const isSame = userId === eve.userId;
      await insert(
        app,
        'weight_entries',
        rows.map((index) => weightRow(userId, index, isSame)),
      );
      await insert(
        app,
        'meals',
        rows.map((index) => meal(userId, index, { items: 1 })),
      );
      await insert(
        app,
        'health_metrics',
        rows.map((index) => metricRow(userId, index)),
      );
      await insert(
        app,
        'sleep_sessions',
        rows.map((index) => sleepRow(userId, index)),
      );
      await insert(
        app,
        'conflicts',
        rows.map((index) => conflict(userId, index)),
      );
    }
    for (const table of TABLES)
      await change(app, `UPDATE ${table} SET deleted_at = updated_at WHERE user_id = ? AND seq >= 1300`, [
        bob.userId,
      ]);
    if (app.db.dialect === 'mysql')
      await app.app
        .get(UnitOfWork)
        .run(() =>
          app.db.rows('ANALYZE TABLE weight_entries, meals, health_metrics, sleep_sessions, conflicts'),
        );
  });
  afterAll(() => app.stop());
  afterEach(() => void vi.restoreAllMocks());

  /** The statements that a request sends and that read the table. */
  const statements = (api: Api, path: string, table: string): Promise<Statement[]> =>
    statementsOf(async () => expect((await api.get(path)).status).toBe(200), table);

  async function statementsOf(request: () => Promise<void>, table: string): Promise<Statement[]> {
    const seen: Statement[] = [];
    const real = app.db.rows.bind(app.db);
    vi.spyOn(app.db, 'rows').mockImplementation(async (sql, values = [], hasDoubles) => {
      if (new RegExp(`FROM \`?${table}`).test(sql) && !sql.includes('COUNT')) seen.push({ sql, values });
      return (await real(sql, values, hasDoubles)) as never;
    });
    await request();
    vi.restoreAllMocks();
    return seen;
  }

  async function planOf({ sql, values }: Statement): Promise<string> {
    const explain = app.db.dialect === 'mysql' ? 'EXPLAIN' : 'EXPLAIN QUERY PLAN';
    return JSON.stringify(await app.db.rows(`${explain} ${sql}`, values));
  }

  const since = `since=${encodeURIComponent(atMinute(5).toISOString())}`;
  const lists = [
    [`${WEIGHT}?limit=${PAGE}`, 'weight_entries', 'idx_weight_entries_user_live'],
    [`${WEIGHT}?limit=${PAGE}&${since}`, 'weight_entries', 'idx_weight_entries_user_live'],
    [`${WEIGHT}?limit=${PAGE}&source=scale`, 'weight_entries', 'idx_weight_entries_user_source'],
    [`${METRICS}?limit=${PAGE}&source=scale`, 'weight_entries', 'idx_weight_entries_user_source'],
    [`${METRICS}?limit=${PAGE}&shown=true`, 'weight_entries', 'idx_weight_entries_user_live'],
    [`/api/meals?limit=${PAGE}`, 'meals', 'idx_meals_user_eaten'],
    [`${METRICS}?limit=${PAGE}`, 'health_metrics', 'idx_health_metrics_user_measured'],
    [`${METRICS}?limit=${PAGE}`, 'weight_entries', 'idx_weight_entries_user_live'],
    [`${METRICS}?limit=${PAGE}&source=watch`, 'health_metrics', 'idx_health_metrics_user_sources'],
    [
      `${METRICS}/body_weight?limit=${PAGE}&from=2023-11-14`,
      'weight_entries',
      'idx_weight_entries_user_live',
    ],
    [`${METRICS}?limit=${PAGE}&shown=true`, 'health_metrics', 'idx_health_metrics_user_measured'],
    [`${METRICS}/heart_rate?limit=${PAGE}`, 'health_metrics', 'idx_health_metrics_user_metric'],
    [`${METRICS}/heart_rate?limit=${PAGE}&shown=true`, 'health_metrics', 'idx_health_metrics_user_metric'],
    [
      `${METRICS}/heart_rate?limit=${PAGE}&from=2023-11-14`,
      'health_metrics',
      'idx_health_metrics_user_metric',
    ],
    [
      `${METRICS}/heart_rate?limit=${PAGE}&source=watch`,
      'health_metrics',
      'idx_health_metrics_user_source_live',
    ],
    [`/api/sleep?limit=${PAGE}`, 'sleep_sessions', 'idx_sleep_sessions_user_sorted'],
    [`/api/sleep?limit=${PAGE}&source=watch`, 'sleep_sessions', 'idx_sleep_sessions_user_source'],
    [`/api/sync/conflicts?limit=${PAGE}`, 'conflicts', 'idx_conflicts_user_created'],
    [`/api/sync/conflicts?limit=${PAGE}&status=open`, 'conflicts', 'idx_conflicts_user_status'],
  ] as const;

  it.each(lists)('the pages of %s are read in the order of an index', async (path, table, index) => {
    const { next } = (await ada.get(path)).body['pagination'];
    const found = [
      ...(await statements(ada, path, table)),
      ...(await statements(ada, `${path}&cursor=${next}`, table)),
    ].filter(({ sql }) => sql.includes('ORDER BY') && !sql.includes('ORDER BY source'));
    expect(found.length).toBeGreaterThanOrEqual(2);
    for (const { sql, values } of found) {
      const plan = await planOf({ sql, values });
      expect(plan).toContain(index);
      expect(plan).not.toMatch(/filesort|SCAN |temporary|TEMP B-TREE/);
    }
  });

  it('recent foods are read from the latest meals, in the order of an index, and no further than a limit of bytes', async () => {
    const found = await statements(ada, '/api/foods/recent?limit=100', 'meals');
    expect(found).not.toEqual([]);
    expect(found.length).toBeLessThanOrEqual(10);
    for (const statement of found) {
      expect(statement.sql).toContain('LIMIT 20 ');
      const plan = await planOf(statement);
      expect(plan).toContain('idx_meals_user_eaten');
      expect(plan).not.toMatch(/filesort|SCAN |temporary|TEMP B-TREE/);
    }
  });

  it('which recipes contain others is read from those of the person', async () => {
    const item = { name: 'Dough', quantity: 1, unit: 'g', energy_kcal: 1, recipe_id: randomUUID() };
    const create = async (items: readonly object[]) => {
      const { status } = await ada.post('/api/recipes', { name: 'Bread', servings: 1, items });
      expect(status).toBe(201);
    };
    for (let at = 0; at < 3; at++) await create([item]);
    expect(await statementsOf(() => create([]), 'recipes')).toEqual([]);
    const found = await statementsOf(() => create([item]), 'recipes');
    expect(found).toHaveLength(1);
    expect(await planOf(found[0]!)).toMatch(/idx_recipes_user_(parts|seq|created)|PRIMARY/);
  });

  it('the other nutrients of days are read by the day in an index, one step after the other', async () => {
    const path = '/api/meals/summary?from=2026-01-01&to=2026-01-31';
    const found = (await statements(ada, path, 'meals')).filter(({ sql }) => sql.includes('nutrient_sums'));
    expect(found).toHaveLength(1);
    expect(found[0]?.sql).toContain('LIMIT 500');
    const plan = await planOf(found[0]!);
    expect(plan).toContain('idx_meals_user_day');
    // The meals of one day may be sorted.
    expect(plan.replace('USE TEMP B-TREE FOR LAST TERM OF ORDER BY', '')).not.toMatch(
      /filesort|SCAN |temporary|TEMP B-TREE/,
    );
  });

  it.each([
    [`${METRICS}?limit=${PAGE}`, 'health_metrics'],
    [`${METRICS}/heart_rate?limit=${PAGE}`, 'health_metrics'],
    [`${METRICS}/latest`, 'health_metrics'],
    [`${METRICS}?limit=${PAGE}`, 'weight_entries'],
    [`${METRICS}/body_weight?limit=${PAGE}&shown=true`, 'weight_entries'],
    [`${METRICS}/latest`, 'weight_entries'],
  ])('what is shown of %s is found in %s by the minute in an index', async (path, table) => {
    expect((await ada.send('PUT', '/api/sources/order', { sources: ['watch', 'manual'] })).status).toBe(200);
    const found = (await statements(ada, path, table)).filter(({ sql }) => sql.includes('DISTINCT'));
    expect(found).not.toEqual([]);
    for (const { sql, values } of found) {
      if (app.db.dialect === 'mysql') expect(await reads({ sql, values })).toBeLessThan(2_000);
      expect(await planOf({ sql, values })).toContain(`idx_${table}_user_minute`);
    }
  });

  it.each([
    [`${METRICS}/heart_rate?shown=true`, 'health_metrics', 'idx_health_metrics_user_source'],
    [`${METRICS}/body_weight?shown=true`, 'weight_entries', 'idx_weight_entries_user_source'],
  ])('whether %s has several sources is read at the ends of an index of %s', async (path, table, index) => {
    const found = (await statements(ada, path, table)).filter(({ sql }) => sql.includes('ORDER BY source'));
    expect(found).toHaveLength(2);
    for (const statement of found) {
      const plan = await planOf(statement);
      expect(plan).toContain(index);
      expect(plan).not.toMatch(/filesort|SCAN |temporary|TEMP B-TREE/);
    }
  });

  it.each([
    [`${METRICS}/fhir`, 'health_metrics', 'idx_health_metrics_user_measured'],
    [`${METRICS}/fhir`, 'weight_entries', 'idx_weight_entries_user_live'],
    ['/api/sleep/fhir', 'sleep_sessions', 'idx_sleep_sessions_user_sorted'],
  ])('the pages of %s are read from %s in the order of an index', async (path, table, index) => {
    const { link } = (await ada.get(`${path}?limit=${PAGE}`)).body as { link: { url: string }[] };
    const next = new URL(link[1]?.url ?? '');
    const found = [
      ...(await statements(ada, `${path}?limit=${PAGE}`, table)),
      ...(await statements(ada, next.pathname + next.search, table)),
    ];
    expect(found.length).toBeGreaterThanOrEqual(2);
    for (const { sql, values } of found) {
      const explain = app.db.dialect === 'mysql' ? 'EXPLAIN' : 'EXPLAIN QUERY PLAN';
      const plan = JSON.stringify(await app.db.rows(`${explain} ${sql}`, values));
      expect(plan).toContain(index);
      expect(plan).not.toMatch(/filesort|SCAN |temporary/);
    }
  });

  /** How many rows or entries of an index the database reads. */
  const reads = ({ sql, values }: Statement): Promise<number> =>
    app.app.get(UnitOfWork).run(async () => {
      const count = async () => {
        const rows = await app.db.rows<{ Value: string }>("SHOW SESSION STATUS LIKE 'Handler_read%'");
        return rows.reduce((sum, { Value }) => sum + Number(Value), 0);
      };
      const before = await count();
      await app.db.rows(sql, values);
      return (await count()) - before;
    });

  it.each([
    ...lists.filter(([, table]) => table !== 'conflicts').map(([path, table]) => [path, table] as const),
    [`${METRICS}/latest`, 'health_metrics'],
    ['/api/timeline', 'health_metrics'],
  ] as const)('%s is read from %s without the newer tombstones', async (path, table) => {
    const found = await statements(bob, path, table);
    // Whether there are several sources is read at the two ends of an index, also among tombstones.
    const read = found.filter(({ sql }) => !sql.includes('ORDER BY source'));
    expect(read).not.toEqual([]);
    for (const { sql, values } of read) {
      if (app.db.dialect === 'mysql') expect(await reads({ sql, values })).toBeLessThan(900);
      else {
        const plan = await app.db.rows<{ detail: string }>(`EXPLAIN QUERY PLAN ${sql}`, values);
        const searches = plan.filter(({ detail }) => /SEARCH .* USING .*INDEX idx_/.test(detail));
        expect(searches).not.toEqual([]);
        for (const { detail } of searches) expect(detail).toContain('deleted_at=?');
      }
    }
  });

  // The database estimates how many rows are left, and may read those of earlier pages again. It reads none of other people.
  it('a page reads at most the rows of its person, also when all have one instant', async () => {
    if (app.db.dialect !== 'mysql') return;
    let path = `${WEIGHT}?limit=500`;
    for (let page = 0; page < 3; page++)
      path = `${WEIGHT}?limit=500&cursor=${(await eve.get(path)).body['pagination'].next}`;
    // The size of the rows is known after the first hundred.
    const found = await statements(eve, path, 'weight_entries');
    const sizes = await Promise.all(
      found.map(async ({ sql, values }) => (await app.db.rows(sql, values)).length),
    );
    expect(sizes).toEqual([101, 399]);
    for (const statement of found) expect(await reads(statement)).toBeLessThan(2_010);
  });
});
