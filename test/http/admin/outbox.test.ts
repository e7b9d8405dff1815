import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Events } from '../../../src/kernel/events/events.js';
import { MAX_ATTEMPTS, OutboxWorker } from '../../../src/kernel/events/outbox-worker.js';
import { Subscribers } from '../../../src/kernel/events/subscribers.js';
import { UnitOfWork } from '../../../src/platform/database/unit-of-work.js';
import { type Api } from '../../support/api.js';
import { TestApp } from '../../support/app.js';
import { HOUR, TestClock } from '../../support/clock.js';
import { hasDatabase } from '../../support/database.js';
import { personWith } from '../../support/people.js';
import { newTopic, subscriberOf, TestEvent } from '../../support/subscribers.js';

const DEAD = '/api/admin/outbox/dead';
const WHY = 'reason=maintenance';
const SECRET = 'ada@example.org weighs 75.5 kg';

describe.runIf(hasDatabase())('dead letters', () => {
  const clock = new TestClock();
  const topic = newTopic();
  const heard: unknown[] = [];
  let isUp = false;
  let app: TestApp;
  let admin: Api;
  beforeAll(async () => {
    app = await TestApp.start({
      override: clock.install,
      env: { METRICS_TOKEN: 'scrapes-0123456789abcdef0123456789' },
    });
    app.app.get(Subscribers).add(
      subscriberOf(topic, async (content) => {
        if (!isUp) throw new RangeError(SECRET);
        heard.push(content);
      }),
    );
    const { userId } = await app.api.register();
    await app.app
      .get(UnitOfWork)
      .run(() => app.app.get(Events).publish(new TestEvent(topic, userId, SECRET)));
    for (let attempt = 1; attempt <= MAX_ATTEMPTS; attempt++) {
      await app.app.get(OutboxWorker).drain();
      clock.advance(HOUR);
    }
    admin = await personWith(app, 'admin');
  });
  afterAll(() => app.stop());

  const metrics = async (): Promise<string[]> => {
    const headers = { authorization: 'Bearer scrapes-0123456789abcdef0123456789' };
    const text = await (await fetch(`${app.url}/metrics`, { headers })).text();
    return text.split('\n').filter((line) => line.startsWith('outbox_'));
  };
  const actions = async (): Promise<string[]> =>
    (await admin.get(`/api/admin/audit?${WHY}`)).body['data'].map(({ action }: { action: string }) => action);

  it('are listed without their content and without the person they concern', async () => {
    const { status, body } = await admin.get(`${DEAD}?${WHY}`);
    expect([status, body]).toEqual([
      200,
      {
        data: [
          {
            id: expect.any(String),
            topic,
            subscriber: topic,
            attempts: MAX_ATTEMPTS,
            last_error: 'RangeError',
            created_at: expect.any(String),
            dead_at: expect.any(String),
          },
        ],
        pagination: { total: 1, limit: 100, offset: 0 },
      },
    ]);
    expect(JSON.stringify(body)).not.toContain('75.5');
    expect(await actions()).toContain('outbox.read');
    expect(await metrics()).toContain('outbox_dead 1');
  });

  it('are only for admins, who must give a reason', async () => {
    expect((await (await app.api.register()).get(`${DEAD}?${WHY}`)).status).toBe(403);
    expect((await admin.get(DEAD)).status).toBe(422);
    expect((await admin.get(`${DEAD}?${WHY}&limit=0`)).status).toBe(422);
  });

  it('are delivered again when an admin retries them', async () => {
    const retry = (query = '') => admin.post(`${DEAD}/retry?${WHY}${query}`);
    expect((await retry('&subscriber=nobody')).body).toEqual({ retried: 0 });
    isUp = true;
    expect((await retry(`&subscriber=${topic}`)).body).toEqual({ retried: 1 });
    await app.app.get(OutboxWorker).drain();
    expect(heard).toEqual([SECRET]);
    expect((await admin.get(`${DEAD}?${WHY}`)).body['data']).toEqual([]);
    expect(await actions()).toContain('outbox.retried');
    expect(await metrics()).toEqual(expect.arrayContaining(['outbox_dead 0']));
  });
});
