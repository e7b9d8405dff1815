import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { instantText } from '../../src/platform/database/database.js';
import { UnitOfWork } from '../../src/platform/database/unit-of-work.js';
import type { Api } from '../support/api.js';
import { TestApp } from '../support/app.js';
import { hasDatabase } from '../support/database.js';
import { insert, metricRow, weightRow } from '../support/rows.js';
import { Device, mealFields, weightFields, type Wire } from '../support/sync.js';
import { until } from '../support/until.js';
import { longestTurn, RemoteClient, type RemoteRequest } from '../support/turns.js';

/** The longest time for which a request of one person may keep the process from serving others, in processor time. */
const MOST_MS = 50;
/** The shortest of these counts, because compiling and collecting garbage of other requests may fall into the others. */
const RUNS = 3;
const WEIGHTS = 100_000;
/** On each of two days: each within the one before it, or all together. */
const STEPS = 20_000;
const MEALS = 600;
const BATCH = 100;
const MINUTE = 60_000;

interface Attack {
  readonly what: string;
  readonly status?: number;
  readonly request: () => RemoteRequest | Promise<RemoteRequest>;
}

describe.runIf(hasDatabase())('a person who does the worst that the API allows lets others be served', () => {
  let app: TestApp;
  let client: RemoteClient;
  let files: string;
  let person: Api;
  let device: Device;
  const meals: Wire[] = [];
  beforeAll(async () => {
    app = await TestApp.start();
    client = new RemoteClient();
    files = mkdtempSync(join(tmpdir(), 'hale-fairness-'));
    person = await app.api.register();
    device = await new Device(person, 'phone').ready();
    for (let made = 0; made < MEALS; made += BATCH) {
      const batch = newMeals();
      await device.push(...batch);
      meals.push(...batch.map(({ id }) => ({ kind: 'meal', id, version: 1 })));
    }
    await addWeights();
    await addSteps('2026-01-05', (index) => index);
    await addSteps('2026-01-15', () => 0);
    await addMinute();
    await person.send('PUT', '/api/sources/order', { sources: ['scale', 'watch', 'app'] });
  });
  afterAll(async () => {
    client?.stop();
    if (files) rmSync(files, { recursive: true, force: true });
    await app?.stop();
  });

  const items = Array.from({ length: 50 }, (_, i) => ({
    name: `${'x'.repeat(76)} ${i}`,
    quantity: 80 + i,
    unit: 'pieces',
    energy_kcal: 300,
    protein_g: 1.5,
    carbs_g: 2.5,
    fat_g: 3.5,
  }));
  /** A hundred of these are almost 1 MiB, with as many values as a meal can have. */
  const largest = (title = 'x'.repeat(200)): Wire => mealFields({ title, note: 'é'.repeat(200), items });
  const newMeals = (): Wire[] => Array.from({ length: BATCH }, () => device.create('meal', largest()));
  const newWeights = (): Wire[] =>
    Array.from({ length: BATCH }, () => device.create('weight', weightFields(70)));

  const store = (sql: string, values: (string | number)[]): Promise<number> =>
    app.app.get(UnitOfWork).run(() => app.db.execute(sql, values));

  /** By SQL, because a hundred thousand take too long by requests. */
  async function add(table: string, count: number, rowOf: (index: number) => object): Promise<void> {
    const [{ seq = 0 } = {}] = await app.db.rows<{ seq: number }>(
      'SELECT seq FROM user_sequences WHERE user_id = ?',
      [person.userId],
    );
    const rows = Array.from({ length: count }, (_, i) => ({ ...rowOf(i + 1), seq: Number(seq) + 1 + i }));
    await insert(app, table, rows, 1_000);
    await store('UPDATE user_sequences SET seq = ? WHERE user_id = ?', [Number(seq) + count, person.userId]);
  }

  const addWeights = (): Promise<void> =>
    add('weight_entries', WEIGHTS, (index) => {
      const at = Date.UTC(2025, 0, 1) + index * MINUTE;
      const instant = instantText(new Date(at));
      return {
        ...weightRow(person.userId, index),
        timestamp: instant,
        updated_at: instant,
        measured_minute: at / MINUTE,
      };
    });

  const addSteps = (day: string, offsetOf: (index: number) => number): Promise<void> =>
    add('health_metrics', STEPS, (index) => {
      const offset = offsetOf(index);
      const [from, to] = [offset, 86_400_000 - offset].map((ms) =>
        instantText(new Date(Date.parse(day) + ms)),
      );
      return {
        ...metricRow(person.userId, index),
        metric: 'steps',
        value: 7,
        canonical_value: 7,
        unit: 'steps',
        local_date: day,
        measured_at: from,
        updated_at: from,
        ended_at: to,
        source: `source-${index % 5}`,
      };
    });

  /** Of one minute, from two sources: the one that comes first has its readings at the end of the list. */
  const addMinute = (): Promise<void> =>
    add('health_metrics', STEPS, (index) => {
      const instant = instantText(new Date(Date.UTC(2026, 1, 5) + index));
      return {
        ...metricRow(person.userId, 2 * STEPS + index),
        measured_at: instant,
        updated_at: instant,
        measured_minute: Date.UTC(2026, 1, 5) / MINUTE,
        source: index <= STEPS / 2 ? 'watch' : 'phone',
      };
    });

  const get = (path: string): RemoteRequest => ({ url: app.url + path, headers: person.headers });
  let sent = 0;
  function postText(path: string, type: string, body: string): RemoteRequest {
    const file = join(files, `${sent++}`);
    writeFileSync(file, body);
    return {
      url: app.url + path,
      method: 'POST',
      headers: { ...person.headers, 'content-type': type },
      file,
    };
  }
  const post = (path: string, body: unknown): RemoteRequest =>
    postText(path, 'application/json', JSON.stringify(body));
  const push = (mutations: unknown[], { id, epoch } = device): RemoteRequest =>
    post('/api/sync/push', { client_id: id, epoch, mutations });
  const editsOf = (author: Device, title: string, values: Wire = {}): Wire[] =>
    meals.slice(0, BATCH).map((meal) => author.update(meal, largest(title), values));

  async function uncountedDigest(): Promise<RemoteRequest> {
    const sql = 'UPDATE user_sequences SET digests = NULL, digest_count = NULL WHERE user_id = ?';
    await store(sql, [person.userId]);
    return get('/api/sync/digest');
  }
  async function conflictingPush(): Promise<RemoteRequest> {
    const other = await new Device(person, `other-${sent}`).ready();
    return push(editsOf(other, `By another device ${sent}`, { base_version: 1 }), other);
  }

  /** Each is read as far as it is looked at before its upload is answered. */
  const tables = {
    'very many columns': `date,weight (kg),${Array.from({ length: 16_000 }, (_, i) => i.toString(36)).join(',')}`,
    'rows that are none': `date,weight (kg)\n${'"a\n'.repeat(21_000)}`,
    'one row of very many marks': `date,weight (kg)\n${'"a"b,'.repeat(13_000)}\n`,
  };
  async function upload(table: string): Promise<RemoteRequest> {
    // A person has one import under way at a time.
    await until(async () => {
      const { body } = await person.get('/api/imports?limit=1');
      return (body['data'] as Wire[]).every((one) => one['finished_at'] !== null);
    });
    const frame = [
      '--x',
      'Content-Disposition: form-data; name="file"; filename="a.csv"',
      '',
      table,
      '--x--',
      '',
    ];
    return postText('/api/imports?dry_run=true', 'multipart/form-data; boundary=x', frame.join('\r\n'));
  }

  const attacks: Attack[] = [
    { what: 'a digest that must be counted', request: uncountedDigest },
    { what: 'the first page of all records', request: () => get('/api/sync/pull?limit=1000') },
    { what: 'the first page of weights', request: () => get('/api/sync/pull?limit=1000&kinds=weight') },
    {
      what: 'the first page of the largest meals',
      request: () => get('/api/sync/pull?limit=1000&kinds=meal'),
    },
    { what: 'a page of simple sync', request: () => get('/api/health-metrics/weight/sync?limit=500') },
    { what: 'the status', request: () => get('/api/sync/status') },
    { what: 'a list of weights', request: () => get('/api/health-metrics/weight?limit=500') },
    {
      what: 'a list of a long period',
      request: () => get('/api/health-metrics/weight?limit=500&since=2000-01-01T00:00:00Z'),
    },
    {
      what: 'a deep list of weights',
      request: () => get('/api/health-metrics/weight?limit=500&offset=10000'),
    },
    { what: 'a list of the largest meals', request: () => get('/api/meals?limit=500') },
    { what: 'a summary of meals', request: () => get('/api/meals/summary?from=2025-06-01&to=2026-05-31') },
    {
      what: 'the sum of a day with very many readings',
      request: () => get('/api/health-metrics/steps/summary?from=2026-01-05&to=2026-01-05'),
    },
    {
      what: 'the sum of a day on which all begin together',
      request: () => get('/api/health-metrics/steps/summary?from=2026-01-15&to=2026-01-15'),
    },
    {
      what: 'why they count',
      request: () => get('/api/health-metrics/steps/summary?from=2026-01-05&to=2026-01-05&explain=true'),
    },
    ...[
      '/heart_rate?',
      '/heart_rate?shown=true',
      '/heart_rate?shown=true&offset=9000',
      '?shown=true',
      '?shown=true&offset=10000',
      '/latest?',
    ].map((query) => ({
      what: `${query} of very many readings of one minute`,
      request: () => get(`/api/health-metrics${query}&limit=500`.replace('/latest?&limit=500', '/latest')),
    })),
    ...Object.entries(tables).map(([what, table]) => ({
      what: `the upload of a table of ${what}`,
      status: 202,
      request: () => upload(table),
    })),
    { what: 'a push of 100 weights', request: () => push(newWeights()) },
    { what: 'a push of 100 new meals', request: () => push(newMeals()) },
    { what: 'a push of 100 edits', request: () => push(editsOf(device, `Edit ${sent}`)) },
    { what: 'a push of 100 conflicts', request: conflictingPush },
    { what: 'a list of large conflicts', request: () => get('/api/sync/conflicts?limit=500') },
    { what: 'the status with many conflicts', request: () => get('/api/sync/status') },
    {
      what: 'a body of empty objects',
      status: 400,
      request: () => push(Array.from({ length: 340_000 }, () => ({}))),
    },
    { what: 'a body of numbers', status: 422, request: () => push(Array(500_000).fill(0)) },
  ];

  it('has the exact total of a long list, of a long period of it, and of a short one', async () => {
    const total = async (query: string) =>
      (await person.get(`/api/health-metrics/weight?limit=1${query}`)).body['pagination'].total as number;
    // One a minute, the first at 00:01.
    expect([
      await total(''),
      await total('&since=2025-01-02T00:00:00Z'),
      await total('&until=2025-01-15T21:20:00Z'),
      await total('&since=2025-01-01T00:00:00Z&until=2025-01-01T01:00:00Z'),
    ]).toEqual([WEIGHTS, WEIGHTS - 1_439, 21_439, 59]);
  });

  it.each(attacks)('during $what', async ({ what, status = 200, request }) => {
    const turns: number[] = [];
    for (let run = 0; run < RUNS; run++) {
      const made = await request();
      turns.push(await longestTurn(async () => expect(await client.send(made)).toMatchObject({ status })));
    }
    expect(Math.min(...turns), `${what} took ${turns.join(' ms, ')} ms`).toBeLessThan(MOST_MS);
  });
});
