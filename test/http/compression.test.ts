import Fastify from 'fastify';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { compressAnswers } from '../../src/kernel/http/compression.js';
import type { Api } from '../support/api.js';
import { TestApp } from '../support/app.js';
import { hasDatabase } from '../support/database.js';
import { type Json, media, operations, resolve, schemas, successOf } from './openapi.support.js';

const WEIGHT = '/api/health-metrics/weight';
/** Names of fields with secrets. */
const SECRET = /token|secret|^key$|recovery_codes|challenge/;

/** The headers of a browser; `fetch` adds `no-cache`, which requests a complete file. */
const ASKS_AGAIN = { 'cache-control': 'max-age=0' };

describe('compression', () => {
  it('is finished before the answer is sent, so that no slow reader keeps an encoder', async () => {
    const fastify = Fastify();
    const sizes: number[] = [];
    await compressAnswers(fastify, (_request, bytes) => void sizes.push(bytes));
    fastify.get('/api/books', async () => ({ text: 'a'.repeat(200_000) }));
    for (const encoding of ['br', 'gzip']) {
      const { headers, rawPayload } = await fastify.inject({
        url: '/api/books',
        headers: { 'accept-encoding': encoding },
      });
      expect([headers['content-encoding'], Number(headers['content-length'])]).toEqual([
        encoding,
        rawPayload.length,
      ]);
      expect(sizes.pop()).toBe(rawPayload.length);
    }
  });

  it('is for reads and sync, never for writes or sign-in, and not for short answers', async () => {
    const fastify = Fastify();
    await compressAnswers(fastify, () => undefined);
    const long = { text: 'a'.repeat(2_000) };
    for (const url of ['/api/meals', '/api/sync/push', '/api/auth/sessions'])
      fastify.route({
        method: ['GET', 'POST'].filter((it) => it === 'POST' || url !== '/api/sync/push'),
        url,
        handler: async () => long,
      });
    fastify.get('/api/books', async () => long);
    fastify.get('/api/short', async () => ({ text: 'a'.repeat(900) }));
    const encodingOf = async (method: 'GET' | 'POST', url: string, accepted = 'gzip, br') =>
      (await fastify.inject({ method, url, headers: { 'accept-encoding': accepted } })).headers[
        'content-encoding'
      ];
    expect(await encodingOf('GET', '/api/books')).toBe('br');
    expect(await encodingOf('GET', '/api/books', 'gzip')).toBe('gzip');
    expect(await encodingOf('GET', '/api/books', 'identity')).toBeUndefined();
    expect(await encodingOf('POST', '/api/sync/push')).toBe('br');
    expect(await encodingOf('GET', '/api/short')).toBeUndefined();
    expect(await encodingOf('POST', '/api/meals')).toBeUndefined();
    expect(await encodingOf('GET', '/api/auth/sessions')).toBeUndefined();
    await fastify.close();
  });

  it('excludes every answer that contains a secret', () => {
    const secretsIn = (schema: Json | undefined): string[] => {
      const whole = schema?.['$ref'] ? schemas[(schema['$ref'] as string).split('/').at(-1)!]! : schema;
      return Object.entries((whole?.['properties'] ?? {}) as Json).flatMap(([name, field]) => [
        ...(SECRET.test(name) ? [name] : []),
        ...secretsIn(field.items ?? field),
      ]);
    };
    // The key of a nutrient is its name.
    const secret = operations.filter((operation) => {
      if (operation.path === '/api/foods/nutrients') return false;
      const schema = media(resolve(successOf(operation)[1]))?.['schema'] as Json | undefined;
      return secretsIn(schema).length > 0;
    });
    expect(secret.length).toBeGreaterThan(5);
    const compressed = secret.filter(
      ({ method, path }) => !path.startsWith('/api/auth/') && (method === 'GET' || path.includes('/sync')),
    );
    expect(compressed.map(({ route }) => route)).toEqual([]);
  });
});

describe.runIf(hasDatabase())('compressed answers', () => {
  let app: TestApp;
  let person: Api;
  beforeAll(async () => {
    app = await TestApp.start();
    person = await app.api.register();
  });
  afterAll(() => app.stop());

  it('a document is compressed, and not sent again to a browser that has it', async () => {
    for (const path of [
      '/openapi.json',
      '/openapi.yaml',
      '/docs',
      '/docs/swagger-ui-init.js',
      '/docs/swagger-ui.css',
    ]) {
      const { status, headers } = await app.api.with({ 'accept-encoding': 'br' }).get(path);
      expect([path, status, headers.get('content-encoding')]).toEqual([path, 200, 'br']);
      expect([path, headers.get('vary')]).toEqual([path, expect.stringContaining('accept-encoding')]);
      expect([path, headers.get('cache-control')]).toEqual([path, expect.stringMatching(/^public, /)]);
      const tag = headers.get('etag') ?? '';
      const again = await app.api.with({ ...ASKS_AGAIN, 'if-none-match': tag }).get(path);
      expect([path, again.status, again.body]).toEqual([path, 304, '']);
    }
    expect((await app.api.get('/docs/nothing.css')).headers.get('cache-control')).toBe('no-store');
    expect((await person.get('/api/users/me')).headers.get('cache-control')).toBe('no-store');
  });

  it('a pull is compressed, and its ETag still works', async () => {
    for (let index = 0; index < 20; index++)
      await person.post(WEIGHT, { weight_value: 70 + index, unit: 'kg', timestamp: '2026-01-06T20:30:00Z' });
    const asking = person.with({ 'accept-encoding': 'gzip' });
    for (const path of [`${WEIGHT}/sync`, '/api/sync/pull']) {
      const { headers, status } = await asking.get(path);
      expect([path, status, headers.get('content-encoding')]).toEqual([path, 200, 'gzip']);
      const again = await asking.with({ 'if-none-match': headers.get('etag') ?? '' }).get(path);
      expect([path, again.status]).toEqual([path, 304]);
    }
  });
});
