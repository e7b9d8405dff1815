import { randomUUID } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { build } from 'esbuild';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { complaintsOf, findBrowser, launch } from '../../../test/support/browser.js';
import { PASSWORD } from '../../../test/support/api.js';
import { TestApp } from '../../../test/support/app.js';
import { hasDatabase } from '../../../test/support/database.js';

const executable = findBrowser();

/** A small app. The tests control it through `window.app`. */
const PAGE = `
  import { createClient, IndexedDbStorage } from './clients/typescript/src/index.ts';
  import { meal, weight } from './clients/typescript/src/definitions.generated.ts';
  const query = new URLSearchParams(location.search);
  const hale = await createClient({
    url: query.get('api'),
    storage: await IndexedDbStorage.open(),
    kinds: [weight, meal],
  });
  globalThis.app = hale;
  globalThis.account = { email: 'ada@example.org', password: 'x' };
  globalThis.openAt = async (url) =>
    createClient({ url, storage: await IndexedDbStorage.open('other'), kinds: [weight] });
  if (query.has('start')) hale.start();
  document.title = 'ready';`;

const WEIGHT = { weight_value: 80, unit: 'kg', timestamp: '2026-01-06T20:30:00.000Z' };

describe.runIf(executable !== undefined && hasDatabase())(
  'the client, in a browser',
  { timeout: 60_000 },
  () => {
    let app: TestApp;
    let site: Server;
    let origin: string;
    let browser: Browser;
    let context: BrowserContext;
    let email: string;

    beforeAll(async () => {
      const { outputFiles } = await build({
        stdin: { contents: PAGE, resolveDir: process.cwd(), loader: 'ts' },
        bundle: true,
        write: false,
        format: 'esm',
        platform: 'browser',
        target: 'es2022',
      });
      site = createServer(({ url }, response) => {
        const isScript = url === '/app.js';
        response.setHeader('content-type', isScript ? 'text/javascript' : 'text/html');
        response.end(isScript ? outputFiles[0]?.text : '<script type="module" src="/app.js"></script>');
      });
      await new Promise<void>((resolve) => site.listen(0, '127.0.0.1', resolve));
      origin = `http://127.0.0.1:${(site.address() as AddressInfo).port}`;
      app = await TestApp.start({ env: { CORS_ORIGINS: origin } });
      browser = await launch(executable ?? '');
    });
    afterAll(async () => {
      await browser?.close();
      await app?.stop();
      await new Promise((resolve) => site?.close(resolve));
    });
    beforeEach(async () => {
      email = `${randomUUID()}@example.org`;
      await app.api.post('/api/auth/register', { email, password: PASSWORD });
      context = await browser.newContext();
    });
    afterEach(() => context?.close());

    const show = async (page: Page, query = ''): Promise<void> => {
      await page.goto(`${origin}/?api=${encodeURIComponent(app.url)}${query}`);
      await page.waitForFunction(() => (globalThis as any).document.title === 'ready');
    };

    async function open(query = ''): Promise<Page> {
      const page = await context.newPage();
      await show(page, query);
      return page;
    }

    const login = (page: Page) =>
      page.evaluate((account) => (globalThis as any).app.login(account), { email, password: PASSWORD });
    const create = (page: Page, value: number): Promise<string> =>
      page.evaluate((fields) => (globalThis as any).app.records('weight').create(fields), {
        ...WEIGHT,
        weight_value: value,
      });
    const list = (page: Page): Promise<{ fields: { weight_value: number }; pending: boolean }[]> =>
      page.evaluate(() => (globalThis as any).app.records('weight').list());
    const values = async (page: Page) => (await list(page)).map(({ fields }) => fields.weight_value);
    const sync = (page: Page) => page.evaluate(() => (globalThis as any).app.sync());
    const status = (page: Page) => page.evaluate(() => (globalThis as any).app.status.value);

    it('keeps offline edits across a reload, and sends them when the connection is back', async () => {
      const page = await open();
      const complaints = await complaintsOf(page);
      await login(page);
      await create(page, 80);
      expect(await sync(page)).toEqual({ phase: 'idle' });
      await create(page, 81);
      await context.setOffline(true);
      expect(await sync(page)).toEqual({ phase: 'offline' });
      await create(page, 82);
      await context.setOffline(false);
      await show(page);
      expect(await status(page)).toMatchObject({ phase: 'idle', pendingCount: 2, upToDate: false });
      expect((await list(page)).map(({ pending }) => pending)).toEqual([false, true, true]);
      expect(await sync(page)).toEqual({ phase: 'idle' });
      expect(await status(page)).toMatchObject({ pendingCount: 0, upToDate: true });

      const other = await browser.newContext();
      const phone = await other.newPage();
      await show(phone);
      await login(phone);
      await sync(phone);
      expect(await values(phone)).toEqual([80, 81, 82]);
      await other.close();
      expect(complaints).toEqual([]);
    });

    it('a page that is closed during a push neither loses nor duplicates an edit', async () => {
      const page = await open();
      await login(page);
      await sync(page);
      for (let value = 50; value < 60; value += 1) await create(page, value);
      // The page is closed before the answer arrives.
      const asked = page.waitForRequest('**/api/sync/push');
      await page.route('**/api/sync/push', async (route) => {
        await route.fetch();
      });
      void sync(page).catch(() => undefined);
      await asked;
      await new Promise((resolve) => setTimeout(resolve, 300));
      await page.close();
      const again = await open();
      expect(await status(again)).toMatchObject({ pendingCount: 10 });
      expect(await sync(again)).toEqual({ phase: 'idle' });
      const report = await again.evaluate(() => (globalThis as any).app.report());
      expect(report[0].results).toEqual({ duplicate: 10 });
      expect(await values(again)).toHaveLength(10);
    });

    it('two tabs share a store: each shows the edits of the other, and nothing is sent twice', async () => {
      const first = await open('&start');
      await login(first);
      const second = await open('&start');
      await Promise.all([create(first, 70), create(second, 71), create(first, 72), create(second, 73)]);
      for (const page of [first, second])
        await page.waitForFunction(() => (globalThis as any).app.status.value.upToDate);
      await Promise.all([sync(first), sync(second)]);
      expect((await values(first)).toSorted()).toEqual([70, 71, 72, 73]);
      expect(await list(second)).toEqual(await list(first));
      const { data } = await first.evaluate(async () => {
        const { data } = await (globalThis as any).app.api.GET('/api/health-metrics/weight');
        return { data };
      });
      expect(data.pagination.total).toBe(4);
    });

    it('continues after the browser closed the store', async () => {
      const page = await open();
      await login(page);
      await create(page, 80);
      expect(await sync(page)).toEqual({ phase: 'idle' });
      // The same happens when the person clears the site data: all data is deleted and the connection is closed.
      const tools = await context.newCDPSession(page);
      await tools.send('Storage.clearDataForOrigin', { origin, storageTypes: 'indexeddb' });
      await sync(page);
      expect(await status(page)).toMatchObject({ phase: 'signed_out' });
      await login(page);
      expect(await sync(page)).toEqual({ phase: 'idle' });
      expect(await values(page)).toEqual([80]);
    });

    it('signing out in one tab signs out the other and leaves no data', async () => {
      const [first, second] = [await open('&start'), await open('&start')];
      await login(first);
      await create(first, 80);
      for (const page of [first, second])
        await page.waitForFunction(() => (globalThis as any).app.status.value.upToDate);
      const polls = second.evaluate(() =>
        Promise.all(Array.from({ length: 20 }, () => (globalThis as any).app.sync())),
      );
      await first.evaluate(() => (globalThis as any).app.logout());
      await polls;
      await second.waitForFunction(() => (globalThis as any).app.status.value.phase === 'signed_out');
      const left = await second.evaluate(
        () =>
          new Promise((resolve) => {
            const browser = globalThis as any;
            const opening = browser.indexedDB.open('hale');
            opening.onsuccess = () => {
              const keys = opening.result.transaction('hale').objectStore('hale').getAllKeys();
              keys.onsuccess = () => resolve(keys.result);
            };
          }),
      );
      expect(left).toEqual(['device', 'k/meal', 'k/weight']);
    });

    it('distinguishes a server that does not allow the page from one that cannot be reached', async () => {
      const strict = await TestApp.start({ env: { CORS_ORIGINS: 'https://elsewhere.example.org' } });
      const page = await context.newPage();
      const refused = (url: string) =>
        page.evaluate(async (api) => {
          const { openAt, account } = globalThis as any;
          return openAt(api).then((hale: any) => hale.login(account).catch(({ code }: any) => code));
        }, url);
      await page.goto(`${origin}/?api=${encodeURIComponent(app.url)}`);
      await page.waitForFunction(() => (globalThis as any).document.title === 'ready');
      expect(await refused(strict.url)).toBe('cors');
      await strict.stop();
      expect(await refused(strict.url)).toBe('network');
    });

    it('receives the changes of other devices by WebSocket', async () => {
      const page = await open('&start');
      await login(page);
      await page.waitForFunction(() => (globalThis as any).app.status.value.upToDate);
      const other = await browser.newContext();
      const phone = await other.newPage();
      await show(phone);
      await login(phone);
      await create(phone, 90);
      await sync(phone);
      await page.waitForFunction(
        async () => (await (globalThis as any).app.records('weight').list()).length === 1,
        null,
        {
          timeout: 10_000,
        },
      );
      await other.close();
    });
  },
);
