import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Api } from '../../support/api.js';
import { TestApp } from '../../support/app.js';
import { createDatabase, hasDatabase, type TestDatabase } from '../../support/database.js';
import { chooseSeed } from '../../support/random.js';
import { bulk, listAll, reading, READINGS } from '../../support/readings.js';
import { Device, drainSync, type Wire } from '../../support/sync.js';

/*
 * The invariants of the order of sources. Each has tests that try to break it.
 * O1 A sum counts each second once, for the source that comes first, whatever the order of uploads and their repetition.
 * O2 A new order changes sums and nights at once, on every instance, and changes no reading.
 * O3 An explanation names the source of each piece of time, and its values add up to the sum.
 * O4 The order is a record: phones set it offline, and of several the one that was stored last counts.
 * O5 Who says which order they have seen replaces no other one, also when many try at once.
 */
const ORDER = '/api/sources/order';
const START = Date.parse('2026-03-20T00:00:00Z');
const SOURCES = ['manual', 'phone', 'ring', 'watch'];
const PERIOD = 'from=2026-03-19&to=2026-03-23';

interface Walk {
  readonly source: string;
  readonly from: number;
  readonly seconds: number;
  readonly value: number;
}

const walks = fc.array(
  fc.record({
    source: fc.constantFrom(...SOURCES),
    from: fc.integer({ min: 0, max: 2 * 86_400 }),
    seconds: fc.integer({ min: 1, max: 40_000 }),
    value: fc.integer({ min: 1, max: 30_000 }),
  }),
  { minLength: 1, maxLength: 14 },
);

const wireOf = ({ source, from, seconds, value }: Walk, index: number): Wire =>
  reading('steps', {
    value,
    measured_at: new Date(START + from * 1_000).toISOString(),
    ended_at: new Date(START + (from + seconds) * 1_000).toISOString(),
    time_zone: 'UTC',
    source,
    external_id: `walk-${index}`,
  });

/** Asks for each second which walk counts. @returns the sum of each day */
function secondBySecond(all: readonly Walk[], order: readonly string[]): Map<string, number> {
  const rest = SOURCES.filter((source) => !order.includes(source));
  const rankOf = (source: string): number => [...order, ...rest].indexOf(source);
  const byTrust = all.toSorted(
    (a, b) => rankOf(a.source) - rankOf(b.source) || a.seconds - b.seconds || b.from - a.from,
  );
  const sums = new Map<string, number>();
  const end = Math.max(...all.map(({ from, seconds }) => from + seconds));
  for (let second = 0; second < end; second++) {
    const winner = byTrust.find(({ from, seconds }) => from <= second && from + seconds > second);
    if (!winner) continue;
    const day = new Date(START + winner.from * 1_000).toISOString().slice(0, 10);
    sums.set(day, (sums.get(day) ?? 0) + winner.value / winner.seconds);
  }
  return sums;
}

