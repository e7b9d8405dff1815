import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { fastify, type FastifyRequest } from 'fastify';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadConfig } from '../../src/config/config.js';
import { AnswerMemory } from '../../src/kernel/answers/answer-memory.js';
import { SlowReaders } from '../../src/kernel/answers/slow-readers.js';
import { Logger } from '../../src/platform/logger.js';
import { SECRET } from '../support/app.js';
import { until } from '../support/until.js';

describe('an answer that nobody reads', () => {
  const config = loadConfig({ JWT_SECRET: SECRET, LOG_LEVEL: 'silent' });
  const memory = new AnswerMemory(config);
  const readers = new SlowReaders(config, memory, new Logger(config));
  const server = fastify();
  const requests: FastifyRequest[] = [];
  let hasFailed = false;
  /** More than the buffers of the system hold. */
  const large = 'x'.repeat(16_000_000);
  beforeAll(async () => {
    server.addHook('onRequest', (request, _reply, done) => {
      if (readers.arrive(request)) done();
    });
    server.addHook('onSend', (request, reply, payload, done) => {
      readers.watch(request, reply, payload);
      done();
    });
    // A failure after the answer was begun: it is answered once more.
    server.addHook('onSend', (request, _reply, _payload, done) => {
      if (request.url !== '/twice' || hasFailed) return done();
      hasFailed = true;
      done(new Error('failed'));
    });
    server.post('*', (request) => {
      requests.push(request);
      request.rawBody = Buffer.alloc(10);
      return large;
    });
    await server.listen({ port: 0, host: '127.0.0.1' });
  });
  afterAll(() => server.close());

  async function post(path: string): Promise<Socket> {
    const { port } = server.server.address() as { port: number };
    const client = connect({ port, host: '127.0.0.1' });
    const body = JSON.stringify({ a: [1, 2, 3] });
    const head = `POST ${path} HTTP/1.1\r\nhost: a\r\ncontent-type: application/json`;
    client.write(`${head}\r\ncontent-length: ${body.length}\r\n\r\n${body}`);
    await once(client, 'readable');
    return client;
  }

  it('holds no body of its request', async () => {
    const client = await post('/once');
    const { body, rawBody } = requests.at(-1)!;
    expect([body, rawBody]).toEqual([undefined, undefined]);
    expect(memory.unread).toBeGreaterThan(large.length);
    client.destroy();
    await until(() => memory.unread === 0);
  });

  it('is counted once when a later hook fails', async () => {
    const client = await post('/twice');
    expect(String(client.read())).toContain('500 Internal Server Error');
    await until(() => memory.unread === 0);
    client.destroy();
  });
});
