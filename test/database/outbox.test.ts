import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DiscoveryService, MetadataScanner, Reflector } from '@nestjs/core';
import { Undeliverable } from '../../src/kernel/events/delivery.js';
import { Events } from '../../src/kernel/events/events.js';
import { type Claim, CLAIM_MS, OutboxQueue } from '../../src/kernel/events/outbox-queue.js';
import { OutboxWorker } from '../../src/kernel/events/outbox-worker.js';
import { type Subscriber, Subscribers } from '../../src/kernel/events/subscribers.js';
import { UsersService } from '../../src/modules/identity/users/users.service.js';
import { UnitOfWork } from '../../src/platform/database/unit-of-work.js';
import { Background } from '../../src/platform/background.js';
import { Logger } from '../../src/platform/logger.js';
import { all, Log } from '../http/auth/support.js';
import { TestApp } from '../support/app.js';
import { DAY, HOUR, MINUTE, SECOND, TestClock } from '../support/clock.js';
import { hasDatabase } from '../support/database.js';
import { newTopic, subscriberOf, TestEvent, type TestHandler } from '../support/subscribers.js';

describe.runIf(hasDatabase())('outbox', () => {
  const clock = new TestClock();
  const log = new Log();
  let app: TestApp;
  let units: UnitOfWork;
  let events: Events;
  let queue: OutboxQueue;
  beforeAll(async () => {
    app = await TestApp.start({
      delivers: true,
      env: { LOG_LEVEL: 'info' },
      override: all(clock.install, log.install),
    });
    units = app.app.get(UnitOfWork);
    events = app.app.get(Events);
    queue = app.app.get(OutboxQueue);
  });
  afterAll(() => app.stop());

  /** Adds a message for a subscriber with the name of the topic, which this application does not have. */
  const put = (topic: string, payload: unknown = {}, lifetime = DAY, userId: string | null = null) =>
    queue.add(
      [
        {
          id: uuidv7(),
          userId,
          ownerId: userId,
          topic,
          subscriber: topic,
          isOrdered: false,
          payload: new TestEvent(topic, userId, payload),
          expiresAt: new Date(clock.now() + lifetime),
        },
      ],
      clock.date(),
    );
  const send = (...message: Parameters<typeof put>) => units.run(() => put(...message));
  const rows = (topic: string) => app.db.rows('SELECT * FROM outbox_messages WHERE topic = ?', [topic]);
  const logged = (topic: string) =>
    log.lines.filter(({ event }) => String(event).startsWith(topic)).map(({ event }) => event);
  /** A queue as another instance has it. */
  const workerFor = (subscribers: readonly Subscriber[], from: OutboxQueue = queue): OutboxWorker => {
    const registry = new Subscribers(
      app.app.get(DiscoveryService),
      app.app.get(MetadataScanner),
      app.app.get(Reflector),
    );
    for (const subscriber of subscribers) registry.add(subscriber);
    return new OutboxWorker(from, registry, units, clock, app.app.get(Logger), new Background());
  };
  const newWorker = (topic: string, handler: TestHandler, from?: OutboxQueue): OutboxWorker =>
    workerFor([subscriberOf(topic, handler)], from);
  const collector = (topic: string) => {
    const seen: unknown[] = [];
    return { seen, worker: newWorker(topic, async (payload) => void seen.push(payload)) };
  };

  it('delivers a committed message once, by itself', async () => {
    const topic = newTopic();
    const arrived = new Promise<unknown[]>((resolve) => {
      app.app.get(Subscribers).add(
        subscriberOf(topic, async (payload, { id }) => {
          const inUnit = app.db.unit !== undefined;
          resolve([payload, id, inUnit]);
        }),
      );
    });
    await units.run(() => events.publish(new TestEvent(topic, null, { token: 'abc' })));
    const [payload, id, inUnit] = await arrived;
    expect([payload, inUnit]).toEqual([{ token: 'abc' }, false]);
    expect(id).toMatch(/^[0-9a-f-]{14}7/);
    await app.app.get(OutboxWorker).drain();
    expect(await rows(topic)).toEqual([]);
  });

  it('delivers nothing that was rolled back, and accepts no message outside a unit of work', async () => {
    const topic = newTopic();
    const { seen, worker } = collector(topic);
    const failing = units.run(async () => {
      await put(topic);
      throw new Error('no');
    });
    await expect(failing).rejects.toThrow('no');
    await expect(put(topic)).rejects.toThrow('outside a unit of work');
    await expect(events.publish(new TestEvent(topic, null))).rejects.toThrow('outside a unit of work');
    await worker.drain();
    expect([seen, await rows(topic)]).toEqual([[], []]);
  });

  it('gives each of 50 messages to exactly one of two workers', async () => {
    const topic = newTopic();
    const [one, two] = [collector(topic), collector(topic)];
    await units.run(async () => {
      for (let number = 0; number < 50; number++) await put(topic, number);
    });
    await Promise.all([one.worker.drain(), two.worker.drain(), one.worker.drain()]);
    const numbers = [...one.seen, ...two.seen].map(Number).toSorted((a, b) => a - b);
    expect(numbers).toEqual(Array.from({ length: 50 }, (_, number) => number));
    expect(one.seen.length * two.seen.length).toBeGreaterThan(0);
  });

  it('retries a failed message later', async () => {
    const topic = newTopic();
    let isUp = false;
    const tries: string[] = [];
    const worker = newWorker(topic, async (_, { id }) => {
      tries.push(id);
      if (!isUp) throw new Error('someone@example.org is not there');
    });
    await send(topic);
    await worker.drain();
    clock.advance(5 * SECOND);
    await worker.drain();
    expect(tries).toHaveLength(1);
    isUp = true;
    clock.advance(5 * SECOND);
    await worker.drain();
    expect(tries).toHaveLength(2);
    expect(new Set(tries).size).toBe(1);
    expect(await rows(topic)).toEqual([]);
    expect(logged(topic)).toEqual([`${topic}-delayed`]);
  });

  it('waits longer after each attempt, at most one hour', async () => {
    const topic = newTopic();
    const worker = newWorker(topic, () => Promise.reject(new Error('no')));
    await send(topic, {}, 30 * DAY);
    for (let attempt = 1; attempt <= 14; attempt++) {
      await worker.drain();
      const [row] = await app.db.rows<{ attempts: number; due_at: string }>(
        'SELECT attempts, due_at FROM outbox_messages WHERE topic = ?',
        [topic],
      );
      const wait = new Date(`${row!.due_at.replace(' ', 'T')}Z`).getTime() - clock.now();
      const most = Math.min(10 * SECOND * 2 ** (attempt - 1), HOUR);
      expect(row!.attempts).toBe(attempt);
      expect(wait).toBeGreaterThan(most * 0.8 - 5 * SECOND);
      expect(wait).toBeLessThanOrEqual(most);
      clock.advance(most);
    }
  });

  it('takes over the messages of a process that died after two minutes', async () => {
    const topic = newTopic();
    const { seen, worker } = collector(topic);
    await send(topic, 'taken');
    expect(await queue.claim(topic, clock.date())).toBeDefined();
    clock.advance(CLAIM_MS - 10 * SECOND);
    await worker.drain();
    expect(seen).toEqual([]);
    clock.advance(10 * SECOND);
    await worker.drain();
    expect(seen).toEqual(['taken']);
  });

  it('does not let a slow instance postpone a message that another instance has claimed', async () => {
    const topic = newTopic();
    await send(topic);
    const claim = async (): Promise<Claim> => (await queue.claim(topic, clock.date()))!;
    const slow = await claim();
    clock.advance(CLAIM_MS);
    expect((await claim()).id).toBe(slow.id);
    await queue.postpone(slow, clock.date(), 'Error');
    expect(await queue.claim(topic, clock.date())).toBeUndefined();
  });

  it('drops expired messages, also of a topic that only another version has', async () => {
    const topic = newTopic();
    const { seen, worker } = collector(topic);
    const strange = newTopic();
    await send(topic, 'late', MINUTE);
    await send(strange, 'strange', MINUTE);
    await send(strange, 'fresh', HOUR);
    clock.advance(MINUTE);
    await worker.drain();
    expect([seen, await rows(topic)]).toEqual([[], []]);
    expect(await rows(strange)).toHaveLength(1);
    expect([logged(topic), logged(strange)]).toEqual([[`${topic}-expired`], [`${strange}-expired`]]);
  });

  it('drops messages that cannot be delivered or would expire before the next attempt', async () => {
    const [hopeless, tooLate] = [newTopic(), newTopic()];
    const worker = workerFor([
      subscriberOf(hopeless, () => Promise.reject(new Undeliverable('no'))),
      subscriberOf(tooLate, () => Promise.reject(new Error('no'))),
    ]);
    await send(hopeless);
    await send(tooLate, {}, 5 * SECOND);
    await worker.drain();
    expect([await rows(hopeless), await rows(tooLate)]).toEqual([[], []]);
    expect([logged(hopeless), logged(tooLate)]).toEqual([
      [`${hopeless}-undeliverable`],
      [`${tooLate}-expired`],
    ]);
  });

  it('encrypts tokens and addresses, and does not log them', async () => {
    const topic = newTopic();
    const secret = { token: 'token-Xk29sLq01mZ', to: 'grace.hopper@example.org' };
    const { seen, worker } = collector(topic);
    await send(topic, secret);
    await send(topic, 'other');
    const kept = await rows(topic);
    expect(kept).toHaveLength(2);
    expect(JSON.stringify(kept)).not.toMatch(/Xk29|grace|example\.org/);
    // Each payload can be decrypted only in its own row.
    await units.run(() =>
      app.db.execute('UPDATE outbox_messages SET payload = ? WHERE id = ?', [
        kept[0]!['payload'] as string,
        kept[1]!['id'] as string,
      ]),
    );
    await worker.drain();
    expect(seen).toHaveLength(1);
    expect(logged(topic)).toEqual([`${topic}-unreadable`]);
    expect(JSON.stringify(log.lines)).not.toMatch(/Xk29|grace|example\.org/);
  });

  it('deletes the messages of a deleted account, and no others', async () => {
    const topic = newTopic();
    const person = await app.api.register();
    const other = await app.api.register();
    await send(topic, 'theirs', DAY, person.userId);
    await send(topic, 'of another', DAY, other.userId);
    await send(topic, "nobody's");
    await app.app.get(UsersService).remove(person.userId);
    const { seen, worker } = collector(topic);
    await worker.drain();
    expect(seen.toSorted()).toEqual(["nobody's", 'of another']);
  });

  it('delivers messages that arrive during a run in the same run', async () => {
    const topic = newTopic();
    const seen: unknown[] = [];
    const worker = newWorker(topic, async (payload) => {
      seen.push(payload);
      if (payload !== 'first') return;
      await send(topic, 'second');
      void worker.drain();
    });
    await send(topic, 'first');
    await worker.drain();
    expect(seen).toEqual(['first', 'second']);
  });

  it('finishes current deliveries when it stops, and starts no new ones', async () => {
    const topic = newTopic();
    const seen: unknown[] = [];
    let open = (): void => undefined;
    const opened = new Promise<void>((resolve) => (open = resolve));
    let begin = (): void => undefined;
    const begun = new Promise<void>((resolve) => (begin = resolve));
    const worker = newWorker(topic, async (payload) => {
      begin();
      await opened;
      seen.push(payload);
    });
    await send(topic, 'under way');
    void worker.drain();
    await begun;
    await send(topic, 'new');
    const stopped = worker.onModuleDestroy();
    open();
    await stopped;
    await worker.drain();
    expect(seen).toEqual(['under way']);
    expect(await rows(topic)).toHaveLength(1);
  });

  it('survives a database that is not reachable, and logs it once', async () => {
    const topic = newTopic();
    let isAway = true;
    class Shaky extends OutboxQueue {
      override claim(...asked: Parameters<OutboxQueue['claim']>) {
        return isAway ? Promise.reject(new Error('away')) : queue.claim(...asked);
      }
    }
    const seen: unknown[] = [];
    const shaky = Object.assign(Object.create(Shaky.prototype) as Shaky, queue);
    const worker = newWorker(topic, async (payload) => void seen.push(payload), shaky);
    await send(topic, 'patient');
    const before = log.lines.length;
    for (let round = 0; round < 3; round++) await worker.drain();
    // The application also logs, for example that it wrote a mail.
    const ofOutbox = log.lines.slice(before).filter(({ component }) => component === 'outbox');
    expect(ofOutbox.map(({ msg }) => msg)).toEqual(['outbox was not read']);
    isAway = false;
    await worker.drain();
    expect(seen).toEqual(['patient']);
  });
});
