import { DiscoveryService, MetadataScanner, Reflector } from '@nestjs/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DeadLetters } from '../../src/kernel/events/dead-letters.js';
import { Events } from '../../src/kernel/events/events.js';
import { CLAIM_MS, OutboxQueue } from '../../src/kernel/events/outbox-queue.js';
import { MAX_ATTEMPTS, OutboxWorker, UNKNOWN_SUBSCRIBER_MS } from '../../src/kernel/events/outbox-worker.js';
import { type Subscriber, Subscribers } from '../../src/kernel/events/subscribers.js';
import { Background } from '../../src/platform/background.js';
import { UnitOfWork } from '../../src/platform/database/unit-of-work.js';
import { Logger } from '../../src/platform/logger.js';
import { all, Log } from '../http/auth/support.js';
import { TestApp } from '../support/app.js';
import { DAY, HOUR, MINUTE, TestClock } from '../support/clock.js';
import { hasDatabase } from '../support/database.js';
import { chooseSeed, seededRandom } from '../support/random.js';
import { newTopic, subscriberOf, TestEvent } from '../support/subscribers.js';

describe.runIf(hasDatabase())('events', () => {
  const clock = new TestClock();
  const log = new Log();
  let app: TestApp;
  let units: UnitOfWork;
  let events: Events;
  let worker: OutboxWorker;
  let deadLetters: DeadLetters;
  beforeAll(async () => {
    app = await TestApp.start({ env: { LOG_LEVEL: 'info' }, override: all(clock.install, log.install) });
    units = app.app.get(UnitOfWork);
    events = app.app.get(Events);
    worker = app.app.get(OutboxWorker);
    deadLetters = app.app.get(DeadLetters);
  });
  afterAll(() => app.stop());

  const add = (...added: Subscriber[]): void => {
    for (const subscriber of added) app.app.get(Subscribers).add(subscriber);
  };
  const publish = (topic: string, ownerId: string | null, content: unknown = {}) =>
    units.run(() => events.publish(new TestEvent(topic, ownerId, content)));
  const rows = (topic: string) =>
    app.db.rows('SELECT * FROM outbox_messages WHERE topic = ? ORDER BY id', [topic]);
  /** A worker of a second instance on the same database. */
  const otherWorker = (...subscribers: Subscriber[]): OutboxWorker => {
    const registry = new Subscribers(
      app.app.get(DiscoveryService),
      app.app.get(MetadataScanner),
      app.app.get(Reflector),
    );
    for (const subscriber of subscribers) registry.add(subscriber);
    const queue = app.app.get(OutboxQueue);
    return new OutboxWorker(queue, registry, units, clock, app.app.get(Logger), new Background());
  };
  const newPerson = async (): Promise<string> => (await app.api.register()).userId;

  it('reach every subscriber of a topic, each by its own message', async () => {
    const topic = newTopic();
    const seen: string[] = [];
    const hear = (name: string) =>
      subscriberOf(topic, async (content) => void seen.push(`${name} ${String(content)}`), {
        name: `${topic}.${name}`,
      });
    add(hear('feed'), hear('goals'));
    await publish(topic, await newPerson(), 'walked');
    expect(await rows(topic)).toHaveLength(2);
    await worker.drain();
    expect(seen.toSorted()).toEqual(['feed walked', 'goals walked']);
    expect(await rows(topic)).toEqual([]);
  });

  it('are not written when nobody subscribes', async () => {
    const topic = newTopic();
    await publish(topic, await newPerson());
    expect(await rows(topic)).toEqual([]);
  });

  it('are handled in the transaction when a subscriber requires it, and are rolled back with it', async () => {
    const topic = newTopic();
    const units_: boolean[] = [];
    add(
      subscriberOf(
        topic,
        async (content) => {
          units_.push(app.db.unit !== undefined);
          if (content === 'bad') throw new Error('refused');
        },
        { isInTransaction: true, isOrdered: false },
      ),
    );
    await publish(topic, null, 'good');
    await expect(publish(topic, null, 'bad')).rejects.toThrow('refused');
    expect([units_, await rows(topic)]).toEqual([[true, true], []]);
  });

  it('of a subscriber that always fails do not delay other subscribers or other people', async () => {
    const topic = newTopic();
    const [ada, eve] = [await newPerson(), await newPerson()];
    const tried: unknown[] = [];
    const heard: unknown[] = [];
    add(
      subscriberOf(
        topic,
        async (content) => {
          tried.push(content);
          if (content === 'ada 1') throw new TypeError('ada@example.org is not there');
        },
        { name: `${topic}.fails` },
      ),
      subscriberOf(topic, async (content) => void heard.push(content), { name: `${topic}.works` }),
    );
    for (const content of ['ada 1', 'ada 2']) await publish(topic, ada, content);
    await publish(topic, eve, 'eve 1');
    await worker.drain();
    expect(heard.toSorted()).toEqual(['ada 1', 'ada 2', 'eve 1']);
    // Ada's second event waits for the first; Eve's does not.
    expect(tried.toSorted()).toEqual(['ada 1', 'eve 1']);
    // A new event of this order is not due before the event that waits.
    await publish(topic, ada, 'ada 3');
    for (let attempt = 2; attempt <= MAX_ATTEMPTS; attempt++) {
      clock.advance(HOUR);
      await worker.drain();
    }
    expect(tried.filter((content) => content === 'ada 1')).toHaveLength(MAX_ATTEMPTS);
    expect(tried.slice(-2)).toEqual(['ada 2', 'ada 3']);
    const { data, total } = await deadLetters.page({ limit: 10, offset: 0 });
    expect([total, data]).toEqual([
      1,
      [
        expect.objectContaining({
          topic,
          subscriber: `${topic}.fails`,
          attempts: 20,
          lastError: 'TypeError',
        }),
      ],
    ]);
    expect(await deadLetters.count()).toEqual({ waiting: 0, dead: 1 });
    expect(log.lines.map(({ event }) => event)).toContain(`${topic}-dead`);
    expect(JSON.stringify(log.lines)).not.toContain('example.org');
  });

  it('get the full number of attempts again when an operator retries them', async () => {
    const [letter] = (await deadLetters.page({ limit: 10, offset: 0 })).data;
    expect(await deadLetters.retry('nobody')).toBe(0);
    expect(await deadLetters.retry(letter!.subscriber)).toBe(1);
    expect(await deadLetters.retry(letter!.subscriber)).toBe(0);
    await worker.drain();
    expect(await deadLetters.count()).toEqual({ waiting: 1, dead: 0 });
    for (let attempt = 2; attempt <= MAX_ATTEMPTS; attempt++) {
      clock.advance(HOUR);
      await worker.drain();
    }
    expect((await deadLetters.page({ limit: 10, offset: 0 })).data).toMatchObject([
      { id: letter!.id, attempts: 40 },
    ]);
    expect(await deadLetters.retry()).toBe(1);
    await units.run(() => app.db.execute('DELETE FROM outbox_messages'));
  });

  it(
    'of many people arrive once and in order, when two instances deliver and sometimes fail',
    { timeout: 120_000 },
    async () => {
      const random = seededRandom(chooseSeed());
      const topic = newTopic();
      const people = await Promise.all(Array.from({ length: 8 }, newPerson));
      const seen = new Map<string, number[]>(people.map((id) => [id, []]));
      const busy = new Set<string>();
      const subscriber = subscriberOf(topic, async (content, _, { ownerId }) => {
        expect(busy.has(ownerId!)).toBe(false);
        busy.add(ownerId!);
        const isUp = random() > 0.2;
        await app.db.rows('SELECT 1 AS one');
        busy.delete(ownerId!);
        if (!isUp) throw new Error('now and then');
        seen.get(ownerId!)?.push(content as number);
      });
      add(subscriber);
      const other = otherWorker(subscriber);
      const COUNT = 12;
      await Promise.all([
        ...people.map(async (id) => {
          for (let number = 0; number < COUNT; number++) await publish(topic, id, number);
        }),
        worker.drain(),
        other.drain(),
      ]);
      const expected = Array.from({ length: COUNT }, (_, number) => number);
      while ((await rows(topic)).length > 0) {
        clock.advance(MINUTE);
        await Promise.all([worker.drain(), other.drain()]);
      }
      for (const id of people) expect(seen.get(id)).toEqual(expected);
    },
  );

  it('are in the order of commits when several transactions publish at the same time', async () => {
    const topic = newTopic();
    const id = await newPerson();
    const committed: number[] = [];
    const seen: unknown[] = [];
    add(subscriberOf(topic, async (content) => void seen.push(content)));
    await Promise.all(
      Array.from({ length: 10 }, (_, number) =>
        units.run(async () => {
          await events.publish(new TestEvent(topic, id, number));
          // The lock is held, so no other transaction runs between this line and the commit.
          committed.push(number);
        }),
      ),
    );
    await worker.drain();
    expect(seen).toEqual(committed);
  });

  it('take effect exactly once when the subscriber writes in the unit of work that removes the message', async () => {
    const topic = newTopic();
    const id = await newPerson();
    const outcomes: string[] = [];
    const effects: string[] = [];
    let open = (): void => undefined;
    const opened = new Promise<void>((resolve) => (open = resolve));
    let begin = (): void => undefined;
    const begun = new Promise<void>((resolve) => (begin = resolve));
    const effect = (who: string) => async (): Promise<void> => {
      await app.db.execute('UPDATE users SET display_name = ? WHERE id = ?', [who, id]);
      effects.push(who);
    };
    const slow = subscriberOf(topic, async (_, delivery) => {
      begin();
      await opened;
      await delivery.once(effect('slow')).catch((error: Error) => {
        outcomes.push(error.constructor.name);
        throw error;
      });
    });
    add(slow);
    await publish(topic, id);
    const drained = worker.drain();
    await begun;
    clock.advance(CLAIM_MS);
    await otherWorker(subscriberOf(topic, (_, delivery) => delivery.once(effect('swift')))).drain();
    open();
    await drained;
    const [row] = await app.db.rows('SELECT display_name FROM users WHERE id = ?', [id]);
    expect([outcomes, effects, row?.['display_name'], await rows(topic)]).toEqual([
      ['LeaseLostError'],
      ['swift'],
      'swift',
      [],
    ]);
  });

  it('are tried again when their effect was rolled back', async () => {
    const topic = newTopic();
    let attempts = 0;
    add(
      subscriberOf(topic, (_, delivery) =>
        delivery.once(async () => {
          attempts = delivery.attempt;
          if (attempts === 1) throw new Error('undone');
        }),
      ),
    );
    await publish(topic, await newPerson());
    await worker.drain();
    expect(await rows(topic)).toHaveLength(1);
    clock.advance(MINUTE);
    await worker.drain();
    expect([attempts, await rows(topic)]).toEqual([2, []]);
  });

  it('of a subscriber that no longer exists become dead letters after a week', async () => {
    const topic = newTopic();
    const subscriber = subscriberOf(topic, async () => undefined);
    add(subscriber);
    await publish(topic, await newPerson());
    const other = otherWorker(subscriberOf(newTopic(), async () => undefined));
    clock.advance(UNKNOWN_SUBSCRIBER_MS - DAY);
    await other.drain();
    expect(await deadLetters.count()).toEqual({ waiting: 1, dead: 0 });
    clock.advance(DAY);
    await other.drain();
    expect((await deadLetters.page({ limit: 10, offset: 0 })).data).toMatchObject([
      { lastError: 'UnknownSubscriber' },
    ]);
    // The version that has the subscriber runs again.
    expect(await deadLetters.retry(topic)).toBe(1);
    await worker.drain();
    expect(await deadLetters.count()).toEqual({ waiting: 0, dead: 0 });
  });

  it('that cannot be decrypted become dead letters until their secret is accepted again', async () => {
    const topic = newTopic();
    const seen: unknown[] = [];
    add(subscriberOf(topic, async (content) => void seen.push(content)));
    await publish(topic, await newPerson(), 'kept');
    const [row] = await rows(topic);
    const setPayload = (payload: unknown) =>
      units.run(() => app.db.execute('UPDATE outbox_messages SET payload = ?', [payload as string]));
    await setPayload(`v1.${'A'.repeat(60)}`);
    await worker.drain();
    expect((await deadLetters.page({ limit: 10, offset: 0 })).data).toMatchObject([
      { lastError: 'BrokenSealError' },
    ]);
    await setPayload(row?.['payload']);
    await deadLetters.retry();
    await worker.drain();
    expect(seen).toEqual(['kept']);
  });
});
