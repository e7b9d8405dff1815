import { randomUUID } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { build } from 'esbuild';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import * as definitions from '../src/definitions.generated.js';
import { createClient } from '../src/hale.js';
import { checkReading, type Health, healthOf } from '../src/health.js';
import type { HealthMetricFields } from '../src/kinds.generated.js';
import { MemoryStorage } from '../src/storage/memory.js';
import { FIRST_ORDER_ID } from '../../../src/modules/health/sources/source-orders.record.js';
import { type Api, PASSWORD } from '../../../test/support/api.js';
import { TestApp } from '../../../test/support/app.js';
import { hasDatabase } from '../../../test/support/database.js';
import { chooseSeed, seededRandom } from '../../../test/support/random.js';
import { bulk, reading, writtenKinds } from '../../../test/support/readings.js';
import type { Wire } from '../../../test/support/sync.js';

const READINGS = '/api/health-metrics';
const MINUTE = 60_000;
/** Around the end of summer time in Europe: one local day has 25 hours. */
const START = Date.parse('2025-10-22T00:00:00Z');
const DAYS = 8;
const PERIODS = [
  { from: '2025-10-20', to: '2025-11-02' },
  { from: '2025-10-25', to: '2025-10-26' },
  { from: '2025-10-27', to: '2025-10-27' },
] as const;
const SOURCES = ['manual', 'watch', 'phone', 'ring'];
const ZONES = [
  'Europe/Berlin',
  'Asia/Kathmandu',
  'America/New_York',
  'Pacific/Kiritimati',
  'Pacific/Niue',
  'UTC',
];
const BUCKETS = ['hour', 'day', 'week', 'month'] as const;

