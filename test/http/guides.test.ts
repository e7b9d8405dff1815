import { readdirSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TestApp } from '../support/app.js';
import { hasDatabase } from '../support/database.js';

const GUIDES = readdirSync('docs')
  .filter((file) => file.endsWith('.md'))
  .map((file) => file.replace('.md', ''));

describe.runIf(hasDatabase())('the served guides', () => {
  let app: TestApp;
  beforeAll(async () => {
    app = await TestApp.start();
  });
  afterAll(() => app.stop());

  const pageAt = async (path: string): Promise<string> => {
    const { status, body } = await app.api.get(path);
    expect([path, status]).toEqual([path, 200]);
    return typeof body === 'string' ? body : JSON.stringify(body);
  };
  const linksOf = (page: string): string[] =>
    [...page.matchAll(/<a href="([^"]*)"/g)].map(([, href]) => href!);

  it('are linked from the document', async () => {
    const { body } = await app.api.get('/openapi.json');
    const links = [...String(body['info'].description).matchAll(/\]\(\/docs\/guide\/([\w-]+)\)/g)].map(
      ([, name]) => name,
    );
    expect(links.toSorted()).toEqual(GUIDES.toSorted());
    expect(body['info'].description).toContain('`/ws/sync`');
  });

  it('link to existing pages and headings', async () => {
    const pages = new Map<string, string>();
    const waiting = ['/docs/guide'];
    for (const path of waiting) {
      if (pages.has(path)) continue;
      const page = await pageAt(path);
      pages.set(path, page);
      for (const href of linksOf(page)) {
        const [target = ''] = href.split('#');
        if (target.startsWith('/')) waiting.push(target);
      }
    }
    const served = [...pages.keys()];
    expect(served).toEqual(expect.arrayContaining(GUIDES.map((name) => `/docs/guide/${name}`)));
    expect(served.filter((path) => path.startsWith('/docs/guide/decisions/')).length).toBeGreaterThan(3);
    for (const [path, page] of pages) {
      if (!path.startsWith('/docs/guide')) continue;
      for (const href of linksOf(page)) {
        const [target = '', fragment] = href.split('#');
        if (fragment === undefined || href.startsWith('https:')) continue;
        expect([path, href, pages.get(target || path)?.includes(`id="${fragment}"`)]).toEqual([
          path,
          href,
          true,
        ]);
      }
    }
  });

  it('run no script, are cached by browsers, and are revalidated each time', async () => {
    for (const path of ['/docs/guide', ...GUIDES.map((name) => `/docs/guide/${name}`)]) {
      const { status, headers, body } = await app.api.get(path);
      const page = String(body);
      expect([path, status, headers.get('content-type')]).toEqual([path, 200, 'text/html; charset=utf-8']);
      const policy = headers.get('content-security-policy');
      expect(policy).toContain("default-src 'none'");
      expect(policy).not.toMatch(/script-src|unsafe-inline/);
      expect([path, /<script|<style|<iframe|\son\w+="|\sstyle="/i.test(page)]).toEqual([path, false]);
      const etag = headers.get('etag') ?? '';
      expect([path, headers.get('cache-control')]).toEqual([path, 'public, no-cache']);
      const again = await app.api.with({ 'if-none-match': `"other", ${etag}` }).get(path);
      expect([path, again.status, again.body, again.headers.get('etag')]).toEqual([path, 304, '', etag]);
    }
  });

  it('show HTML in Markdown as text', async () => {
    const page = await pageAt('/docs/guide/operations');
    expect(page).toContain('&lt;address&gt;');
    expect(page).not.toContain('<address>');
  });

  it('are the pages of the folder, and no other file', async () => {
    for (const name of [
      'nothing',
      '..%2fREADME',
      '%2e%2e%2fREADME',
      'decisions/nothing',
      'decisions',
      'demo.png',
      'sync.md',
    ]) {
      const { status, headers } = await app.api.get(`/docs/guide/${name}`);
      expect([name, status, headers.get('content-type')]).toEqual([
        name,
        404,
        'application/problem+json; charset=utf-8',
      ]);
    }
  });
});
