import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Claim, CLAIM_MS, OutboxQueue } from '../../src/kernel/outbox/outbox-queue.js';
import { type Handler, OutboxWorker } from '../../src/kernel/outbox/outbox-worker.js';
import { Outbox } from '../../src/kernel/outbox/outbox.js';
import { Undeliverable } from '../../src/kernel/outbox/undeliverable.js';
import { UsersService } from '../../src/modules/users/public.js';
import { UnitOfWork } from '../../src/platform/database/unit-of-work.js';
import { Background } from '../../src/platform/background.js';
import { Logger } from '../../src/platform/logger.js';
import { all, Log } from '../http/auth/support.js';
import { TestApp } from '../support/app.js';
import { DAY, HOUR, MINUTE, SECOND, TestClock } from '../support/clock.js';
import { hasDatabase } from '../support/database.js';

describe.runIf(hasDatabase())('outbox', () => {
  const clock = new TestClock();
  const log = new Log();
  let app: TestApp;
  let units: UnitOfWork;
  let outbox: Outbox;
  let queue: OutboxQueue;
  beforeAll(async () => {
    app = await TestApp.start({
      delivers: true,
      env: { LOG_LEVEL: 'info' },
      override: all(clock.install, log.install),
    });
    units = app.app.get(UnitOfWork);
    outbox = app.app.get(Outbox);
    queue = app.app.get(OutboxQueue);
  });
  afterAll(() => app.stop());

  const newTopic = (): string => `t-${randomUUID().slice(0, 8)}`;
  const put = (topic: string, payload: unknown = {}, lifetime = DAY, userId: string | null = null) =>
    outbox.put({ userId, topic, payload, expiresAt: new Date(clock.now() + lifetime) });
  const send = (...message: Parameters<typeof put>) => units.run(() => put(...message));
  const rows = (topic: string) => app.db.rows('SELECT * FROM outbox_messages WHERE topic = ?', [topic]);
  const events = (topic: string) =>
    log.lines.filter(({ event }) => String(event).startsWith(topic)).map(({ event }) => event);
  /** As another instance has it. */
  const newWorker = (topic: string, handler: Handler, from: OutboxQueue = queue): OutboxWorker => {
    const worker = new OutboxWorker(from, clock, app.app.get(Logger), new Background());
    worker.on(topic, handler);
    return worker;
  };
  const collector = (topic: string) => {
    const seen: unknown[] = [];
    return { seen, worker: newWorker(topic, async (payload) => void seen.push(payload)) };
  };

  it('lets out what was committed, once, without being asked', async () => {
    const topic = newTopic();
    const worker = app.app.get(OutboxWorker);
    const arrived = new Promise<unknown[]>((resolve) => {
      worker.on(topic, async (...message) => {
        const inUnit = app.db.unit !== undefined;
        resolve([...message, inUnit]);
      });
    });
    await send(topic, { token: 'abc' });
    const [payload, id, inUnit] = await arrived;
    expect([payload, inUnit]).toEqual([{ token: 'abc' }, false]);
    expect(id).toMatch(/^[0-9a-f-]{14}7/);
    await worker.drain();
    expect(await rows(topic)).toEqual([]);
  });

  it('lets nothing out of what was rolled back, and takes nothing outside of a unit of work', async () => {
    const topic = newTopic();
    const { seen, worker } = collector(topic);
    const failing = units.run(async () => {
      await put(topic);
      throw new Error('no');
    });
    await expect(failing).rejects.toThrow('no');
    await expect(put(topic)).rejects.toThrow('outside a unit of work');
    await worker.drain();
    expect([seen, await rows(topic)]).toEqual([[], []]);
  });

  it('gives each of 50 messages to one of two workers', async () => {
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

  it('tries again later what failed', async () => {
    const topic = newTopic();
    let isUp = false;
    const tries: string[] = [];
    const worker = newWorker(topic, async (_, id) => {
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
    expect(events(topic)).toEqual([`${topic}-delayed`]);
  });

  it('waits longer each time, for an hour at most', async () => {
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

  it('takes over from a process that died, after two minutes', async () => {
    const topic = newTopic();
    const { seen, worker } = collector(topic);
    await send(topic, 'taken');
    expect(await queue.claim([topic], clock.date())).toBeDefined();
    clock.advance(CLAIM_MS - 10 * SECOND);
    await worker.drain();
    expect(seen).toEqual([]);
    clock.advance(10 * SECOND);
    await worker.drain();
    expect(seen).toEqual(['taken']);
  });

  it('does not let one that was slow give back what another has taken over', async () => {
    const topic = newTopic();
    await send(topic);
    const claim = async (): Promise<Claim> => (await queue.claim([topic], clock.date()))!;
    const slow = await claim();
    clock.advance(CLAIM_MS);
    expect((await claim()).id).toBe(slow.id);
    await queue.postpone(slow, clock.date());
    expect(await queue.claim([topic], clock.date())).toBeUndefined();
  });

  it('drops what has expired, also of a topic that only another version knows', async () => {
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
    expect([events(topic), events(strange)]).toEqual([[`${topic}-expired`], [`${strange}-expired`]]);
  });

  it('drops what cannot be delivered, or would be tried too late', async () => {
    const [hopeless, tooLate] = [newTopic(), newTopic()];
    const worker = newWorker(hopeless, () => Promise.reject(new Undeliverable('no')));
    worker.on(tooLate, () => Promise.reject(new Error('no')));
    await send(hopeless);
    await send(tooLate, {}, 5 * SECOND);
    await worker.drain();
    expect([await rows(hopeless), await rows(tooLate)]).toEqual([[], []]);
    expect([events(hopeless), events(tooLate)]).toEqual([
      [`${hopeless}-undeliverable`],
      [`${tooLate}-expired`],
    ]);
  });

  it('keeps tokens and addresses to itself, and says nothing of them in the log', async () => {
    const topic = newTopic();
    const secret = { token: 'token-Xk29sLq01mZ', to: 'grace.hopper@example.org' };
    const { seen, worker } = collector(topic);
    await send(topic, secret);
    await send(topic, 'other');
    const kept = await rows(topic);
    expect(kept).toHaveLength(2);
    expect(JSON.stringify(kept)).not.toMatch(/Xk29|grace|example\.org/);
    // Each opens in its own row only.
    await units.run(() =>
      app.db.execute('UPDATE outbox_messages SET payload = ? WHERE id = ?', [
        kept[0]!['payload'] as string,
        kept[1]!['id'] as string,
      ]),
    );
    await worker.drain();
    expect(seen).toHaveLength(1);
    expect(events(topic)).toEqual([`${topic}-unreadable`]);
    expect(JSON.stringify(log.lines)).not.toMatch(/Xk29|grace|example\.org/);
  });

  it('forgets what waits for a person who leaves, and nothing else', async () => {
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

  it('delivers in the same round what comes in meanwhile', async () => {
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

  it('finishes what is under way when it stops, and takes nothing new', async () => {
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

  it('outlives a database that is away, and says so once', async () => {
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
    expect(log.lines.slice(before).map(({ msg }) => msg)).toEqual(['outbox was not read']);
    isAway = false;
    await worker.drain();
    expect(seen).toEqual(['patient']);
  });
});