describe.runIf(hasDatabase())('health, from the copy of a phone', () => {
  let app: TestApp;
  let opened: { close(): Promise<void> }[] = [];
  beforeAll(async () => {
    app = await TestApp.start();
  });
  afterEach(async () => {
    for (const hale of opened) await hale.close();
    opened = [];
  });
  afterAll(() => app.stop());

  /** A phone of a person. `isOnline` says whether it reaches the service. */
  async function phone(person: Api, isOnline: (request: Request) => boolean = () => true) {
    const fetchOnline = (request: Request): Promise<Response> =>
      isOnline(request) ? fetch(request) : Promise.reject(new TypeError('there is no connection'));
    const hale = await createClient({
      url: app.url,
      storage: new MemoryStorage(),
      kinds: Object.values(definitions),
      realtime: false,
      runtime: { fetch: fetchOnline },
    });
    opened.push(hale);
    await hale.login({ email: person.account['email'] as string, password: PASSWORD });
    return { hale, health: healthOf(hale) };
  }

  /** What the service answers, without what is not synced. */
  const answered = async (person: Api, path: string): Promise<Wire> => {
    const { status, body } = await person.get(`${READINGS}/${path}`);
    expect([path, status]).toEqual([path, 200]);
    return body;
  };
  const latestOf = async (person: Api): Promise<Wire> => {
    const { data, ...rest } = await answered(person, 'latest');
    for (const one of data as Wire[]) delete one['created_at'];
    return { ...rest, data };
  };

  async function expectSame(person: Api, health: Health, metrics: readonly string[]): Promise<void> {
    for (const metric of metrics)
      for (const { from, to } of PERIODS)
        for (const bucket of BUCKETS) {
          const own = await health.summary(metric, { from, to, bucket });
          const theirs = await answered(person, `${metric}/summary?from=${from}&to=${to}&bucket=${bucket}`);
          expect([metric, from, bucket, own]).toEqual([metric, from, bucket, theirs]);
        }
    expect(await health.latest()).toEqual(await latestOf(person));
    expect(await health.kinds()).toEqual(await answered(person, 'kinds'));
  }

  it.each([1, 2, 3])('sums as the service does, whatever overlaps and however it arrived: %i', async () => {
    const random = seededRandom(chooseSeed());
    const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T;
    const person = await app.api.register({ time_zone: 'Europe/Berlin' });
    const { hale, health } = await phone(person);
    const coffee = await hale
      .records('custom_metric')
      .create({ name: 'Coffee', unit: 'cups', roll_up: 'sum' });
    const metrics = [
      'steps',
      'active_energy',
      'water_intake',
      'heart_rate',
      'blood_pressure',
      'body_temperature',
      'blood_glucose',
      'body_height',
      'body_weight',
      `custom:${coffee}`,
    ];

    const at = (): number => START + Math.floor(random() * DAYS * 24 * 60) * MINUTE;
    function randomReading(): HealthMetricFields {
      const metric = pick(metrics.filter((name) => name !== 'body_weight'));
      const start = at();
      const time_zone = pick(['Europe/Berlin', 'Europe/Berlin', 'Asia/Kathmandu', 'America/New_York']);
      const place = {
        measured_at: new Date(start).toISOString(),
        time_zone,
        source: pick(SOURCES),
      };
      if (metric.startsWith('custom:'))
        return { metric, unit: 'cups', value: Math.round(random() * 40) / 8, ...place } as HealthMetricFields;
      const whole = { unit: pick(['', '', metric === 'active_energy' ? 'kJ' : '']) };
      const ended = new Date(start + (1 + Math.floor(random() * 180)) * MINUTE).toISOString();
      const base = reading(metric, {
        ...place,
        ...(whole.unit && { unit: whole.unit, value: Math.round(random() * 9_000) / 7 }),
      });
      const { value } = base;
      // Some glucose is below its target, and some above.
      const spread = metric === 'blood_glucose' ? random() : 0.9 + random() / 10;
      return {
        ...base,
        ...(typeof value === 'number' && { value: value * Math.max(spread, 0.15) }),
        ...('ended_at' in base && { ended_at: ended }),
      } as unknown as HealthMetricFields;
    }
    const create = () => hale.records('health_metric').create(randomReading());
    const weigh = (time = at()) =>
      hale.records('weight').create({
        weight_value: 70 + Math.round(random() * 100) / 10,
        unit: pick(['kg', 'kg', 'st']) === 'kg' ? 'kg' : 'lb',
        timestamp: new Date(time).toISOString(),
        ...(random() < 0.7 && { source: pick(SOURCES), device: 'Scale', time_zone: pick(ZONES) }),
      });

    const ids: string[] = [];
    for (let count = 0; count < 120; count++) ids.push(await create());
    for (let count = 0; count < 10; count++) await weigh();
    // Of the newest minute, one source is shown.
    for (let count = 0; count < 6; count++) await weigh(START + DAYS * 24 * 60 * MINUTE + count * 1_000);
    await hale.sync();
    await bulk(
      person,
      Array.from({ length: 200 }, () => ({ ...randomReading(), id: randomUUID() })),
    );
    for (const id of ids.slice(0, 10)) await hale.records('health_metric').delete(id);
    // Of another kind perhaps, so nothing of the old values may stay.
    const nothing = { value: null, components: null, ended_at: null, context: null, external_id: null };
    for (const id of ids.slice(10, 30))
      await hale.records('health_metric').update(id, { ...nothing, ...randomReading() });
    await hale.sync();
    expect(hale.status.value).toMatchObject({ upToDate: true });
    await expectSame(person, health, metrics);

    // Some sources in some order, of the person's phone and by REST; the order that is stored last counts.
    const sums = ['steps', 'active_energy', 'water_intake', `custom:${coffee}`];
    const anyOrder = (): string[] => {
      const keyed = [...SOURCES, 'scale'].map((source) => ({ source, key: random() }));
      const sorted = keyed.toSorted((a, b) => a.key - b.key).map(({ source }) => source);
      return sorted.slice(0, Math.floor(random() * (sorted.length + 1)));
    };
    for (const from of ['phone', 'service', 'phone', 'another phone']) {
      const sources = anyOrder();
      if (from === 'service')
        expect((await person.put('/api/sources/order', { sources })).status).toBeLessThan(300);
      else if (from === 'phone') await hale.records('source_order').put(FIRST_ORDER_ID, { sources });
      else await hale.records('source_order').create({ sources });
      await hale.sync();
      expect(hale.status.value).toMatchObject({ upToDate: true });
      await expectSame(person, health, sums);
    }
  });

  it.each([1, 2, 3])('keeps a weight on the day of the zone in which it was made: %i', async () => {
    const random = seededRandom(chooseSeed());
    const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T;
    let isOnline = true;
    const person = await app.api.register({ time_zone: pick(ZONES) });
    const { hale, health } = await phone(person, () => isOnline);
    const weights = hale.records('weight');
    const timestamp = (): string =>
      new Date(START + Math.floor(random() * DAYS * 24 * 60) * MINUTE).toISOString();
    const ids: string[] = [];
    const edit = async (): Promise<void> => {
      const [dice, id] = [random(), pick(ids)];
      if (dice < 0.5 || ids.length === 0)
        ids.push(
          await weights.create({ weight_value: 70 + ids.length / 8, unit: 'kg', timestamp: timestamp() }),
        );
      else if (dice < 0.9) await weights.update(id, { timestamp: timestamp() });
      else {
        await weights.delete(id);
        ids.splice(ids.indexOf(id), 1);
      }
    };
    const summaries = () =>
      Promise.all(
        PERIODS.flatMap((period) =>
          BUCKETS.map(async (bucket) => (await health.summary('body_weight', { ...period, bucket })).data),
        ),
      );
    for (let round = 0; round < 8; round += 1) {
      // By another device, or by the app itself.
      const time_zone = pick(ZONES);
      if (random() < 0.5) {
        await person.patch('/api/users/me', { time_zone });
        await hale.profile();
      } else await hale.api.PATCH('/api/users/me', { body: { time_zone } });
      expect(hale.user).toMatchObject({ time_zone });
      isOnline = false;
      for (let count = 0; count < 4; count += 1) await edit();
      await hale.sync();
      const offline = await summaries();
      isOnline = true;
      await hale.sync();
      expect(hale.status.value).toMatchObject({ upToDate: true });
      expect(await summaries()).toEqual(offline);
      await expectSame(person, health, ['body_weight']);
    }
  });

  it('knows the day of an edit that the service has, before it pulls what follows from it', async () => {
    const person = await app.api.register({ time_zone: 'Asia/Tokyo' });
    let pulls = Infinity;
    const { hale, health } = await phone(person, ({ url }) => !url.includes('/sync/pull') || pulls-- > 0);
    const weights = hale.records('weight');
    const id = await weights.create({ weight_value: 80, unit: 'kg', timestamp: '2025-10-25T12:00:00Z' });
    const steps = reading('steps', { measured_at: '2025-10-25T12:00:00Z', ended_at: '2025-10-25T13:00:00Z' });
    const walk = await hale.records('health_metric').create(steps as unknown as HealthMetricFields);
    await hale.sync();
    await person.patch('/api/users/me', { time_zone: 'America/New_York' });
    await weights.update(id, { timestamp: '2025-10-26T18:00:00Z' });
    await hale.records('health_metric').update(walk, {
      measured_at: '2025-10-27T12:00:00Z',
      ended_at: '2025-10-27T13:00:00Z',
    });
    // That after the push fails.
    pulls = 1;
    await hale.sync();
    pulls = Infinity;
    expect(await weights.get(id)).toMatchObject({ pending: false, outdated: true });
    const days = { from: '2025-10-24', to: '2025-10-29' };
    const seen = async (metric: string) =>
      (await health.summary(metric, days)).data.map((one) => one.local_date);
    expect([await seen('body_weight'), await seen('steps')]).toEqual([['2025-10-27'], ['2025-10-27']]);
    await hale.sync();
    await expectSame(person, health, ['body_weight', 'steps']);
  });

  it('lists own kinds as the service does, whatever their ids are', async () => {
    const person = await app.api.register();
    const { hale, health } = await phone(person);
    for (let count = 0; count < 6; count += 1) {
      const id = randomUUID();
      await hale.records('custom_metric').put(id, { name: `Kind ${count}`, unit: 'cups', roll_up: 'sum' });
      await hale.records('health_metric').create({
        metric: `custom:${id}`,
        unit: 'cups',
        value: count,
        measured_at: '2026-01-06T06:40:00.000Z',
        time_zone: 'Europe/Vienna',
        source: 'manual',
      });
      await hale.sync();
    }
    expect(hale.status.value).toMatchObject({ upToDate: true });
    await expectSame(person, health, []);
  });

  it('the example of the guide works', async () => {
    const guide = await readFile('docs/health.md', 'utf8');
    const [, example = ''] = /```ts\n(.*?)```/s.exec(guide) ?? [];
    const { outputFiles } = await build({
      stdin: {
        contents: `const { url, storage, show } = globalThis.guide;\n${example}\nawait hale.close();`,
        resolveDir: process.cwd(),
        loader: 'ts',
      },
      alias: {
        '@hale/client/health': resolve('clients/typescript/src/health.ts'),
        '@hale/client': resolve('clients/typescript/src/index.ts'),
      },
      bundle: true,
      write: false,
      format: 'esm',
      platform: 'node',
    });
    const directory = await mkdtemp(join(tmpdir(), 'hale-guide-'));
    const file = join(directory, 'guide.mjs');
    await writeFile(file, outputFiles[0]?.text ?? '');
    const show = vi.fn<(answer: unknown) => void>();
    vi.stubGlobal('guide', { url: app.url, storage: new MemoryStorage(), show });
    try {
      await import(file);
      expect(show).toHaveBeenCalledWith({ isLoading: true });
    } finally {
      vi.unstubAllGlobals();
      await rm(directory, { recursive: true });
    }
  });

  it('works without a connection, with edits that are not sent yet, and agrees when they are', async () => {
    let isOnline = true;
    const person = await app.api.register({ time_zone: 'America/New_York' });
    const { hale, health } = await phone(person, () => isOnline);
    await bulk(person, [
      reading('steps', {
        measured_at: '2025-10-26T10:00:00Z',
        ended_at: '2025-10-26T11:00:00Z',
        value: 600,
        source: 'phone',
      }),
    ]);
    await hale.sync();
    isOnline = false;
    const readings = hale.records('health_metric');
    const steps = reading('steps', {
      measured_at: '2025-10-26T10:30:00.000Z',
      ended_at: '2025-10-26T11:30:00.000Z',
      value: 600,
      source: 'watch',
    });
    const id = await readings.create(steps as unknown as HealthMetricFields);
    await readings.create(reading('body_height', { unit: 'm', value: 1.8 }) as unknown as HealthMetricFields);
    await readings.create(
      reading('blood_pressure', {
        unit: 'kPa',
        components: { systolic: 30, diastolic: 10.9 },
      }) as unknown as HealthMetricFields,
    );
    await hale.records('weight').create({ weight_value: 180, unit: 'lb', timestamp: '2025-10-27T01:30:00Z' });
    await hale.sync();
    expect(hale.status.value.pendingCount).toBeGreaterThan(0);
    const day = { from: '2025-10-26', to: '2025-10-26' };
    const offline = await health.summary('steps', day);
    // The phone comes before the watch by name, so half of the watch's hour is left.
    expect(offline.data).toMatchObject([{ local_date: '2025-10-26', value: 900, count: 2 }]);
    const shown = await health.latest();
    expect(shown.data.find(({ metric }) => metric === 'blood_pressure')).toMatchObject({
      flags: ['implausible'],
      local_date: '2026-01-06',
      utc_offset_min: 60,
    });
    expect(shown.body_mass_index).toMatchObject({ value: 25.2, weight: { value: 180, unit: 'lb' } });
    expect((await health.summary('body_weight', day)).data).toMatchObject([
      { local_date: '2025-10-26', count: 1 },
    ]);
    isOnline = true;
    await hale.sync();
    expect(hale.status.value.upToDate).toBe(true);
    expect(await health.summary('steps', day)).toEqual(offline);
    await expectSame(person, health, ['steps', 'blood_pressure', 'body_height', 'body_weight']);
    await readings.delete(id);
    expect((await health.summary('steps', day)).data).toMatchObject([{ value: 600, count: 1 }]);
  });

  it('checks a reading as the service does, in the same words', async () => {
    const person = await app.api.register();
    const interval = { measured_at: '2026-01-06T06:40:00.000Z', ended_at: '2026-01-06T06:40:00.000Z' };
    const pressure = { value: null, components: { systolic: 80, diastolic: 120, pulse: 900 } };
    const wrong: Wire[] = [
      ...writtenKinds.map(({ name }) => reading(name, { unit: 'bananas' })),
      ...writtenKinds
        .filter(({ components }) => components.length === 0)
        .flatMap(({ name, units }) =>
          units.flatMap(({ unit }) => [-1e6, 1e6].map((value) => reading(name, { unit, value }))),
        ),
      reading('heart_rate', { value: null }),
      reading('heart_rate', { context: 'asleep' }),
      reading('heart_rate', { tags: ['x'], ...interval }),
      reading('heart_rate', { components: { systolic: 120, diastolic: 80 } }),
      reading('steps', interval),
      reading('steps', { ended_at: null }),
      reading('steps', { ended_at: '2026-01-07T09:00:00.000Z', context: 'x' }),
      reading('blood_pressure', pressure),
      reading('blood_pressure', { ...pressure, components: { systolic: 80, diastolic: 120 } }),
      reading('blood_pressure', { value: 120, components: null }),
      reading('bmi', { source: 'manual' }),
      reading('mood', { metric: 'aura' }),
      reading('mood', { metric: 'body_weight' }),
      reading('mood', {
        metric: `custom:${randomUUID()}`,
        value: null,
        context: 'x',
        ...interval,
        tags: ['x'],
      }),
    ];
    const said = wrong.map((fields) => checkReading(fields as unknown as HealthMetricFields));
    expect(said.filter((faults) => faults.length === 0)).toEqual([]);
    // A bulk request names the first fault, and cuts what it says of it.
    const rejected = said.map(([fault]) => {
      const { field, code, message } = fault!;
      return { status: 'rejected', error: { field, code, message: message.slice(0, 300) } };
    });
    expect(wrong.length).toBeLessThan(500);
    expect(await bulk(person, wrong)).toMatchObject(rejected);
    const few = wrong.slice(-14);
    const answers = await Promise.all(few.map((fields) => person.post(READINGS, fields)));
    expect(answers.map(({ status, body }) => [status, body['errors'][0]])).toEqual(
      said.slice(-14).map(([fault]) => [422, fault]),
    );
    const right = writtenKinds.map(({ name }) => reading(name, { source: 'watch' }));
    for (const fields of [...right, reading('mood', { tags: ['x'] })])
      expect(checkReading(fields as unknown as HealthMetricFields)).toEqual([]);
    expect((await bulk(person, right)).map(({ status }) => status)).toEqual(right.map(() => 'created'));
  });

  it('is read again when a record changes', async () => {
    const { hale, health } = await phone(await app.api.register());
    const weights = health.observe(async (own) => (await own.latest()).data.map(({ value }) => value));
    const seen: unknown[] = [];
    const end = weights.subscribe(({ data }) => seen.push(data));
    await hale.records('weight').create({ weight_value: 80, unit: 'kg', timestamp: '2026-01-06T06:40:00Z' });
    await expect.poll(() => seen.at(-1), { timeout: 20_000 }).toEqual([80]);
    end();
  });

  it('refuses a wrong period and an unknown kind, and needs the kinds of records that it reads', async () => {
    const { hale, health } = await phone(await app.api.register());
    const day = { from: '2026-01-06', to: '2026-01-06' };
    for (const period of [
      { from: '2026-01-06', to: '2026-01-05' },
      { from: '2026-01-01', to: '2026-03-01', bucket: 'hour' as const },
      { from: 'today', to: '2026-01-05' },
    ])
      await expect(health.summary('steps', period)).rejects.toMatchObject({ code: 'invalid' });
    await expect(health.summary('bananas', day)).rejects.toMatchObject({ code: 'not-found' });
    await expect(health.summary(`custom:${randomUUID()}`, day)).rejects.toMatchObject({ code: 'not-found' });
    expect((await health.summary('steps', day)).data).toEqual([]);
    await hale.close();
    const poor = await createClient({
      url: app.url,
      storage: new MemoryStorage(),
      kinds: [definitions.weight],
    });
    opened = [poor];
    // @ts-expect-error The client lacks kinds, which its type says.
    expect(() => healthOf(poor)).toThrow(expect.objectContaining({ code: 'unknown-kind' }));
    const withoutOrder = await createClient({
      url: app.url,
      storage: new MemoryStorage(),
      kinds: [definitions.customMetric, definitions.healthMetric, definitions.weight],
    });
    opened.push(withoutOrder);
    // @ts-expect-error Sums need the person's order of sources.
    expect(() => healthOf(withoutOrder)).toThrow(/source_order/);
  });
});
