import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TestApp } from '../support/app.js';
import { hasDatabase } from '../support/database.js';

describe.runIf(hasDatabase())('the greeting at /', () => {
  let app: TestApp;
  beforeAll(async () => {
    app = await TestApp.start();
  });
  afterAll(() => app.stop());

  const hrefsOf = (html: string): string[] =>
    [...html.matchAll(/href="(\/[^"]*)"/g)].map(([, path = '']) => path);

  it('tells a program in JSON where the documents, the guides and the health are, and each is there', async () => {
    const { status, headers, body } = await app.api.get('/');
    expect([status, headers.get('content-type'), body['name']]).toEqual([
      200,
      'application/json; charset=utf-8',
      'Hale',
    ]);
    const links = Object.entries(body['links'] as Record<string, string>);
    expect(links.map(([name]) => name)).toEqual(['documentation', 'openapi', 'guides', 'health']);
    for (const [, path] of links) expect([path, (await app.api.get(path)).status]).toEqual([path, 200]);
  });

  it('shows a browser the same links, and loads nothing', async () => {
    const { status, headers, body } = await app.api.with({ accept: 'text/html,*/*;q=0.8' }).get('/');
    const { body: document } = await app.api.get('/');
    expect([status, headers.get('content-type'), headers.get('vary')]).toEqual([
      200,
      'text/html; charset=utf-8',
      expect.stringContaining('Accept'),
    ]);
    expect(hrefsOf(String(body))).toEqual(Object.values(document['links'] as object));
    expect(String(body)).not.toMatch(/<script|src=/);
  });

  it('names no document that is not served', async () => {
    const closed = await TestApp.start({ env: { API_DOCS: 'false' } });
    try {
      expect((await closed.api.get('/')).body['links']).toEqual({ health: '/health/ready' });
    } finally {
      await closed.stop();
    }
  });

  it('uses the budget of the address like any other route', async () => {
    const limited = await TestApp.start({ env: { RATE_LIMIT_PER_MINUTE: '3' } });
    try {
      const statuses = await Promise.all(
        Array.from({ length: 8 }, async () => (await limited.api.get('/')).status),
      );
      expect(statuses.filter((status) => status === 200)).toHaveLength(3);
    } finally {
      await limited.stop();
    }
  });
});
