import { randomUUID } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { build } from 'esbuild';
import { WebSocket } from 'ws';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import * as definitions from '../src/definitions.generated.js';
import { createClient, type Hale } from '../src/hale.js';
import type { MealFields, WeightFields } from '../src/kinds.generated.js';
import type { KindDefinition } from '../src/rules.js';
import { type Runtime, systemRuntime } from '../src/runtime.js';
import { FileStorage } from '../src/storage/file.js';
import { MemoryStorage } from '../src/storage/memory.js';
import type { Storage } from '../src/storage/storage.js';
import { mood } from './support/mood.js';
import { backup } from './support/restores.js';
import { claimsOf, epoch, forge } from '../../../test/http/auth/support.js';
import { RetentionService } from '../../../src/modules/sync/retention/retention.service.js';
import { DAY, MINUTE, TestClock } from '../../../test/support/clock.js';
import { PASSWORD } from '../../../test/support/api.js';
import { TestApp } from '../../../test/support/app.js';
import { hasDatabase } from '../../../test/support/database.js';

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

  const kinds: KindDefinition[] = [definitions.weight, definitions.meal];

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

  const userOf = (hale: Hale): string => hale.user?.id ?? '';
  const shown = async (hale: Hale): Promise<Record<string, unknown>> => ({
    weight: await plain(hale, 'weight'),
    meal: await plain(hale, 'meal'),
  });
  const plain = async (hale: Hale, kind: 'weight' | 'meal') =>
    (await hale.records(kind).list()).map(({ id, fields, version }) => ({
      id,
      fields,
      version,
    }));

  it('two phones and a new one show the same records, and the server has the same digest', async () => {
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

  it('offline edits of different parts of a meal both take effect', async () => {
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

  it('of two edits of the same part the newer takes effect, the other is kept, and a person chooses', async () => {
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
      current: { data: { weight_value: 90 } },
      other: { data: { weight_value: 75 } },
      mine: 'current',
    });
    expect(await a.conflicts.list()).toMatchObject([{ current: conflict!.current, mine: 'other' }]);
    expect(await a.conflicts.resolve(conflict!.id, 'use_other')).toBe(true);
    await syncAll(a, b);
    expect((await b.records('weight').get(id))?.fields.weight_value).toBe(75);
    expect(await b.conflicts.list()).toEqual([]);
    expect(await b.conflicts.resolve(conflict!.id, 'keep_current')).toBe(false);
  });

  it.each([
    ['keep_current', [90]],
    ['use_other', [75]],
    ['keep_both', [75, 90]],
    ['merged', [80]],
  ] as const)('%s has the same effect on whichever phone it is chosen', async (choice, expected) => {
    for (const chooser of [0, 1]) {
      await Promise.all(opened.map((hale) => hale.close()));
      opened = [];
      email = `${randomUUID()}@example.org`;
      await app.api.post('/api/auth/register', { email, password: PASSWORD });
      const now = (): number => clock.now();
      const [a, b] = [await phone(undefined, { now }), await phone(undefined, { now })];
      const id = await a.records('weight').create(weight(60));
      await syncAll(a, b);
      await a.records('weight').update(id, weight(75));
      clock.advance(MINUTE);
      await b.records('weight').update(id, weight(90));
      await syncAll(b, a, b);
      const deciding = [a, b][chooser]!;
      const [conflict] = await deciding.conflicts.list();
      await deciding.conflicts.resolve(conflict!.id, choice, choice === 'merged' ? weight(80) : undefined);
      await syncAll(a, b);
      for (const hale of [a, b]) {
        const values = (await hale.records('weight').list()).map(({ fields }) => fields.weight_value);
        expect(values.toSorted()).toEqual(expected);
      }
    }
  });

  it('an old name of a choice is refused, because its meaning has changed', async () => {
    const a = await phone();
    await expect(a.conflicts.resolve(randomUUID(), 'use_mine' as never)).rejects.toMatchObject({
      code: 'invalid',
      message: 'use_mine is not a choice: use keep_current, use_other, keep_both, merged',
    });
  });

  /** It passes the client's checks, because only the service knows which time zones exist. */
  const onMars = { ...meal('Dust'), time_zone: 'Mars/Olympus' };

  it('a refused edit waits for the person, and other edits are sent', async () => {
    const [a, b] = [await phone(), await phone()];
    const bad = await a.records('meal').create(onMars);
    const good = await a.records('weight').create(weight(70));
    await syncAll(a, b);
    expect((await b.records('weight').list()).map(({ id }) => id)).toEqual([good]);
    const [refused] = await a.needsAttention.list();
    expect(refused).toMatchObject({ recordId: bad, problem: { code: 'invalid' } });
    expect(a.status.value).toMatchObject({ pendingCount: 0, needsAttention: 1, upToDate: false });
    await a.needsAttention.edit(refused!.id, { time_zone: 'Europe/Vienna' });
    await syncAll(a, b);
    expect(await b.records('meal').list()).toHaveLength(1);
    expect(a.status.value).toMatchObject({ needsAttention: 0, upToDate: true });
  });

  it('an update of one field of a group is sent with its group, and accepted', async () => {
    const [a, b] = [await phone(), await phone()];
    const id = await a.records('weight').create(weight(80));
    await syncAll(a, b);
    await a.records('weight').update(id, { weight_value: 70 });
    await syncAll(a, b);
    expect((await b.records('weight').get(id))?.fields).toMatchObject(weight(70));
    expect(a.status.value).toMatchObject({ needsAttention: 0, upToDate: true });
  });

  it('a refused group is sent again as a group when the refused member is corrected', async () => {
    const [a, b] = [await phone(), await phone()];
    const [soup, other] = [randomUUID(), randomUUID()];
    await a.together([
      { kind: 'meal', id: soup, op: 'create', fields: { ...meal('Soup') } },
      { kind: 'meal', id: other, op: 'create', fields: onMars },
    ]);
    await a.records('meal').update(soup, { note: 'too hot' });
    await syncAll(a, b);
    expect(await shown(b)).toEqual({ weight: [], meal: [] });
    const refused = await a.needsAttention.list();
    expect(refused.map(({ recordId, problem: { code } }) => [recordId, code])).toEqual([
      [soup, 'group-rejected'],
      [other, 'invalid'],
    ]);
    await a.needsAttention.edit(refused[1]!.id, { time_zone: 'Europe/Vienna' });
    await syncAll(a, b);
    expect((await b.records('meal').get(soup))?.fields).toMatchObject({ title: 'Soup', note: 'too hot' });
    expect((await b.records('meal').get(other))?.fields.time_zone).toBe('Europe/Vienna');
    expect(a.status.value).toMatchObject({ needsAttention: 0, upToDate: true });
  });

  it('a group with a deleted record waits for the person as a whole', async () => {
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

  it('edits of a kind that the service does not know wait, and block no other edit', async () => {
    kinds.push(mood);
    const a = await phone();
    kinds.pop();
    await a.records(mood.kind).create({ text: 'fine' } as never);
    await a.records('weight').create(weight(80));
    await syncAll(a);
    expect(a.status.value).toMatchObject({ pendingCount: 1, needsAttention: 0, upToDate: false });
    const b = await phone();
    await syncAll(b);
    expect(await b.records('weight').list()).toHaveLength(1);
  });

  it('an id in upper case is the same record', async () => {
    const a = await phone();
    const id = randomUUID().toUpperCase();
    expect(await a.records('weight').create(weight(70), id)).toBe(id.toLowerCase());
    await syncAll(a);
    await a.records('weight').update(id, weight(71));
    await syncAll(a);
    expect(await a.records('weight').list()).toMatchObject([{ fields: weight(71), version: 2 }]);
    expect(a.status.value).toMatchObject({ needsAttention: 0, upToDate: true });
  });

  it('a person who signs in during the first sync of another person gets only their own records', async () => {
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

  it('a meal that is deleted on one phone and edited on another gives a conflict', async () => {
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

  it('a token that expires during a long push is renewed, and no record is stored twice', async () => {
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

  it('a request whose answer was lost is sent again and stores no second record', async () => {
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

  it('a session that was ended elsewhere keeps its edits, and sends them after the next sign-in', async () => {
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

  it('unsent edits are sent after a restart', async () => {
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
    '5 000 edits are sent in batches, and the status shows how many remain',
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

  it('a poke delivers the changes of another phone immediately', async () => {
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
    expect(a.status.value.realtime).toBe('connected');
    a.stop();
  });

  it('uses the WebSocket of the platform, and on Node before 22 the package ws', async () => {
    const [a, b] = [await phone(), await phone()];
    a.start();
    await vi.waitFor(() => expect(a.status.value.realtime).toBe('connected'), { timeout: 5_000 });
    await b.records('weight').create(weight(80));
    await b.sync();
    await vi.waitFor(async () => expect(await a.records('weight').list()).toHaveLength(1), {
      timeout: 5_000,
    });
    a.stop();
  });

  describe('reset signals', () => {
    it('a service restored from a backup receives the records and deletions that it lost', async () => {
      const [a, b] = [await phone(), await phone()];
      const kept = await a.records('weight').create(weight(60));
      const doomed = await a.records('meal').create(meal('Soup'));
      await syncAll(a, b);
      const restore = await backup(app, userOf(a));
      const lost = await a.records('weight').create(weight(70));
      await a.records('meal').delete(doomed);
      await a.records('weight').update(kept, weight(61));
      await syncAll(a, b);
      await restore();
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

    it('a cursor that the service does not accept begins a new pull, and nothing is lost', async () => {
      const [storage, b] = [new MemoryStorage(), await phone()];
      const a = await phone(storage);
      const [gone, stays] = [
        await a.records('weight').create(weight(60)),
        await a.records('weight').create(weight(61)),
      ];
      await syncAll(a, b);
      await b.records('weight').delete(gone);
      await syncAll(b);
      const waiting = await a.records('weight').create(weight(62));
      await a.records('weight').update(stays, weight(63));
      const key = `m/${userOf(a)}`;
      // As a service wrote it before cursors were signed.
      await storage.transact(async (transaction) => {
        const meta = await transaction.get<{ cursor: string }>(key);
        const content = meta?.cursor.split('.')[1];
        await transaction.put(key, { ...meta, cursor: `c1.${content}` });
      });
      await syncAll(a, b);
      const weights = (await a.records('weight').list()).map(({ id, fields }) => [id, fields.weight_value]);
      expect(Object.fromEntries(weights)).toEqual({ [stays]: 63, [waiting]: 62 });
      expect(await shown(b)).toEqual(await shown(a));
      expect(a.status.value).toMatchObject({ conflicts: 0, needsAttention: 0, upToDate: true });
      const meta = await storage.transact((transaction) => transaction.get<{ cursor: string }>(key));
      expect(meta?.cursor).toMatch(/^c2\./);
    });

    it('a phone that was away longer than tombstones are kept removes deleted records and keeps waiting edits', async () => {
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

  it('the example of the README works', async () => {
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
      alias: {
        '@hale/client/file': `${src}/storage/file.ts`,
        '@hale/client/kinds': `${src}/definitions.generated.ts`,
        '@hale/client': `${src}/index.ts`,
      },
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
      [expect.objectContaining({ fields: expect.objectContaining(weight(75.2)), pending: false })],
      expect.objectContaining({ upToDate: true }),
    );
    vi.unstubAllGlobals();
  });
});
