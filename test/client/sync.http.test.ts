import { randomUUID } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { build } from 'esbuild';
import { WebSocket } from 'ws';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { createClient, type Hale } from '../../clients/typescript/src/hale.js';
import type { MealFields, WeightFields } from '../../clients/typescript/src/kinds.js';
import { type Runtime, systemRuntime } from '../../clients/typescript/src/runtime.js';
import { FileStorage } from '../../clients/typescript/src/storage/file.js';
import { MemoryStorage } from '../../clients/typescript/src/storage/memory.js';
import type { Storage } from '../../clients/typescript/src/storage/storage.js';
import { claimsOf, epoch, forge } from '../http/auth/support.js';
import { UnitOfWork } from '../../src/platform/database/unit-of-work.js';
import { EpochsService } from '../../src/modules/sync/epochs.service.js';
import { RetentionService } from '../../src/modules/sync/retention.service.js';
import { DAY, MINUTE, TestClock } from '../support/clock.js';
import { PASSWORD } from '../support/api.js';
import { TestApp } from '../support/app.js';
import { hasDatabase } from '../support/database.js';

const weight = (value: number, timestamp = '2026-01-06T20:30:00.000Z'): WeightFields => ({
  weight_value: value,
  unit: 'kg',
  timestamp,
});

const meal = (title: string): MealFields => ({
  eaten_at: '2026-01-06T18:30:00.000Z',
  time_zone: 'Europe/Vienna',
  meal_type: 'dinner',
  title,
  note: null,
  items: [],
});

const IDLE = { phase: 'idle' };

