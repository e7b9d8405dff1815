import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { UnitOfWork } from '../../src/platform/database/unit-of-work.js';
import type { SqlValue } from '../../src/platform/database/statements.js';
import type { Api } from '../support/api.js';
import { TestApp } from '../support/app.js';
import { hasDatabase } from '../support/database.js';
import { atMinute, conflict, insert, meal, weightRow } from '../support/rows.js';

const WEIGHT = '/api/health-metrics/weight';
const PAGE = 100;

interface Statement {
  readonly sql: string;
  readonly values: readonly SqlValue[];
}

/** How pages of lists are read, when other people also have many rows. */
describe.runIf(hasDatabase())('plans of lists', () => {
  let app: TestApp;
  let ada: Api;
  let eve: Api;
  beforeAll(async () => {
    app = await TestApp.start();
    [ada, eve] = [await app.api.register(), await app.api.register()];
    const rows = Array.from({ length: 2_000 }, (_, index) => index);
    for (const { userId } of [ada, eve]) {
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
        'conflicts',
        rows.map((index) => conflict(userId, index)),
      );
    }
    if (app.db.dialect === 'mysql')
      await app.app.get(UnitOfWork).run(() => app.db.rows('ANALYZE TABLE weight_entries, meals, conflicts'));
  });
  afterAll(() => app.stop());
  afterEach(() => void vi.restoreAllMocks());

  /** The statements that a request sends and that read the table. */
  async function statements(api: Api, path: string, table: string): Promise<Statement[]> {
    const seen: Statement[] = [];
    const real = app.db.rows.bind(app.db);
    vi.spyOn(app.db, 'rows').mockImplementation(async (sql, values = [], hasDoubles) => {
      if (new RegExp(`FROM \`?${table}`).test(sql) && !sql.includes('COUNT')) seen.push({ sql, values });
      return (await real(sql, values, hasDoubles)) as never;
    });
    expect((await api.get(path)).status).toBe(200);
    vi.restoreAllMocks();
    return seen;
  }

  const since = `since=${encodeURIComponent(atMinute(5).toISOString())}`;
  const lists = [
    [`${WEIGHT}?limit=${PAGE}`, 'weight_entries', 'idx_weight_entries_user_timestamp'],
    [`${WEIGHT}?limit=${PAGE}&${since}`, 'weight_entries', 'idx_weight_entries_user_timestamp'],
    [`/api/meals?limit=${PAGE}`, 'meals', 'idx_meals_user_eaten'],
    [`/api/sync/conflicts?limit=${PAGE}`, 'conflicts', 'idx_conflicts_user_created'],
    [`/api/sync/conflicts?limit=${PAGE}&status=open`, 'conflicts', 'idx_conflicts_user_status'],
  ] as const;

  it.each(lists)('the pages of %s are read in the order of an index', async (path, table, index) => {
    const { next } = (await ada.get(path)).body['pagination'];
    const found = [
      ...(await statements(ada, path, table)),
      ...(await statements(ada, `${path}&cursor=${next}`, table)),
    ];
    expect(found).toHaveLength(2);
    for (const { sql, values } of found) {
      const isMysql = app.db.dialect === 'mysql';
      const plan = JSON.stringify(
        await app.db.rows(`${isMysql ? 'EXPLAIN' : 'EXPLAIN QUERY PLAN'} ${sql}`, values),
      );
      expect(plan).toContain(index);
      expect(plan).not.toMatch(/filesort|SCAN |temporary/);
      // FR-026 names the columns of this index. On SQLite it has no id, so weights of one instant are sorted.
      if (table !== 'weight_entries') expect(plan).not.toContain('TEMP B-TREE');
    }
  });

  it('a page in the middle reads about its own rows, also when all have one instant', async () => {
    if (app.db.dialect !== 'mysql') return;
    let path = `${WEIGHT}?limit=500`;
    for (let page = 0; page < 2; page++)
      path = `${WEIGHT}?limit=500&cursor=${(await eve.get(path)).body['pagination'].next}`;
    const [statement] = await statements(eve, path, 'weight_entries');
    const reads = await app.app.get(UnitOfWork).run(async () => {
      const count = async () => {
        const rows = await app.db.rows<{ Value: string }>("SHOW SESSION STATUS LIKE 'Handler_read%'");
        return rows.reduce((sum, { Value }) => sum + Number(Value), 0);
      };
      const before = await count();
      expect(await app.db.rows(statement!.sql, statement!.values)).toHaveLength(501);
      return (await count()) - before;
    });
    expect(reads).toBeLessThan(510);
  });
});
