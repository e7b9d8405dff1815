import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TimelineRecords } from '../../src/modules/health/timeline/timeline-records.js';
import type { Api } from '../support/api.js';
import { TestApp } from '../support/app.js';
import { hasDatabase } from '../support/database.js';
import { chooseSeed, seededRandom } from '../support/random.js';
import { bulk, reading } from '../support/readings.js';
import { insert, meal } from '../support/rows.js';
import type { Wire } from '../support/sync.js';

/*
 * The invariants of the timeline. Each has tests that try to break it.
 * T1 Every record is there once, in one order, whatever the size of pages and what is stored meanwhile.
 * T2 An item has the record as sync shows it, with its own local day.
 * T3 Nobody sees a kind that they may not read, nor the records of others.
 * T4 A page has a limit in rows and bytes, and one statement for each kind.
 */
const TIMELINE = '/api/timeline';
/** Many records share one of these instants. */
const INSTANTS = ['2026-03-10T08:00:00.000Z', '2026-03-10T08:00:00.001Z', '2026-03-11T23:30:00.000Z'];

describe.runIf(hasDatabase())('the timeline', () => {
  let app: TestApp;
  let random: () => number;
  beforeAll(async () => {
    app = await TestApp.start();
    random = seededRandom(chooseSeed());
  });
  afterAll(() => app.stop());

  const below = (limit: number): number => Math.floor(random() * limit);
  const one = <Item>(items: readonly Item[]): Item => items[below(items.length)]!;

  /** Stores some records of every kind. @returns their kinds and ids */
  async function log(api: Api, count: number): Promise<string[]> {
    const keys: string[] = [];
    for (let index = 0; index < count; index++) {
      const [kind, path, body] = one([
        ['weight', '/api/health-metrics/weight', { weight_value: 80, unit: 'kg', timestamp: one(INSTANTS) }],
        ['health_metric', '/api/health-metrics', reading('heart_rate', { measured_at: one(INSTANTS) })],
        [
          'sleep',
          '/api/sleep',
          {
            started_at: '2026-03-09T22:00:00.000Z',
            ended_at: one(INSTANTS.slice(0, 2)),
            time_zone: 'Europe/Berlin',
            is_nap: false,
            source: 'watch',
          },
        ],
        [
          'meal',
          '/api/meals',
          {
            eaten_at: one(INSTANTS),
            time_zone: 'Europe/Berlin',
            meal_type: 'lunch',
            items: [],
            title: `meal ${index}`,
          },
        ],
      ] as const);
      const answer = await api.post(path, body);
      expect([kind, answer.status, answer.body['errors']]).toEqual([kind, 201, undefined]);
      keys.push(`${kind} ${answer.body['id']}`);
    }
    return keys;
  }

  const page = async (api: Api, query: string): Promise<Wire> => {
    const { status, body } = await api.get(`${TIMELINE}?${query}`);
    expect([status, body['errors']]).toEqual([200, undefined]);
    return body;
  };

  async function walk(
    api: Api,
    query: string,
    limit: () => number,
    between: () => Promise<unknown> = async () => {},
  ): Promise<Wire[]> {
    const items: Wire[] = [];
    for (let cursor = ''; ;) {
      const asked = limit();
      const { data, next } = await page(api, `${query}&limit=${asked}${cursor && `&cursor=${cursor}`}`);
      expect(data.length).toBeLessThanOrEqual(asked);
      items.push(...data);
      if (next === undefined) return items;
      expect(data.length).toBeGreaterThan(0);
      cursor = next;
      await between();
    }
  }

  const keyOf = ({ kind, id }: Wire): string => `${kind} ${id}`;
  /** Where an item stands; a smaller text comes later. */
  const placeOf = ({ at, kind, id }: Wire): string => `${at} ${kind} ${id}`;
  const expectOrder = (items: readonly Wire[]): void =>
    expect(items.map(placeOf)).toEqual(items.map(placeOf).toSorted().toReversed());

  it('T1 has every record once, while others of the same instants are stored', async () => {
    const ada = await app.api.register();
    const kept = await log(ada, 40);
    const whole = await walk(ada, '', () => 100);
    expect(whole.map(keyOf).toSorted()).toEqual(kept.toSorted());
    expectOrder(whole);
    for (let round = 0; round < 2; round++) {
      const items = await walk(
        ada,
        '',
        () => 3 + below(9),
        () => log(ada, 2),
      );
      const keys = items.map(keyOf);
      expect(new Set(keys).size).toBe(keys.length);
      expect(keys.filter((key) => kept.includes(key))).toEqual(whole.map(keyOf));
      expectOrder(items);
    }
  });

  it('T2 has each record as its own endpoint shows it, and a period of days', async () => {
    const ada = await app.api.register();
    await log(ada, 20);
    const items = await walk(ada, '', () => 100);
    const paths: Record<string, (item: Wire) => string> = {
      weight: ({ id }) => `/api/health-metrics/weight/${id}`,
      health_metric: ({ id }) => `/api/health-metrics/heart_rate/${id}`,
      sleep: ({ id }) => `/api/sleep/${id}`,
      meal: ({ id }) => `/api/meals/${id}`,
    };
    for (const item of items) {
      const { body } = await ada.get(paths[item['kind']]!(item));
      const { weight_value, unit, timestamp, local_date: day } = item['data'];
      const fixed = { weight_value, unit, timestamp };
      // The routes of weights are fixed, and show no local day of one that a person entered.
      expect(body).toMatchObject(item['kind'] === 'weight' ? fixed : item['data']);
      if (item['kind'] === 'weight') expect(day).toBe(item['local_date']);
      const { id, version, created_at, updated_at } = item;
      expect(body).toMatchObject({ id, version, created_at, updated_at });
      if (body['local_date']) expect(item['local_date']).toBe(body['local_date']);
    }
    const days = async (query: string) =>
      (await walk(ada, query, () => 100)).map((item) => item['at'] as string);
    const all = items.map((item) => item['at'] as string);
    const on = (date: string): string[] =>
      items.filter((item) => item['local_date'] === date).map((item) => item['at'] as string);
    // 23:30 UTC is the next day in Berlin, where all but the weights were entered.
    for (const zone of ['Europe/Berlin', 'Pacific/Kiritimati']) {
      await ada.patch('/api/users/me', { time_zone: zone });
      for (const day of ['2026-03-10', '2026-03-11', '2026-03-12'])
        expect(await days(`from=${day}&to=${day}`)).toEqual(on(day));
      expect(await days('from=2026-03-10&to=2026-03-12')).toEqual(all);
    }
    expect(await days('kinds=meal')).toEqual(
      items.filter(({ kind }) => kind === 'meal').map((item) => item['at']),
    );
  });

  it('T2 keeps a record on the day where the person was, whatever their zone is now', async () => {
    const ada = await app.api.register({ time_zone: 'Europe/Vienna' });
    // It is still the day before in Vienna.
    const tokyo = { measured_at: '2026-03-10T20:00:00.000Z', time_zone: 'Asia/Tokyo' };
    await bulk(ada, [reading('heart_rate', tokyo)]);
    await ada.post('/api/health-metrics/weight', {
      weight_value: 80,
      unit: 'kg',
      timestamp: '2026-03-10T23:30:00.000Z',
    });
    for (const zone of ['Europe/Vienna', 'America/Los_Angeles', 'Pacific/Kiritimati']) {
      await ada.patch('/api/users/me', { time_zone: zone });
      const { data } = await page(ada, 'from=2026-03-11&to=2026-03-11');
      expect(data.map(({ kind, local_date }: Wire) => [kind, local_date])).toEqual([
        ['weight', '2026-03-11'],
        ['health_metric', '2026-03-11'],
      ]);
      for (const day of ['2026-03-10', '2026-03-12'])
        expect((await page(ada, `from=${day}&to=${day}`))['data']).toEqual([]);
    }
  });

  it('T2 leaves out what is deleted', async () => {
    const ada = await app.api.register();
    await bulk(ada, [reading('heart_rate'), reading('heart_rate', { value: 61 })]);
    const [first, second] = (await page(ada, ''))['data'];
    await ada.delete(`/api/health-metrics/heart_rate/${first.id}`);
    expect((await page(ada, ''))['data'].map(keyOf)).toEqual([keyOf(second)]);
  });

  it('T3 shows an API key its kinds only, and refuses others by name', async () => {
    const [ada, eve] = [await app.api.register(), await app.api.register()];
    await log(ada, 30);
    const keyWith = async (...scopes: string[]): Promise<Api> => {
      const { body } = await ada.post('/api/api-keys', { name: 'script', scopes });
      return app.api.bearer(body['key'] as string);
    };
    const kindsOf = (items: readonly Wire[]): string[] =>
      [...new Set(items.map((item) => item['kind'] as string))].toSorted();
    const [metrics, both] = [await keyWith('metrics:read'), await keyWith('meals:read', 'sleep:read')];
    expect(kindsOf(await walk(metrics, '', () => 100))).toEqual(['health_metric', 'weight']);
    expect(kindsOf(await walk(both, '', () => 100))).toEqual(['meal', 'sleep']);
    expect(kindsOf(await walk(both, 'kinds=meal', () => 100))).toEqual(['meal']);
    for (const [api, query] of [
      [both, 'kinds=meal,weight'],
      [await keyWith('profile:read'), ''],
      [await keyWith('meals:write'), ''],
    ] as const) {
      const { status, body } = await api.get(`${TIMELINE}?${query}`);
      expect([status, body['type']]).toEqual([403, '/problems/insufficient-scope']);
    }
    expect((await page(eve, ''))['data']).toEqual([]);
    const { next } = await page(ada, 'limit=1');
    for (const [api, query] of [
      [eve, ''],
      [metrics, ''],
      [ada, '&kinds=meal'],
    ] as const)
      expect((await api.get(`${TIMELINE}?cursor=${next}${query}`)).body['errors'][0].field).toBe('cursor');
  });

  it('T4 ends a page before it is too large, and reads each kind once', async () => {
    const ada = await app.api.register();
    await insert(
      app,
      'meals',
      Array.from({ length: 90 }, (_, seq) => meal(ada.userId, seq, { items: 200 })),
    );
    const items = await walk(ada, 'kinds=meal', () => 100);
    expect(items).toHaveLength(90);
    const first = await page(ada, 'limit=100');
    expect(JSON.stringify(first).length).toBeLessThan(1_048_576 + 65_536);
    expect(first['data'].length).toBeLessThan(90);
    expect(first['next']).toBeDefined();
  });

  it('T4 reads the places of each kind in the order of an index', async () => {
    const ada = await app.api.register();
    const timeline = app.app.get(TimelineRecords);
    const seen: [string, readonly unknown[]][] = [];
    const real = app.db.rows.bind(app.db);
    app.db.rows = (async (sql: string, values: never[] = [], exact?: boolean) => {
      seen.push([sql, values]);
      return real(sql, values, exact);
    }) as never;
    const after = ['2026-03-10 08:00:00.000', 'meal', 'x'];
    const period = { from: '2026-03-01', to: undefined, timeZone: 'UTC' };
    await timeline.places(ada.userId, timeline.kinds, period, after, 51);
    app.db.rows = real as never;
    expect(seen).toHaveLength(1);
    const [sql, values] = seen[0]!;
    const isMysql = app.db.dialect === 'mysql';
    const plan = JSON.stringify(
      await app.db.rows(`${isMysql ? 'EXPLAIN' : 'EXPLAIN QUERY PLAN'} ${sql}`, values as never),
    );
    for (const index of ['meals_user_eaten', 'user_measured', 'user_sorted', 'weight_entries_user_live'])
      expect(plan).toContain(index);
  });

  it('refuses kinds that are not in it, days in the wrong order, and too many items', async () => {
    const ada = await app.api.register();
    for (const [query, field] of [
      ['kinds=custom_metric', 'kinds'],
      ['kinds=', 'kinds'],
      ['from=2026-01-02&to=2026-01-01', 'to'],
      ['limit=101', 'limit'],
      ['offset=1', 'offset'],
      ['cursor=abc', 'cursor'],
    ] as const) {
      const { status, body } = await ada.get(`${TIMELINE}?${query}`);
      expect([query, status, body['errors']?.[0].field]).toEqual([query, 422, field]);
    }
  });
});
