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
      page = await browser.newPage({ reducedMotion: 'reduce' });
      complaints = await complaintsOf(page);
      await page.goto(`${app.url}/docs`);
      await operation('register').waitFor();
    });
    afterAll(async () => {
      await browser?.close();
      await app?.stop();
    });

    /** Opens an operation, sends it as it is filled in, reads the answer, and folds it up again. */
    async function execute(id: string): Promise<{ status: string; body: any }> {
      const block = operation(id);
      const head = block.locator('.opblock-summary-control');
      await head.click();
      await block.locator('button.execute').waitFor();
      // What an earlier try was answered would be there still.
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

    it('shows the operations in the order of the document, and no clutter', async () => {
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

    it('registers with the example that is filled in, authorizes, and reads the profile', async () => {
      expect((await execute('getProfile')).status).toBe('401');
      const registered = await execute('register');
      expect(registered).toMatchObject({ status: '201', body: { user: { email: 'ada@example.org' } } });
      await page.locator('.auth-wrapper > button.authorize').click();
      await page.locator('.dialog-ux input').first().fill(registered.body.access_token);
      await page.locator('.dialog-ux button.authorize').first().click();
      await page.locator('.dialog-ux button.btn-done').first().click();
      expect(await execute('getProfile')).toEqual({ status: '200', body: registered.body.user });
    });

    it('adds a weight with the example, and lists it without filling in a filter', async () => {
      const { status, body } = await execute('createWeight');
      expect([status, body.weight_value, body.unit]).toEqual(['201', 75.5, 'kg']);
      const list = await execute('listWeights');
      expect(list).toMatchObject({ status: '200', body: { data: [body], pagination: { total: 1 } } });
    });

    it('gave the browser nothing to complain about, but the 401 that was asked for', () => {
      expect(complaints).toEqual([expect.stringContaining('401 (Unauthorized)')]);
    });
  },
);
