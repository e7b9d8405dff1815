import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Api } from '../../support/api.js';
import { TestApp } from '../../support/app.js';
import { hasDatabase } from '../../support/database.js';
import { chooseSeed } from '../../support/random.js';
import { bulk, listAll, reading, READINGS } from '../../support/readings.js';
import type { Wire } from '../../support/sync.js';
import { WEIGHT } from '../../support/weights.js';

/*
 * The invariants of what is shown. Each has tests that try to break it.
 * V1 Of the readings of one kind and one minute, those of the source that comes first are shown, whatever the order of uploads.
 * V2 Every reading stays in the list; `shown=true` lists, counts and pages exactly those that are shown.
 * V3 `latest` answers the newest reading that is shown. A new order changes it at once.
 * V4 Of a kind that is added up all readings are shown.
 */
const ORDER = '/api/sources/order';
const START = Date.parse('2026-03-20T10:00:00Z');
const SOURCES = ['App', 'app', 'manual', 'scale', 'watch'];
const NAMES = ['heart_rate', 'mood', 'water_intake', 'body_weight'];

interface Point {
  readonly name: string;
  readonly source: string;
  readonly second: number;
}

const points = fc.array(
  fc.record({
    name: fc.constantFrom(...NAMES),
    source: fc.constantFrom(...SOURCES),
    second: fc.integer({ min: 0, max: 200 }),
  }),
  { minLength: 1, maxLength: 25 },
);
const wireOf = ({ name, source, second }: Point, index: number): Wire =>
  reading(name, {
    measured_at: new Date(START + second * 1_000 + 250).toISOString(),
    source,
    external_id: `point-${index}`,
  });

describe.runIf(hasDatabase())('what is shown of several sources', () => {
  let app: TestApp;
  beforeAll(async () => {
    app = await TestApp.start();
  });
  afterAll(() => app.stop());

  const setOrder = async (api: Api, sources: readonly string[]): Promise<void> => {
    expect((await api.send('PUT', ORDER, { sources })).status).toBe(200);
  };
  /** Weights have a route of their own. */
  async function weigh(api: Api, { value, unit, measured_at, source, external_id }: Wire): Promise<void> {
    const weight = { weight_value: value, unit, timestamp: measured_at, source, external_id };
    expect((await api.post(WEIGHT, weight)).status).toBe(201);
  }
  const minuteOf = (one: Wire): number => Math.floor(Date.parse(one['measured_at']) / 60_000);
  /** As a person would decide. */
  function isShown(one: Wire, all: readonly Wire[], order: readonly string[]): boolean {
    if (one['metric'] === 'water_intake') return true;
    const rest = SOURCES.filter((source) => !order.includes(source) && source !== 'manual');
    const ranks = [...order, ...(order.includes('manual') ? [] : ['manual']), ...rest];
    const same = all.filter(
      (other) => other['metric'] === one['metric'] && minuteOf(other) === minuteOf(one),
    );
    return same.every((other) => ranks.indexOf(other['source']) >= ranks.indexOf(one['source']));
  }
  const idsOf = (rows: readonly Wire[]): unknown[] => rows.map(({ id }) => id);

  it('V1 V2 V3 V4 follows the order of sources at once, and hides nothing that is not asked for', async () => {
    await fc.assert(
      fc.asyncProperty(
        points,
        fc.array(fc.shuffledSubarray(SOURCES), { minLength: 1, maxLength: 2 }),
        fc.infiniteStream(fc.nat()),
        async (given, orders, keys) => {
          const ada = await app.api.register();
          const uploads = given
            .map((one, index) => ({ one: wireOf(one, index), key: keys.next().value }))
            .toSorted((a, b) => a.key - b.key);
          const isWeight = ({ one }: { readonly one: Wire }): boolean => one['metric'] === 'body_weight';
          for (const { one } of uploads.filter(isWeight)) await weigh(ada, one);
          const others = uploads.filter((upload) => !isWeight(upload)).map(({ one }) => one);
          if (others.length > 0) await bulk(ada, others);
          for (const order of [[], ...orders]) {
            await setOrder(ada, order);
            const all = await listAll(ada, READINGS, 7);
            expect(all).toHaveLength(given.length);
            for (const one of all) expect(one['shown']).toBe(isShown(one, all, order));
            const expected = all.filter((one) => one['shown']);
            expect(await listAll(ada, `${READINGS}?shown=true`, 3)).toEqual(expected);
            const { body } = await ada.get(`${READINGS}?shown=true&limit=1`);
            expect(body['pagination'].total).toBe(expected.length);
            const latest = (await ada.get(`${READINGS}/latest`)).body['data'] as Wire[];
            for (const name of NAMES) {
              const own = all.filter(({ metric }) => metric === name);
              expect(await listAll(ada, `${READINGS}/${name}`)).toEqual(own);
              const shown = expected.filter(({ metric }) => metric === name);
              expect(await listAll(ada, `${READINGS}/${name}?shown=true`)).toEqual(shown);
              expect(idsOf(latest.filter(({ metric }) => metric === name))).toEqual(idsOf(shown.slice(0, 1)));
            }
          }
        },
      ),
      { seed: chooseSeed(), numRuns: 8 },
    );
  });

  it('V1 a deleted reading hides none, and a reading that moves shows what it has hidden', async () => {
    const ada = await app.api.register();
    const at = (second: number): string => new Date(START + second * 1_000).toISOString();
    const [first, second] = (await bulk(ada, [
      reading('heart_rate', { measured_at: at(59), source: 'manual' }),
      reading('heart_rate', { measured_at: at(0), source: 'watch' }),
    ])) as [Wire, Wire];
    const shown = async (): Promise<unknown[]> =>
      idsOf(await listAll(ada, `${READINGS}/heart_rate?shown=true`));
    expect(await shown()).toEqual([first['id']]);
    const path = `${READINGS}/heart_rate/${first['id']}`;
    await ada.patch(path, { measured_at: at(60) });
    expect(await shown()).toEqual([first['id'], second['id']]);
    await ada.patch(path, { measured_at: at(1) });
    expect(await shown()).toEqual([first['id']]);
    await ada.delete(path);
    expect(await shown()).toEqual([second['id']]);
  });

  it('V4 a kind of the person is shown by its own roll-up', async () => {
    const ada = await app.api.register();
    for (const [rollUp, count] of [
      ['sum', 2],
      ['last', 1],
    ] as const) {
      const { body: kind } = await ada.post('/api/custom-metrics', {
        name: rollUp,
        unit: 'x',
        roll_up: rollUp,
      });
      const metric = `custom:${kind['id']}`;
      const one = {
        metric,
        value: 1,
        unit: 'x',
        measured_at: new Date(START).toISOString(),
        time_zone: 'UTC',
      };
      await bulk(ada, [one, { ...one, source: 'watch' }]);
      for (const path of [`${READINGS}/${metric}?shown=true`, `${READINGS}?shown=true&kind=${metric}`])
        expect(await listAll(ada, path)).toHaveLength(count);
    }
  });
});
