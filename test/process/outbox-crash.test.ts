import { once } from 'node:events';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CLAIM_MS } from '../../src/kernel/events/outbox-queue.js';
import { OutboxWorker } from '../../src/kernel/events/outbox-worker.js';
import { startServer } from '../../tools/support/server.js';
import { Api } from '../support/api.js';
import { SECRET, TestApp } from '../support/app.js';
import { TestClock } from '../support/clock.js';
import { createDatabase, hasDatabase, type TestDatabase } from '../support/database.js';
import { SmtpSink } from '../support/smtp.js';

/** Kills the service after it has answered the request, and before the mail server has answered it. */
describe.runIf(hasDatabase())('kill -9 between commit and delivery', () => {
  let database: TestDatabase;
  let silent: Server;
  let sink: SmtpSink;
  beforeEach(async () => {
    database = await createDatabase();
    silent = createServer((socket) => void socket.on('error', () => undefined)).listen(0, '127.0.0.1');
    await once(silent, 'listening');
    sink = await SmtpSink.start();
  });
  afterEach(async () => {
    silent.close();
    await sink.stop();
    await database.drop();
  });

  it('F22 loses no event: the next instance delivers it once, with the same id', async () => {
    const server = await startServer({
      NODE_ENV: 'test',
      PORT: '0',
      DATABASE_URL: database.url,
      JWT_SECRET: SECRET,
      LOG_LEVEL: 'error',
      AUTH_REQUIRE_VERIFIED_EMAIL: 'false',
      SMTP_URL: `smtp://127.0.0.1:${(silent.address() as AddressInfo).port}`,
    });
    const connected = once(silent, 'connection');
    const person = await new Api(server.url).register();
    // The service has claimed the message, and waits for the greeting of the mail server, which never comes.
    await connected;
    await server.kill();

    const clock = new TestClock();
    const app = await TestApp.start({ database, env: { SMTP_URL: sink.url }, override: clock.install });
    try {
      const [row, ...others] = await app.db.rows<{ id: string }>('SELECT id FROM outbox_messages');
      expect([row?.id.length, others]).toEqual([36, []]);
      const worker = app.app.get(OutboxWorker);
      await worker.drain();
      expect(sink.mails).toEqual([]);
      clock.advance(CLAIM_MS);
      await worker.drain();
      await worker.drain();
      const mails = sink.to(person.account['user'].email);
      expect(mails.map(({ parsed }) => parsed.messageId?.includes(row?.id ?? 'none'))).toEqual([true]);
      expect(await app.db.rows('SELECT id FROM outbox_messages')).toEqual([]);
    } finally {
      await app.stop();
    }
  });
});
