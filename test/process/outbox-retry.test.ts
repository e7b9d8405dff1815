import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DeadLetters } from '../../src/kernel/events/dead-letters.js';
import { instantText } from '../../src/platform/database/database.js';
import { TestApp } from '../support/app.js';
import { command } from '../support/command.js';
import { hasDatabase } from '../support/database.js';
import { change } from '../support/people.js';

describe.runIf(hasDatabase())('npm run outbox:retry', () => {
  let app: TestApp;
  beforeAll(async () => {
    app = await TestApp.start();
    const now = instantText(new Date());
    for (const subscriber of ['feed', 'feed', 'goals'])
      await change(
        app,
        `INSERT INTO outbox_messages (id, topic, subscriber, payload, attempts, created_at, due_at, dead_at)
         VALUES (?, 'record.meal', ?, 'sealed', 20, ?, ?, ?)`,
        [uuidv7(), subscriber, now, now, now],
      );
  });
  afterAll(() => app.stop());

  const run = async (...given: string[]): Promise<string> =>
    (await command('outbox', app.database, { arguments: given })).stdout.trim();
  const dead = async (): Promise<number> => (await app.app.get(DeadLetters).count()).dead;

  it('retries the dead letters of one subscriber, then all, and leaves the delivery to the service', async () => {
    expect(await run('retry', 'goals')).toBe('1 dead letters will be delivered again; 2 are left');
    expect(await dead()).toBe(2);
    expect(await run('retry')).toBe('2 dead letters will be delivered again; 0 are left');
    expect(await app.app.get(DeadLetters).count()).toEqual({ waiting: 3, dead: 0 });
    expect(await run('retry')).toBe('0 dead letters will be delivered again; 0 are left');
  });

  it('prints its usage and does nothing for unknown arguments', async () => {
    const failure = await run('forget').catch((error: { code: number; stderr: string }) => error);
    expect(failure).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('usage: npm run outbox:retry'),
    });
  });
});
