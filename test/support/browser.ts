import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { type Browser, chromium, type Page } from 'playwright-core';
import { reportMissing } from './required.js';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome'];
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

/** The browser of this machine. When there is none, it prints a line, and the tests that need it are skipped. */
export function findBrowser(): string | undefined {
  const found = (process.env['PATH'] ?? '')
    .split(delimiter)
    .flatMap((directory) => NAMES.map((name) => join(directory, name)))
    .find((path) => existsSync(path));
  if (found) return found;
  reportMissing('chromium', 'the tests in a browser are');
  return undefined;
}

export const launch = (executablePath: string, ...more: string[]): Promise<Browser> =>
  chromium.launch({ executablePath, args: [...QUIET, ...more] });

/** Collects the errors of the browser: of scripts, of loading, and of the Content-Security-Policy. */
export async function complaintsOf(page: Page): Promise<string[]> {
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