describe.runIf(hasDatabase())('the client, against the service', () => {
  const clock = new TestClock();
  let app: TestApp;
  let directory: string;
  let email: string;
  let opened: Hale[] = [];

  beforeAll(async () => {
    app = await TestApp.start({ override: clock.install });
    directory = await mkdtemp(join(tmpdir(), 'hale-client-'));
  });
  afterAll(async () => {
    await rm(directory, { recursive: true, force: true });
    await app?.stop();
  });
  beforeEach(async () => {
    email = `${randomUUID()}@example.org`;
    await app.api.post('/api/auth/register', { email, password: PASSWORD });
  });
  afterEach(async () => {
    for (const hale of opened) await hale.close().catch(() => undefined);
    opened = [];
  });

  const kinds = ['weight', 'meal'];

  async function open(storage: Storage = new MemoryStorage(), runtime?: Partial<Runtime>): Promise<Hale> {
    const hale = await createClient({
      url: app.url,
      storage,
      kinds: [...kinds],
      ...(runtime && { runtime }),
    });
    opened.push(hale);
    return hale;
  }

  async function phone(storage?: Storage, runtime?: Partial<Runtime>): Promise<Hale> {
    const hale = await open(storage, runtime);
    await hale.login({ email, password: PASSWORD });
    return hale;
  }

  async function syncAll(...phones: Hale[]): Promise<void> {
    for (let round = 0; round < 2; round += 1)
      for (const hale of phones) expect(await hale.sync()).toEqual(IDLE);
  }

  const shown = async (hale: Hale): Promise<Record<string, unknown>> => ({
    weight: await plain(hale, 'weight'),
    meal: await plain(hale, 'meal'),
  });
  const plain = async (hale: Hale, kind: 'weight' | 'meal') =>
    (await hale.records<Record<string, unknown>>(kind as string).list()).map(({ id, fields, version }) => ({
      id,
      fields,
      version,
    }));

  it('two phones and a fresh one show the same; the server agrees with their digest', async () => {
    const [a, b] = [await phone(), await phone()];
    const soup = await a.records('meal').create(meal('Soup'));
    const first = await a.records('weight').create(weight(80));
    await b.records('weight').create(weight(81));
    await syncAll(a, b);
    await b.records('meal').update(soup, { note: 'too hot' });
    await a.records('weight').delete(first);
    await syncAll(a, b);
    const c = await phone();
    await syncAll(c);
    expect(await shown(b)).toEqual(await shown(a));
    expect(await shown(c)).toEqual(await shown(a));
    expect(await a.records('weight').list()).toHaveLength(1);
    expect(await c.records('meal').get(soup)).toMatchObject({
      fields: { title: 'Soup', note: 'too hot', local_date: '2026-01-06' },
      pending: false,
    });
    expect(a.report().some(({ results }) => (results.applied ?? 0) > 0)).toBe(true);
  });

  it('edits of different parts of a meal, made offline, both hold', async () => {
    const [a, b] = [await phone(), await phone()];
    const id = await a.records('meal').create(meal('Soup'));
    await syncAll(a, b);
    await a.records('meal').update(id, { title: 'Stew' });
    await b.records('meal').update(id, { note: 'salty' });
    await syncAll(a, b);
    expect((await a.records('meal').get(id))?.fields).toMatchObject({ title: 'Stew', note: 'salty' });
    expect(await shown(b)).toEqual(await shown(a));
    expect(a.status.value).toMatchObject({ conflicts: 0, upToDate: true });
  });

  it('edits of the same part: the newer holds, the other is kept, and a person chooses', async () => {
    const now = (): number => clock.now();
    const [a, b] = [await phone(undefined, { now }), await phone(undefined, { now })];
    const id = await a.records('weight').create(weight(80));
    await syncAll(a, b);
    await a.records('weight').update(id, weight(75));
    clock.advance(MINUTE);
    await b.records('weight').update(id, weight(90));
    await syncAll(b, a);
    expect((await a.records('weight').get(id))?.fields.weight_value).toBe(90);
    const [conflict] = await b.conflicts.list();
    expect(b.status.value.conflicts).toBe(1);
    expect(conflict).toMatchObject({
      record_kind: 'weight',
      record_id: id,
      reason: 'concurrent-edit',
      winner: { data: { weight_value: 90 } },
      loser: { data: { weight_value: 75 } },
    });
    expect(await a.conflicts.resolve(conflict!.id, 'use_mine')).toBe(true);
    await syncAll(a, b);
    expect((await b.records('weight').get(id))?.fields.weight_value).toBe(75);
    expect(await b.conflicts.list()).toEqual([]);
    expect(await b.conflicts.resolve(conflict!.id, 'keep_server')).toBe(false);
  });

  it('a refused edit waits for the person, the rest goes on', async () => {
    const [a, b] = [await phone(), await phone()];
    const bad = await a.records('weight').create(weight(900));
    const good = await a.records('weight').create(weight(70));
    await syncAll(a, b);
    expect((await b.records('weight').list()).map(({ id }) => id)).toEqual([good]);
    const [refused] = await a.needsAttention.list();
    expect(refused).toMatchObject({ recordId: bad, problem: { code: 'out-of-range' } });
    await a.needsAttention.edit(refused!.id, { weight_value: 90 });
    await syncAll(a, b);
    expect(await b.records('weight').list()).toHaveLength(2);
  });

  it('a refused group goes again as a group, when the member that failed is corrected', async () => {
    const [a, b] = [await phone(), await phone()];
    const [soup, other] = [randomUUID(), randomUUID()];
    await a.together([
      { kind: 'meal', id: soup, op: 'create', fields: { ...meal('Soup') } },
      { kind: 'weight', id: other, op: 'create', fields: { ...weight(9_999) } },
    ]);
    await a.records('meal').update(soup, { note: 'too hot' });
    await syncAll(a, b);
    expect(await shown(b)).toEqual({ weight: [], meal: [] });
    const refused = await a.needsAttention.list();
    expect(refused.map(({ kind, problem: { code } }) => [kind, code])).toEqual([
      ['meal', 'group-rejected'],
      ['weight', 'out-of-range'],
    ]);
    await a.needsAttention.edit(refused[1]!.id, { weight_value: 70 });
    await syncAll(a, b);
    expect((await b.records('meal').get(soup))?.fields).toMatchObject({ title: 'Soup', note: 'too hot' });
    expect((await b.records('weight').get(other))?.fields.weight_value).toBe(70);
    expect(a.status.value).toMatchObject({ needsAttention: 0, upToDate: true });
  });

  it('a group with a record that is no more: all that was entered waits for the person', async () => {
    const [a, b] = [await phone(), await phone()];
    const id = await a.records('meal').create(meal('Soup'));
    await syncAll(a, b);
    await b.records('meal').delete(id);
    await syncAll(b);
    clock.advance(181 * DAY);
    await app.app.get(RetentionService).run();
    clock.advance(-181 * DAY);
    const other = randomUUID();
    await a.together([
      { kind: 'meal', id, op: 'update', fields: { note: 'a long note' } },
      { kind: 'weight', id: other, op: 'create', fields: { ...weight(70) } },
    ]);
    await syncAll(a);
    expect(await a.needsAttention.list()).toMatchObject([
      { recordId: id, fields: { note: 'a long note' } },
      { recordId: other, fields: weight(70) },
    ]);
  });

  it('a kind that the service does not know keeps its edits here, and holds up nothing else', async () => {
    kinds.push('mood');
    const a = await phone();
    kinds.pop();
    await a.records('mood' as string).create({ text: 'fine' });
    await a.records('weight').create(weight(80));
    await syncAll(a);
    expect(a.status.value).toMatchObject({ pendingCount: 1, needsAttention: 0, upToDate: false });
    const b = await phone();
    await syncAll(b);
    expect(await b.records('weight').list()).toHaveLength(1);
  });

  it('an id in capitals is the same record', async () => {
    const a = await phone();
    const id = randomUUID().toUpperCase();
    expect(await a.records('weight').create(weight(70), id)).toBe(id.toLowerCase());
    await syncAll(a);
    await a.records('weight').update(id, weight(71));
    await syncAll(a);
    expect(await a.records('weight').list()).toMatchObject([{ fields: weight(71), version: 2 }]);
    expect(a.status.value).toMatchObject({ needsAttention: 0, upToDate: true });
  });

  it('who signs in during the first sync of another person gets their own records, and leaves those alone', async () => {
    const other = `${randomUUID()}@example.org`;
    await app.api.post('/api/auth/register', { email: other, password: PASSWORD });
    const [ada, bob] = [await phone(), await open()];
    await bob.login({ email: other, password: PASSWORD });
    await ada.records('weight').create(weight(61));
    await bob.records('weight').create(weight(99));
    await syncAll(ada, bob);
    const { fetch } = systemRuntime();
    let isFirst = true;
    const device: Hale = await phone(undefined, {
      fetch: async (request) => {
        const response = await fetch(request);
        if (isFirst && request.url.includes('/api/sync/status')) {
          isFirst = false;
          await device.login({ email: other, password: PASSWORD });
        }
        return response;
      },
    });
    await device.sync();
    await syncAll(device);
    expect((await device.records('weight').list()).map(({ fields }) => fields.weight_value)).toEqual([99]);
    await device.login({ email, password: PASSWORD });
    expect(await device.records('weight').list()).toEqual([]);
    await syncAll(device);
    expect((await device.records('weight').list()).map(({ fields }) => fields.weight_value)).toEqual([61]);
  });

  it('a meal deleted here and edited there: nothing is lost without a trace', async () => {
    const [a, b] = [await phone(), await phone()];
    const id = await a.records('meal').create(meal('Soup'));
    await syncAll(a, b);
    await a.records('meal').delete(id);
    await new Promise((resolve) => setTimeout(resolve, 5));
    await b.records('meal').update(id, { note: 'but it was good' });
    await syncAll(a, b);
    expect(await shown(b)).toEqual(await shown(a));
    const isKept = (await a.records('meal').get(id))?.fields.note === 'but it was good';
    expect(isKept || (await a.conflicts.list()).length > 0).toBe(true);
  });

  it('an expired token in the middle of a long push is renewed, and nothing is sent twice', async () => {
    const fetched: string[] = [];
    const { fetch } = systemRuntime();
    let pushes = 0;
    const a = await phone(undefined, {
      fetch: (request) => {
        fetched.push(new URL(request.url).pathname);
        if (!request.url.endsWith('/push') || ++pushes !== 2) return fetch(request);
        const token = request.headers.get('authorization')?.slice(7) ?? '';
        const headers = new Headers(request.headers);
        headers.set('authorization', `Bearer ${forge({ ...claimsOf(token), exp: epoch() - 1 })}`);
        return fetch(new Request(request, { headers }));
      },
    });
    await Promise.all(
      Array.from({ length: 250 }, (_, index) => a.records('weight').create(weight(50 + index / 10))),
    );
    await syncAll(a);
    expect(fetched.filter((path) => path.endsWith('/refresh'))).toHaveLength(1);
    const b = await phone();
    await syncAll(b);
    expect(await b.records('weight').list()).toHaveLength(250);
    expect((await b.records('weight').list()).every(({ version }) => version === 1)).toBe(true);
  });

  it('an answer that got lost: the same again, and no second record', async () => {
    const { fetch } = systemRuntime();
    let isLost = false;
    const a = await phone(undefined, {
      fetch: async (request) => {
        const response = await fetch(request);
        if (!request.url.endsWith('/push') || isLost) return response;
        isLost = true;
        throw new TypeError('lost');
      },
    });
    await a.records('weight').create(weight(80));
    expect(await a.sync()).toMatchObject({ phase: 'backoff', code: 'network' });
    await syncAll(a);
    expect(a.report().at(-2)?.results).toEqual({ duplicate: 1 });
    const { data } = await a.api.GET('/api/health-metrics/weight');
    expect(data?.pagination.total).toBe(1);
  });

  it('a session that was ended elsewhere: edits stay, and go after signing in again', async () => {
    const a = await phone();
    await a.sync();
    await a.records('weight').create(weight(80));
    const other = await phone();
    const { data } = await other.api.GET('/api/auth/sessions');
    for (const { id, current } of data?.data ?? [])
      if (!current) await other.api.DELETE('/api/auth/sessions/{id}', { params: { path: { id } } });
    expect(await a.sync()).toMatchObject({ phase: 'auth_required' });
    expect(a.status.value).toMatchObject({ pendingCount: 1 });
    await a.login({ email, password: PASSWORD });
    await syncAll(a, other);
    expect(await other.records('weight').list()).toHaveLength(1);
  });

  it('goes on after a restart, with what was not sent', async () => {
    const path = join(directory, randomUUID());
    const first = await phone(await FileStorage.open(path));
    await first.records('weight').create(weight(80));
    await first.sync();
    const id = await first.records('weight').create(weight(81));
    await first.close();
    const again = await open(await FileStorage.open(path));
    expect(again.status.value).toMatchObject({ phase: 'idle', pendingCount: 1 });
    expect((await again.records('weight').get(id))?.pending).toBe(true);
    await syncAll(again);
    const b = await phone();
    await syncAll(b);
    expect(await b.records('weight').list()).toHaveLength(2);
  });

  it('edits of two people on one device do not mix', async () => {
    const a = await phone();
    await a.records('weight').create(weight(80));
    await a.sync();
    await a.logout();
    const other = `${randomUUID()}@example.org`;
    await a.register({ email: other, password: PASSWORD });
    expect(await a.records('weight').list()).toEqual([]);
    await a.records('weight').create(weight(60));
    await syncAll(a);
    const b = await phone();
    await syncAll(b);
    expect((await b.records('weight').list()).map(({ fields }) => fields.weight_value)).toEqual([80]);
  });

  it(
    '5 000 edits go, batch by batch, and the status tells how many remain',
    { timeout: 120_000 },
    async () => {
      const a = await phone();
      for (let index = 0; index < 5_000; index += 1)
        await a.records('weight').create(weight(50 + (index % 500) / 10));
      const remaining = new Set<number>();
      a.status.subscribe(({ pendingCount, upToDate }) => {
        remaining.add(pendingCount);
        expect(upToDate && pendingCount > 0).toBe(false);
      });
      await syncAll(a);
      expect(remaining.size).toBeGreaterThan(20);
      expect(a.status.value).toMatchObject({ pendingCount: 0, needsAttention: 0, upToDate: true });
      const b = await phone();
      await syncAll(b);
      expect(await b.records('weight').list()).toHaveLength(5_000);
    },
  );

  it('a poke brings what another phone did, at once', async () => {
    const heard: string[] = [];
    const socket = (url: string, protocols: string[]) => {
      const opened = new WebSocket(url, protocols);
      opened.on('message', (data) => heard.push(String(data)));
      opened.on('close', (code) => heard.push(`closed ${code}`));
      return opened as any;
    };
    const [a, b] = [await phone(undefined, { socket }), await phone()];
    a.start();
    await vi.waitFor(() => expect(a.status.value.upToDate).toBe(true));
    await vi.waitFor(() => expect(heard[0]).toContain('hello'), { timeout: 5_000 });
    await b.records('weight').create(weight(80));
    await b.sync();
    await vi.waitFor(() => expect(heard[1]).toContain('poke'), { timeout: 5_000 });
    await vi.waitFor(async () => expect(await a.records('weight').list()).toHaveLength(1), {
      timeout: 5_000,
    });
    a.stop();
  });

  describe('signals to begin anew', () => {
    const NOT_RESTORED = new Set(['users', 'sessions', 'idempotency_keys']);
    /** What a restore brings back: everything of a person but the account. */
    const tables = (): string[] =>
      app.db.writer.entityMetadatas
        .filter(({ columns }) => columns.some(({ databaseName }) => databaseName === 'user_id'))
        .map(({ tableName }) => tableName)
        .filter((name) => !NOT_RESTORED.has(name));
    const userOf = (hale: Hale): string => hale.user?.id ?? '';
    const run = (...statements: string[]): Promise<void> =>
      app.app.get(UnitOfWork).run(async () => {
        for (const sql of statements) await app.db.execute(sql);
      });

    it('a service restored from a backup gets back what it lost, deletions too', async () => {
      const [a, b] = [await phone(), await phone()];
      const kept = await a.records('weight').create(weight(60));
      const doomed = await a.records('meal').create(meal('Soup'));
      await syncAll(a, b);
      const name = (table: string): string => `copy_of_${table}`;
      const where = `WHERE user_id = '${userOf(a)}'`;
      await run(...tables().map((table) => `CREATE TABLE ${name(table)} AS SELECT * FROM ${table} ${where}`));
      const lost = await a.records('weight').create(weight(70));
      await a.records('meal').delete(doomed);
      await a.records('weight').update(kept, weight(61));
      await syncAll(a, b);
      await run(
        ...tables().flatMap((table) => [
          `DELETE FROM ${table} ${where}`,
          `INSERT INTO ${table} SELECT * FROM ${name(table)}`,
          `DROP TABLE ${name(table)}`,
        ]),
      );
      await app.app.get(EpochsService).beginForAll();
      const waiting = await b.records('weight').create(weight(80));
      await syncAll(b, a, b);
      const weights = (await b.records('weight').list()).map(({ id, fields }) => [id, fields.weight_value]);
      expect(Object.fromEntries(weights)).toEqual({ [kept]: 61, [lost]: 70, [waiting]: 80 });
      expect(await b.records('meal').list()).toEqual([]);
      expect(await shown(a)).toEqual(await shown(b));
      const fresh = await phone();
      await syncAll(fresh);
      expect(await shown(fresh)).toEqual(await shown(b));
      expect(fresh.status.value).toMatchObject({ conflicts: 0, needsAttention: 0 });
    });

    it('after an absence longer than deletions are remembered, what is gone goes, what waits stays', async () => {
      const [a, b] = [await phone(), await phone()];
      const [gone, stays] = [
        await a.records('weight').create(weight(60)),
        await a.records('weight').create(weight(61)),
      ];
      await syncAll(a, b);
      await a.records('weight').delete(gone);
      await syncAll(a);
      const waiting = await b.records('weight').create(weight(62));
      clock.advance(200 * DAY);
      expect((await app.app.get(RetentionService).run()).tombstones).toBeGreaterThan(0);
      clock.advance(-200 * DAY);
      await syncAll(b, a);
      expect((await b.records('weight').list()).map(({ id }) => id)).toEqual([stays, waiting]);
      expect(await shown(a)).toEqual(await shown(b));
    });
  });

  it('the example of the README runs', async () => {
    const readme = await readFile('clients/typescript/README.md', 'utf8');
    const source = /```ts\n(.*?)```/s
      .exec(readme)![1]!
      .replace('http://localhost:3000', app.url)
      .replace('./hale-store', join(directory, 'readme'))
      .replace('ada@example.org', `${randomUUID()}@example.org`)
      .replace('console.log(', 'globalThis.readmeSays(');
    const src = resolve('clients/typescript/src');
    const { outputFiles } = await build({
      stdin: { contents: source, resolveDir: process.cwd(), loader: 'ts' },
      alias: { '@hale/client/file': `${src}/storage/file.ts`, '@hale/client': `${src}/index.ts` },
      bundle: true,
      write: false,
      format: 'esm',
      platform: 'node',
    });
    const says = vi.fn<(list: unknown, status: unknown) => void>();
    vi.stubGlobal('readmeSays', says);
    const file = join(directory, 'readme.mjs');
    await writeFile(file, outputFiles[0]!.text);
    await import(file);
    expect(says).toHaveBeenCalledWith(
      [expect.objectContaining({ fields: weight(75.2), pending: false })],
      expect.objectContaining({ upToDate: true }),
    );
    vi.unstubAllGlobals();
  });
});
