import { describe, expect, it, vi } from 'vitest';
import { loadConfig } from '../../src/config/config.js';
import { AnswerMemory } from '../../src/kernel/answers/answer-memory.js';
import type { HeldAnswer } from '../../src/kernel/answers/held-answer.js';
import { Problem } from '../../src/kernel/http/problem.js';
import { SECRET } from '../support/app.js';

const MIB = 1_048_576;
/** What an answer takes beside its body. */
const OVERHEAD = 16_384;
const ignored = (): void => undefined;

describe('the memory of answers', () => {
  const memory = (ofUser: number, ofAll: number): AnswerMemory =>
    new AnswerMemory(
      loadConfig({
        JWT_SECRET: SECRET,
        ANSWER_MEMORY_PER_USER: String(ofUser),
        ANSWER_MEMORY: String(ofAll),
      }),
    );
  const codeOf = async (reserve: () => HeldAnswer): Promise<unknown> => {
    try {
      await reserve().room;
      return 'admitted';
    } catch (error) {
      return (error as Problem).code;
    }
  };
  /** A request that runs. */
  const run = (answers: AnswerMemory, client: string): HeldAnswer => {
    const held = answers.reserve(client);
    expect(held.room).toBeUndefined();
    return held;
  };
  /** An answer that nobody reads. */
  const hold = (answers: AnswerMemory, client: string, mib: number, cut = ignored): HeldAnswer => {
    const held = run(answers, client);
    held.finish();
    held.written(mib * MIB, cut);
    return held;
  };

  /** The same, where it needs not wait and is not refused. */
  const takeNow = async (
    answers: AnswerMemory,
    client: string,
    mib: number,
  ): Promise<HeldAnswer | undefined> => {
    try {
      const held = answers.reserve(client);
      if (held.room === undefined) {
        held.finish();
        held.written(mib * MIB, ignored);
        return held;
      }
      held.release();
      await held.room;
    } catch {
      // Refused.
    }
    return undefined;
  };

  it('lets a request wait for running ones of the same client, and nobody else', async () => {
    const answers = memory(3, 10);
    const [first] = [run(answers, 'ada'), run(answers, 'ada')];
    const third = answers.reserve('ada');
    expect(third.room).toBeInstanceOf(Promise);
    expect(await codeOf(() => answers.reserve('eve'))).toBe('admitted');
    first.finish();
    first.written(100, ignored);
    await third.room;
  });

  it('refuses those who wait when unread answers of their client take the room', async () => {
    const answers = memory(3, 10);
    const running = [run(answers, 'ada'), run(answers, 'ada')];
    const third = codeOf(() => answers.reserve('ada'));
    for (const answer of running) answer.written(MIB, ignored);
    expect(await third).toBe('rate-limited');
    expect(() => answers.reserve('ada')).toThrow('rate-limited');
    expect(answers.unread).toBe(2 * MIB);
  });

  it('serves whoever holds nothing, also where the answers of many leave no room', async () => {
    const answers = memory(2, 4);
    const cuts: string[] = [];
    for (const client of ['ada', 'eve', 'bob', 'zoe'])
      hold(answers, client, 0.9, () => void cuts.push(client));
    expect(await codeOf(() => answers.reserve('new'))).toBe('admitted');
    expect(cuts).toEqual(['ada']);
    // But nobody gives way to a client that holds as much.
    hold(answers, 'ada', 0.9);
    expect(() => answers.reserve('zoe')).toThrow('busy');
    expect(cuts).toEqual(['ada']);
  });

  it('cuts whose bytes are the greatest burden, and of these the oldest', async () => {
    const answers = memory(8, 17);
    const cuts: string[] = [];
    const now = vi.spyOn(performance, 'now').mockReturnValue(1_000);
    const cutter = (name: string) => () => void cuts.push(name);
    for (const name of ['eve 1', 'eve 2', 'eve 3']) hold(answers, 'eve', 1, cutter(name));
    for (const name of ['bob 1', 'bob 2']) hold(answers, 'bob', 1, cutter(name));
    now.mockReturnValue(20_000);
    // A phone that fetches many pages at once has more bytes than those who stopped reading.
    for (let page = 0; page < 7; page++) hold(answers, 'phone', 1, cutter('phone'));
    now.mockReturnValue(21_000);
    for (let count = 0; count < 6; count++) hold(answers, `new ${count}`, 1, cutter('new'));
    expect(cuts).toEqual(['eve 1', 'eve 2']);
    expect(answers.unread).toBeLessThanOrEqual(17 * MIB);
    now.mockRestore();
  });

  it('never holds more than all may have, also where answers are larger than expected', () => {
    const answers = memory(8, 8);
    for (let count = 0; count < 20; count++) {
      const held = answers.reserve(`client ${count}`, true);
      held.written(3.5 * MIB, ignored);
      expect(answers.unread).toBeLessThanOrEqual(8 * MIB);
    }
  });

  it('lets no request of one client wait for the queue of another', async () => {
    const answers = memory(5, 9);
    const running = ['ada', 'eve'].flatMap((client) => Array.from({ length: 4 }, () => run(answers, client)));
    const order: string[] = [];
    const ask = (client: string) => answers.reserve(client).room!.then(() => void order.push(client));
    const rest = ['ada', 'eve', 'ada', 'eve'].map(ask);
    const late = ask('new');
    running[0]!.finish();
    running[0]!.written(10, ignored);
    await late;
    expect(order).toEqual(['new']);
    for (const held of running) held.written(10, ignored);
    await Promise.all(rest);
  });

  it('lets no write take the room of others before its answer is written', async () => {
    const answers = memory(16, 4);
    for (let count = 0; count < 4; count++) expect(answers.reserve('ada', true).room).toBeUndefined();
    expect(answers.reserve('ada', true).room).toBeInstanceOf(Promise);
    expect(await codeOf(() => answers.reserve('eve'))).toBe('admitted');
  });

  it('asks whoever waits too long to come back', async () => {
    vi.useFakeTimers();
    const answers = memory(3, 3);
    const running = [run(answers, 'ada'), run(answers, 'ada')];
    const waiting = codeOf(() => answers.reserve('eve'));
    await vi.advanceTimersByTimeAsync(5_000);
    expect(await waiting).toBe('busy');
    for (const held of running) held.written(10, ignored);
    expect(await codeOf(() => answers.reserve('eve'))).toBe('admitted');
    vi.useRealTimers();
  });

  it('does not run a request whose client left while it waited, and counts one that runs on', async () => {
    const answers = memory(3, 3);
    const [first, second] = [run(answers, 'ada'), run(answers, 'ada')];
    const gone = answers.reserve('ada');
    const refused = expect(gone.room).rejects.toThrow('busy');
    gone.release();
    await refused;
    // The client of the first has left, but its handler still reads rows.
    first.release();
    const waiting = answers.reserve('ada');
    expect(waiting.room).toBeInstanceOf(Promise);
    first.finish();
    await waiting.room;
    second.release();
  });

  it('counts what took no room before, what it takes when compressed, and nothing after a release', async () => {
    const answers = memory(2, 2);
    const large = answers.holdWritten('ada', 1.5 * MIB, ignored);
    expect(() => answers.reserve('ada')).toThrow('rate-limited');
    answers.resize(large, MIB / 4);
    expect(await codeOf(() => answers.reserve('ada'))).toBe('admitted');
    expect(answers.unread).toBe(MIB / 4 + OVERHEAD);
    large.release();
    large.release();
    answers.written(large, MIB, ignored);
    answers.resize(large, MIB);
    expect(answers.unread).toBe(0);
  });

  it('counts what answers without a body take, and holds no more of them than of others', () => {
    const answers = memory(2, 4);
    let cuts = 0;
    for (let count = 0; count < 20_000; count++)
      answers.holdWritten(`client ${count % 50}`, 0, () => void (cuts += 1));
    expect(answers.unread).toBeLessThanOrEqual(4 * MIB);
    expect(cuts).toBe(20_000 - (4 * MIB) / OVERHEAD);
  });

  it('cuts a client that holds more than one may have, by answers that are larger than expected', () => {
    const answers = memory(8, 64);
    const cuts: number[] = [];
    const running = Array.from({ length: 4 }, () => run(answers, 'eve'));
    for (const [index, held] of running.entries()) {
      held.finish();
      answers.written(held, 3.5 * MIB, () => void cuts.push(index));
      expect(answers.unread).toBeLessThanOrEqual(12 * MIB);
    }
    expect(cuts).toEqual([0]);
  });

  it('closes very many connections for one large answer', () => {
    const answers = memory(400, 400);
    const held = new Set<HeldAnswer>();
    // All on one connection.
    const close = (): void => {
      for (const answer of held) answer.release();
    };
    for (let count = 0; count < 20_000; count++) held.add(answers.holdWritten('eve', 0, close));
    const large = answers.holdWritten('zoe', 390 * MIB, ignored);
    expect(answers.unread).toBe(390 * MIB + OVERHEAD);
    large.release();
    expect(answers.unread).toBe(0);
  });

  it.each([12, 50])(
    'lets a slow network take a page, although %i accounts hold all room and keep asking',
    async (accounts) => {
      const answers = memory(16, 128);
      const clock = vi.spyOn(performance, 'now').mockReturnValue(0);
      const most = Math.ceil(128 / accounts);
      const pages = new Map<string, HeldAnswer[]>();
      let isCut = false;
      let slow: HeldAnswer | undefined;
      // Steps of 100 ms. Each account asks a hundred times a minute; the page takes 52 s at 20 kB/s.
      for (let step = 0; step < 620; step++) {
        clock.mockReturnValue(step * 100);
        if (step > 100) slow ??= hold(answers, 'slow', 1, () => (isCut = true));
        if (step % 10 === 0) (await takeNow(answers, `new ${step}`, 0.05))?.release();
        for (let account = 0; account < accounts; account++) {
          if ((step + account) % 6 !== 0) continue;
          const name = `account ${account}`;
          const own = (pages.get(name) ?? []).filter(({ isReleased }) => !isReleased);
          if (own.length >= most) own.shift()!.release();
          const held = await takeNow(answers, name, 1);
          if (held) own.push(held);
          pages.set(name, own);
        }
      }
      expect([isCut, slow?.isReleased]).toEqual([false, false]);
      clock.mockRestore();
    },
  );

  it('lets no more than a thousand requests wait, and forgets those who leave', async () => {
    const answers = memory(3, 3);
    const running = [run(answers, 'ada'), run(answers, 'ada')];
    const waiting = Array.from({ length: 1_000 }, (_, count) => answers.reserve(`client ${count}`));
    expect(() => answers.reserve('late')).toThrow('busy');
    const refused = waiting.map(({ room }) => room!.catch(({ code }: Problem) => code));
    for (const held of waiting) held.release();
    expect(new Set(await Promise.all(refused))).toEqual(new Set(['busy']));
    const next = answers.reserve('next');
    for (const held of running) held.written(0, ignored);
    await next.room;
  });
});
