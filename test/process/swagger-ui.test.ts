import type { Browser, Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TestApp } from '../support/app.js';
import { complaintsOf, findBrowser, launch } from '../support/browser.js';
import { hasDatabase } from '../support/database.js';

const executable = findBrowser();

describe.runIf(executable !== undefined && hasDatabase())(
  'Swagger UI, in a browser',
  { timeout: 60_000 },
  () => {
    let app: TestApp;
    let browser: Browser;
    let page: Page;
    let complaints: string[];
    const operation = (id: string): Locator => page.locator(`.opblock[id$="-${id}"]`);

    beforeAll(async () => {
      app = await TestApp.start();
      browser = await launch(executable ?? '');
      // Of a long document, Swagger UI renders only the operations that the window shows.
      page = await browser.newPage({ reducedMotion: 'reduce', viewport: { width: 1280, height: 20_000 } });
      complaints = await complaintsOf(page);
      await page.goto(`${app.url}/docs`);
      await operation('register').waitFor();
    });
    afterAll(async () => {
      await browser?.close();
      await app?.stop();
    });

    /** Opens an operation, sends its example, reads the answer, and closes the operation again. */
    async function execute(id: string): Promise<{ status: string; body: any }> {
      const block = operation(id);
      const head = block.locator('.opblock-summary-control');
      await head.click();
      await block.locator('button.execute').waitFor();
      // Otherwise the answer to an earlier request would still be shown.
      if (await block.locator('button.btn-clear').isVisible())
        await block.locator('button.btn-clear').click();
      await block.locator('.live-responses-table').waitFor({ state: 'detached' });
      await block.locator('button.execute').click();
      const live = block.locator('.live-responses-table .response').first();
      const status = (await live.locator('.response-col_status').innerText()).trim();
      const body = JSON.parse(await live.locator('.highlight-code code').first().innerText());
      await head.click();
      return { status, body };
    }

    it('shows the operations in the order of the document, and nothing unnecessary', async () => {
      const tags = await page
        .locator('.opblock-tag')
        .evaluateAll((nodes) => nodes.map((node) => node.getAttribute('data-tag')));
      const document = (await (await fetch(`${app.url}/openapi.json`)).json()) as {
        tags: { name: string }[];
      };
      expect(tags).toEqual(document.tags.map(({ name }) => name));
      expect(await page.title()).toBe('Hale API');
      expect(await page.locator('.topbar').isVisible()).toBe(false);
      expect(await page.locator('.opblock.is-open, .models.is-open').count()).toBe(0);
    });

    it('is authorized after a registration with the example, and reads the profile', async () => {
      expect((await execute('getProfile')).status).toBe('401');
      const registered = await execute('register');
      expect(registered).toMatchObject({ status: '201', body: { user: { email: 'ada@example.org' } } });
      expect(await execute('getProfile')).toEqual({ status: '200', body: registered.body.user });
    });

    it('adds a weight with the example, and lists it without a filter', async () => {
      const { status, body } = await execute('createWeight');
      expect([status, body.weight_value, body.unit]).toEqual(['201', 75.5, 'kg']);
      const list = await execute('listWeights');
      expect(list).toMatchObject({ status: '200', body: { data: [body], pagination: { total: 1 } } });
    });

    it('transfers a document of less than 300 kB, and links the guides', async () => {
      const script = await fetch(`${app.url}/docs/swagger-ui-init.js`, {
        headers: { 'accept-encoding': 'gzip' },
      });
      expect(script.headers.get('content-encoding')).toBe('gzip');
      const bytes = await page.evaluate(() =>
        performance
          .getEntriesByType('resource')
          .map((entry) => entry.toJSON() as { name: string; encodedBodySize: number })
          .filter(({ name }) => name.endsWith('swagger-ui-init.js'))
          .map(({ encodedBodySize }) => encodedBodySize),
      );
      expect(bytes).toEqual([expect.any(Number)]);
      expect(bytes[0]).toBeLessThan(300_000);
      expect(await page.locator('.info a[href="/docs/guide/sync"]').count()).toBe(1);
      expect(await page.locator('.info').innerText()).toContain('/ws/sync');
    });

    it.each(['createWeight', 'pushChanges', 'listAudit', 'createMeal', 'register'])(
      'shows %s on a page of at most 2 500 pixels',
      async (id) => {
        const block = operation(id);
        const head = block.locator('.opblock-summary-control');
        await head.click();
        await block.locator('.responses-table tr.response').first().waitFor();
        // The answer to an earlier request is also shown, and is not part of the documentation.
        if (await block.locator('button.btn-clear').isVisible())
          await block.locator('button.btn-clear').click();
        await block.locator('.live-responses-table').waitFor({ state: 'detached' });
        expect((await block.boundingBox())?.height).toBeLessThan(2_500);
        await head.click();
        await block.locator('.opblock-body').waitFor({ state: 'detached' });
      },
    );

    it('finds operations by the text in the filter', async () => {
      const filter = page.locator('.operation-filter-input');
      await filter.fill('Weight');
      await operation('register').waitFor({ state: 'detached' });
      expect(await operation('createWeight').count()).toBe(1);
      await filter.fill('');
      await operation('register').waitFor();
    });

    it('causes no error in the browser, except the expected 401', () => {
      expect(complaints).toEqual([expect.stringContaining('401 (Unauthorized)')]);
    });
  },
);
