import { beforeEach, describe, expect, it } from 'vitest';
import * as definitions from '../src/definitions.generated.js';
import { createClient } from '../src/hale.js';
import { MemoryStorage } from '../src/storage/memory.js';
import { quiet } from './support/runtime.js';
import { type Phone, soup, weight, World } from './support/world.js';

let world: World;
let phone: Phone;
beforeEach(async () => {
  world = new World();
  phone = await world.phone();
});

const on = (day: string, value: number) => ({ ...weight(value), timestamp: `2026-01-${day}T07:00:00.000Z` });

describe('a query', () => {
  const list = async (query: Parameters<typeof weights>[0]) =>
    (await weights(query)).map(({ fields }) => fields.weight_value);
  const weights = (query: {
    by?: 'weight_value';
    from?: any;
    to?: any;
    order?: 'asc' | 'desc';
    limit?: number;
  }) => phone.hale.records('weight').list(query);

  beforeEach(async () => {
    for (const [day, value] of [
      ['03', 70],
      ['01', 90],
      ['02', 80],
    ] as const)
      await phone.hale.records('weight').create(on(day, value));
  });

  it.each([
    ['everything by its time', {}, [90, 80, 70]],
    ['the newest first', { order: 'desc' }, [70, 80, 90]],
    ['the newest', { order: 'desc', limit: 1 }, [70]],
    ['from an instant, which is included', { from: '2026-01-02T07:00:00Z' }, [80, 70]],
    ['the same instant with another offset', { from: '2026-01-02T08:00:00+01:00' }, [80, 70]],
    ['to an instant, which is not', { to: new Date('2026-01-02T07:00:00Z') }, [90]],
    ['a range', { from: '2026-01-02T00:00:00Z', to: '2026-01-03T00:00:00Z' }, [80]],
    ['by another field', { by: 'weight_value', from: 75 }, [80, 90]],
    ['none', { limit: 0 }, []],
  ] as const)('finds %s', async (_, query, expected) => {
    expect(await list(query)).toEqual(expected);
  });

  it('includes waiting edits', async () => {
    const [first] = await phone.hale.records('weight').list({ limit: 1 });
    await phone.hale.records('weight').update(first!.id, { timestamp: '2026-01-09T07:00:00Z' });
    expect(await list({})).toEqual([80, 70, 90]);
  });

  it('refuses an ambiguous bound', async () => {
    await expect(list({ from: '2026-01-02' })).rejects.toMatchObject({ code: 'invalid' });
    await expect(list({ to: '2026-01-02T07:00' })).rejects.toMatchObject({ code: 'invalid' });
  });

  it('sorts records without a value last, and has them in no range', async () => {
    const meals = phone.hale.records('meal');
    await meals.create({ ...soup, title: null });
    await meals.create({ ...soup, title: 'Stew' });
    const titles = async (query: object) =>
      (await meals.list({ by: 'title', ...query })).map(({ fields }) => fields.title);
    expect(await titles({ order: 'desc' })).toEqual(['Stew', null]);
    expect(await titles({ from: 'A' })).toEqual(['Stew']);
  });
});

describe('observed records', () => {
  it('are read again whenever they may have changed, also by a pull', async () => {
    const { subscribe, get } = phone.hale.records('weight').observe({ order: 'desc', limit: 1 });
    const seen: unknown[] = [];
    const end = subscribe(({ data }) => data && seen.push(data.map(({ fields }) => fields.weight_value)));
    expect(get()).toEqual({ isLoading: true });
    await quiet();
    await phone.hale.records('weight').create(on('01', 70));
    await quiet();
    const other = await world.phone();
    await other.hale.records('weight').create(on('02', 80));
    await other.hale.sync();
    await phone.hale.sync();
    await quiet();
    expect(seen[0]).toEqual([]);
    expect(seen).toContainEqual([70]);
    expect(seen.at(-1)).toEqual([80]);
    expect(get()).toBe(get());
    end();
    end();
    const before = seen.length;
    await phone.hale.records('weight').create(on('03', 90));
    await quiet();
    expect(seen).toHaveLength(before);
  });

  it('report why they could not be read, and keep the earlier records', async () => {
    const observed = phone.hale.records('weight').observe({ from: 'yesterday' });
    const end = observed.subscribe(() => undefined);
    await quiet();
    expect(observed.value).toMatchObject({ isLoading: false, error: { code: 'invalid' } });
    end();
  });
});

it('methods work without their object', async () => {
  const { create, list } = phone.hale.records('weight');
  const { subscribe, get } = phone.hale.status;
  const { sync, records } = phone.hale;
  const { list: needsAttention } = phone.hale.needsAttention;
  const phases: string[] = [];
  const end = subscribe(({ phase }) => phases.push(phase));
  await create(weight(80));
  await sync();
  end();
  expect(get()).toBe(phone.hale.status.value);
  expect(get()).toMatchObject({ upToDate: true });
  expect(phases).toContain('pushing');
  expect(await list()).toHaveLength(1);
  expect(records('meal').kind).toBe('meal');
  expect(await needsAttention()).toEqual([]);
});

describe('a kind', () => {
  it.each([
    ['a name', 'custom_metric'],
    ['an export that does not exist', undefined],
    ['something else', { kind: 'weight', groups: [], fields: null }],
  ])(
    'that is given as %s is a type error, and at run time one that says what to import',
    async (_, given) => {
      const opening = createClient({
        url: 'http://hale.test',
        storage: new MemoryStorage(),
        // @ts-expect-error It is no definition.
        kinds: [definitions.weight, given],
      });
      await expect(opening).rejects.toMatchObject({
        code: 'unknown-kind',
        message: expect.stringContaining("definitions from '@hale/client/kinds'"),
      });
    },
  );

  it('that this client did not declare is an error, too', async () => {
    const { fetch } = world.server;
    const storage = new MemoryStorage();
    const hale = await createClient({
      url: 'http://hale.test',
      storage,
      kinds: [definitions.weight],
      runtime: { fetch },
    });
    // @ts-expect-error The client was made for weights.
    expect(() => hale.records('meal')).toThrow('meal is not among the kinds of this client (weight)');
    const id = '0195f000-0000-7000-8000-000000000001';
    // @ts-expect-error The same in a group.
    const group = hale.together([{ kind: 'meal', id, op: 'create', fields: soup }]);
    await expect(group).rejects.toMatchObject({ code: 'unknown-kind' });
    await hale.close();
  });
});
