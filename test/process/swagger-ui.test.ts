import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { type Browser, chromium, type Locator, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TestApp } from '../support/app.js';
import { hasDatabase } from '../support/database.js';

const executablePath = (process.env['PATH'] ?? '')
  .split(delimiter)
  .flatMap((directory) =>
    ['chromium', 'chromium-browser', 'google-chrome'].map((name) => join(directory, name)),
  )
  .find((path) => existsSync(path));

const QUIET = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** Everything the browser has to complain about: errors of scripts, of loading, and of the Content-Security-Policy. */
async function listen(page: Page): Promise<string[]> {
  const complaints: string[] = [];
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('requestfailed', (request) => complaints.push(`${request.url()}: ${request.failure()?.errorText}`));
  await page.exposeFunction('complain', (text: string) => complaints.push(text));
  await page.addInitScript(`document.addEventListener('securitypolicyviolation', (event) =>
    complain(event.violatedDirective + ' refuses ' + event.blockedURI));`);
  return complaints;
}

if (!executablePath) {
  const line = 'Swagger UI: no chromium or google-chrome on the PATH. Its test is skipped.';
  if (process.env['HALE_TEST_REQUIRE']) throw new Error(`HALE_TEST_REQUIRE is set, but ${line}`);
  console.warn(line);
}

describe.runIf(executablePath !== undefined && hasDatabase())('Swagger UI, in a browser', () => {
  let app: TestApp;
  let browser: Browser;
  let page: Page;
  let complaints: string[];
  const operation = (id: string): Locator => page.locator(`.opblock[id$="-${id}"]`);

  beforeAll(async () => {
    app = await TestApp.start();
    browser = await chromium.launch({ executablePath: executablePath ?? '', args: QUIET });
    page = await browser.newPage({ viewport: { width: 1280, height: 1600 } });
    complaints = await listen(page);
    await page.goto(`${app.url}/docs`);
    await operation('register').waitFor();
  });
  afterAll(async () => {
    await browser?.close();
    await app?.stop();
  });

  /** Opens an operation, sends it as it is filled in, and reads the answer. */
  async function execute(id: string): Promise<{ status: string; body: any }> {
    const block = operation(id);
    await block.locator('.opblock-summary-control').click();
    await block.locator('button.execute').click();
    const live = block.locator('.live-responses-table .response').first();
    const status = await live.locator('.response-col_status').innerText();
    return {
      status: status.trim(),
      body: JSON.parse(await live.locator('.highlight-code code').first().innerText()),
    };
  }

  it('shows the operations in the order of the document, and no clutter', async () => {
    const tags = await page
      .locator('.opblock-tag')
      .evaluateAll((nodes) => nodes.map((node) => node.getAttribute('data-tag')));
    expect(tags).toEqual(['Sign-in', 'Account', 'Weight', 'Weight sync']);
    expect(await page.title()).toBe('Hale API');
    expect(await page.locator('.topbar').isVisible()).toBe(false);
    expect(await page.locator('.opblock.is-open, .models.is-open').count()).toBe(0);
  });

  it('registers with the example that is filled in, authorizes, and reads the profile', async () => {
    expect((await execute('getProfile')).status).toBe('401');
    const registered = await execute('register');
    expect(registered).toMatchObject({ status: '201', body: { user: { email: 'ada@example.org' } } });
    await page.locator('.auth-wrapper > button.authorize').click();
    await page.locator('.dialog-ux input').fill(registered.body.access_token);
    await page.locator('.dialog-ux button.authorize').click();
    await page.locator('.dialog-ux button.btn-done').click();
    await operation('getProfile').locator('.opblock-summary-control').click();
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
});