describe.runIf(hasDatabase())('the order of sources', () => {
  let database: TestDatabase;
  let app: TestApp;
  let other: TestApp;
  beforeAll(async () => {
    database = await createDatabase();
    app = await TestApp.start({ database });
    other = await TestApp.start({ database });
  });
  afterAll(async () => {
    await app.stop();
    await other.stop();
    await database.drop();
  });

  /** The same person at the other instance. */
  const elsewhere = (api: Api): Api => new Api(other.url, api.headers, api.account);
  const setOrder = async (api: Api, sources: readonly string[]): Promise<void> => {
    const { status, body } = await api.send('PUT', ORDER, { sources });
    expect([status, body['sources']]).toEqual([200, sources]);
  };
  const summaryOf = async (api: Api, query = ''): Promise<Wire[]> => {
    const { status, body } = await api.get(`${READINGS}/steps/summary?${PERIOD}${query}`);
    expect([status, body['errors']]).toEqual([200, undefined]);
    return body['data'] as Wire[];
  };

  it('O1 O2 O3 decides each second of a sum, at once and everywhere, and changes no reading', async () => {
    await fc.assert(
      fc.asyncProperty(
        walks,
        fc.array(fc.shuffledSubarray(SOURCES, { minLength: 1 }), { minLength: 1, maxLength: 2 }),
        fc.infiniteStream(fc.nat()),
        async (given, orders, keys) => {
          const all = [
            ...new Map(given.map((one) => [`${one.source} ${one.from} ${one.seconds}`, one])).values(),
          ];
          const ada = await app.api.register();
          const wire = all.map(wireOf);
          const uploads = [...wire, ...wire].map((one) => ({ one, key: keys.next().value }));
          const shuffled = uploads.toSorted((a, b) => a.key - b.key).map(({ one }) => one);
          for (let from = 0; from < shuffled.length; from += 5)
            await bulk(ada, shuffled.slice(from, from + 5));
          const stored = await listAll(ada, `${READINGS}/steps`);
          for (const order of [[], ...orders]) {
            if (order.length > 0) await setOrder(ada, order);
            const expected = secondBySecond(all, order);
            for (const api of [ada, elsewhere(ada)]) {
              const days = await summaryOf(api);
              expect(days.map((day) => day['local_date'])).toEqual(
                [...new Set(all.map(({ from }) => dayOf(from)))].toSorted(),
              );
              for (const day of days)
                expect(Math.abs(day['value'] - (expected.get(day['local_date']) ?? 0))).toBeLessThan(1e-3);
            }
            await expectExplained(ada, all, order);
          }
          expect(await listAll(ada, `${READINGS}/steps`)).toEqual(stored);
        },
      ),
      { seed: chooseSeed(), numRuns: 10 },
    );
  });

  const dayOf = (second: number): string => new Date(START + second * 1_000).toISOString().slice(0, 10);

  /** The pieces do not overlap, belong to the source that comes first, and add up to the sum. */
  async function expectExplained(api: Api, all: readonly Walk[], order: readonly string[]): Promise<void> {
    const rankOf = (source: string): number =>
      [...order, ...SOURCES.filter((one) => !order.includes(one))].indexOf(source);
    const pieces: Wire[] = [];
    for (const bucket of ['hour', 'day'])
      for (const one of await summaryOf(api, `&bucket=${bucket}&explain=true`)) {
        const { intervals, sources } = one['explanation'] as Wire;
        const sum = (values: Wire[], name: string) => values.reduce((total, value) => total + value[name], 0);
        expect(sum(intervals, 'value')).toBeCloseTo(one['sum'], 5);
        expect(sum(sources, 'counted')).toBeCloseTo(one['sum'], 5);
        expect(sum(sources, 'count')).toBe(one['count']);
        const names = (sources as Wire[]).map(({ source }) => source as string);
        expect(names).toEqual(names.toSorted((a, b) => rankOf(a) - rankOf(b)));
        if (bucket === 'day') pieces.push(...intervals);
      }
    pieces.sort((a, b) => Date.parse(a['started_at']) - Date.parse(b['started_at']));
    for (const [index, piece] of pieces.entries()) {
      const [from, to] = [Date.parse(piece['started_at']), Date.parse(piece['ended_at'])];
      expect(from).toBeGreaterThanOrEqual(Date.parse(pieces[index - 1]?.['ended_at'] ?? '2026-01-01'));
      const present = all.filter((walk) => {
        const start = START + walk.from * 1_000;
        return start < to && start + walk.seconds * 1_000 > from;
      });
      const best = Math.min(...present.map(({ source }) => rankOf(source)));
      expect(rankOf(piece['source'])).toBe(best);
    }
  }

  it('O3 says what has no explanation, and what is too long for one', async () => {
    const ada = await app.api.register();
    const faultOf = async (path: string): Promise<unknown[]> => {
      const { status, body } = await ada.get(`${READINGS}/${path}&explain=true`);
      return [status, body['errors']?.[0].field, body['errors']?.[0].message];
    };
    expect(await faultOf('steps/summary?from=2026-01-01&to=2026-02-01')).toEqual([
      422,
      'to',
      'to must be 0 to 30 days after from',
    ]);
    expect(await faultOf('steps/summary?from=2026-01-01&to=2026-01-02&bucket=week')).toEqual([
      422,
      'bucket',
      'explain is for the buckets hour and day',
    ]);
    expect(await faultOf('heart_rate/summary?from=2026-01-01&to=2026-01-02')).toEqual([
      422,
      'explain',
      'explain is for kinds with the roll-up sum; heart_rate has average',
    ]);
    expect((await ada.get(`${READINGS}/steps/summary?${PERIOD}&explain=yes`)).body['errors'][0].field).toBe(
      'explain',
    );
  });

  it('O2 decides which session of a night counts', async () => {
    const ada = await app.api.register();
    const session = (source: string, hours: number) => ({
      started_at: '2026-03-20T22:00:00.000Z',
      ended_at: new Date(Date.parse('2026-03-20T22:00:00Z') + hours * 3_600_000).toISOString(),
      time_zone: 'UTC',
      is_nap: false,
      source,
    });
    for (const one of [session('ring', 6), session('watch', 8)])
      expect((await ada.post('/api/sleep', one)).status).toBe(201);
    const hours = async (api: Api): Promise<number> => {
      const { body } = await api.get(`/api/sleep/nights?${PERIOD}`);
      return body['data'][0].night.asleep_seconds / 3_600;
    };
    expect(await hours(ada)).toBe(6);
    await setOrder(ada, ['watch']);
    expect([await hours(ada), await hours(elsewhere(ada))]).toEqual([8, 8]);
  });

  it('O4 is a record that phones set offline; the one that was stored last counts', async () => {
    const ada = await app.api.register();
    await bulk(ada, [
      wireOf({ source: 'watch', from: 0, seconds: 3_600, value: 900 }, 0),
      wireOf({ source: 'phone', from: 0, seconds: 3_600, value: 700 }, 1),
    ]);
    const value = async (): Promise<number> => (await summaryOf(ada))[0]?.['value'];
    expect(await value()).toBe(700);
    const device = await new Device(ada).ready();
    const creation = device.create('source_order', { sources: ['watch', 'phone'] });
    expect((await device.push(creation))[0]?.['status']).toBe('applied');
    expect(await value()).toBe(900);
    // An order of this service changes the same record, so a phone has one order only.
    await setOrder(ada, ['phone', 'watch']);
    expect(await value()).toBe(700);
    const orders = (await drainSync(ada)).changes.filter(({ kind }) => kind === 'source_order');
    expect(orders.map(({ id, version }) => [id, version])).toEqual([[creation['id'], 2]]);
    await device.push(device.delete({ kind: 'source_order', id: creation['id'] as string, version: 2 }));
    expect(await value()).toBe(700);
    await setOrder(ada, ['watch']);
    expect(await value()).toBe(900);
  });

  it('O4 set twenty times at once is one record', async () => {
    const ada = await app.api.register();
    const orders = Array.from({ length: 20 }, (_, index) => [`app-${index}`, 'watch']);
    await Promise.all(orders.map((order, index) => setOrder(index % 2 ? ada : elsewhere(ada), order)));
    const { body } = await ada.get('/api/sources/orders');
    expect(body['pagination'].total).toBe(1);
    expect(orders).toContainEqual(body['data'][0].sources);
    expect(body['data'][0].version).toBe(20);
  });

  it('O5 replaces only the order that was seen', async () => {
    const ada = await app.api.register();
    const put = async (body: Wire, api = ada): Promise<unknown> => {
      const answer = await api.send('PUT', ORDER, body);
      return answer.status === 200 ? answer.body['version'] : answer.body['type'];
    };
    const CONFLICT = '/problems/version-conflict';
    const seen = async (): Promise<unknown> => (await ada.get('/api/sources')).body['order_version'];
    expect(await seen()).toBe(0);
    expect(await put({ sources: ['watch'], version: 1 })).toBe(CONFLICT);
    expect(await put({ sources: ['watch'], version: 0 })).toBe(1);
    expect(await seen()).toBe(1);
    expect(await put({ sources: ['phone'], version: 0 })).toBe(CONFLICT);
    expect(await put({ sources: ['phone'], version: 1 })).toBe(2);
    expect(await put({ sources: ['ring'], version: 1 })).toBe(CONFLICT);
    expect((await ada.get('/api/sources')).body['order']).toEqual(['phone']);
    const many = Array.from({ length: 10 }, (_, index) =>
      put({ sources: [`app-${index}`], version: 2 }, index % 2 ? ada : elsewhere(ada)),
    );
    expect((await Promise.all(many)).toSorted()).toEqual([...Array.from({ length: 9 }, () => CONFLICT), 3]);
    // A phone that made another record of the same version has not seen this one.
    const device = await new Device(ada).ready();
    const orderId = (await ada.get('/api/sources/orders')).body['data'][0].id as string;
    await device.push(device.create('source_order', { sources: ['ring'] }));
    expect(await put({ sources: ['watch'], version: 1, id: orderId })).toBe(CONFLICT);
    expect(await put({ sources: ['watch'], version: -1 })).toBe('/problems/validation');
    // Without a version it replaces what counts.
    expect(await put({ sources: ['watch'] })).toBe(2);
  });

  it('refuses an order that names a source twice, a wrong name, and too many', async () => {
    const ada = await app.api.register();
    const many = Array.from({ length: 101 }, (_, index) => `app-${index}`);
    for (const sources of [
      ['watch', 'watch'],
      ['a b'],
      ['x'.repeat(65)],
      [''],
      many,
      [null],
      'watch',
      undefined,
    ]) {
      const { status, body } = await ada.send('PUT', ORDER, { sources });
      expect([sources, status, body['errors']?.[0].field]).toEqual([sources, 422, 'sources']);
    }
    expect((await ada.send('PUT', ORDER, { sources: [] })).status).toBe(200);
  });
});
