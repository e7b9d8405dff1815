import { Injectable } from '@nestjs/common';
import { Config } from '../../config/config.js';
import { Problem } from '../http/problem.js';
import { HeldAnswer, Use } from './held-answer.js';

const MIB = 1_048_576;
/**
 * What a request and its answer take beside the answer's body, until the client has taken it: headers, and the objects of Node,
 * Fastify and Nest (7 kB measured, without large headers).
 */
const OVERHEAD_BYTES = 16_384;
/** Until an answer is written, it counts as large as a page can be. */
const PAGE_BYTES = MIB + OVERHEAD_BYTES;
/** The answer of a push has up to a hundred stored records. */
const PUSH_BYTES = 4 * MIB;
const RETRY_AFTER = 2;
/** A request waits no longer for running ones; then its client is asked to come back. */
const WAIT_MS = 5_000;
/** Those who wait are looked through whenever room becomes free. More of them would not be served in time anyway. */
const MOST_WAITING = 1_000;

/**
 * Bounds the memory of answers that clients have not read yet, for each client and for all together, and apart from that the
 * memory of running requests: a list takes its room before its rows are read.
 *
 * Where running requests use the room, a further one waits: they soon know how small their answers are, and most are taken at
 * once. Whoever runs the fewest is served first. Where unread answers of the same client use the room, it is refused. Where
 * those of all do, the client whose unread bytes are the greatest burden loses its oldest connection, so that slow readers stop
 * nobody else.
 */
@Injectable()
export class AnswerMemory {
  private readonly all = new Use();
  private readonly clients = new Map<string, Use>();
  private readonly queue = new Set<HeldAnswer>();
  private isAdmitting = false;
  private isCutting = false;
  private readonly most: number;
  private readonly mostOfClient: number;

  constructor({ env }: Config) {
    this.most = env.ANSWER_MEMORY * MIB;
    this.mostOfClient = env.ANSWER_MEMORY_PER_USER * MIB;
  }

  /** Bytes of answers that were written and not yet taken. */
  get unread(): number {
    return this.all.unread;
  }

  /**
   * Takes room for an answer with a list, or waits for it: see {@link HeldAnswer.room}.
   * @param key the person, or the address of somebody who is not signed in.
   * @param isWrite A write waits only for requests of its own client, because it may itself wait for a lock for seconds.
   * @throws Problem `rate-limited` when the client has too many unread answers; `busy` when all clients together have and
   * nobody gives way
   */
  reserve(key: string, isWrite = false): HeldAnswer {
    const held = this.hold(key, !isWrite, isWrite ? PUSH_BYTES : PAGE_BYTES);
    try {
      this.refuseStuck(held.own);
      if (this.queue.size >= MOST_WAITING) throw new Problem('busy', { retryAfter: RETRY_AFTER });
    } catch (problem) {
      held.release();
      throw problem;
    }
    if (this.queue.size === 0 && this.hasRoom(held)) held.admit();
    else this.enqueue(held);
    return held;
  }

  /** Counts an answer that took no room before it was written. */
  holdWritten(key: string, bytes: number, close: () => void): HeldAnswer {
    const held = this.hold(key, true, 0);
    held.finish();
    this.written(held, bytes, close);
    return held;
  }

  /**
   * The answer is written, and its body has this size.
   * @param close closes the connection of the client, and releases all answers on it
   */
  written(held: HeldAnswer, bytes: number, close: () => void): void {
    held.written(bytes + OVERHEAD_BYTES, close);
  }

  /** The body of an answer that was written takes another number of bytes now, because it is compressed. */
  resize(held: HeldAnswer, bytes: number): void {
    held.resize(bytes + OVERHEAD_BYTES);
  }

  private hold(key: string, isShared: boolean, expects: number): HeldAnswer {
    const own = this.clients.get(key) ?? new Use();
    this.clients.set(key, own);
    return new HeldAnswer(own, this.all, isShared, expects, () => {
      if (own.isEmpty) this.clients.delete(key);
      else this.clients.set(key, own);
      this.cutExcess(own);
      this.admitSoon();
    });
  }

  /** Closes connections while more is unread than may be. Each closing reports what became free, so this may be on the stack. */
  private cutExcess(own: Use): void {
    if (this.isCutting) return;
    this.isCutting = true;
    try {
      // Only requests that ran at once with large answers exceed it by more than one of them; a client that reads does not.
      while (own.unread > this.mostOfClient + PUSH_BYTES) if (!cutOldest(own)) break;
      while (this.all.unread > this.most && this.cutHeaviest()) continue;
    } finally {
      this.isCutting = false;
    }
  }

  private enqueue(held: HeldAnswer): void {
    held.wait();
    this.queue.add(held);
    const timer = setTimeout(
      () => held.refuse(new Problem('busy', { retryAfter: RETRY_AFTER })),
      WAIT_MS,
    ).unref();
    const stop = (): void => {
      clearTimeout(timer);
      this.queue.delete(held);
    };
    held.room?.then(stop, stop);
    this.admitSoon();
  }

  /** Once for everything that becomes free in this turn. */
  private admitSoon(): void {
    if (this.isAdmitting || this.queue.size === 0) return;
    this.isAdmitting = true;
    queueMicrotask(() => {
      this.isAdmitting = false;
      this.admit();
    });
  }

  /** Serves those who wait and now fit, and refuses those for whom waiting became useless. */
  private admit(): void {
    for (const held of [...this.queue].toSorted((a, b) => a.own.expected - b.own.expected)) {
      if (!held.isWaiting) continue;
      try {
        this.refuseStuck(held.own);
        if (this.hasRoom(held)) held.admit();
      } catch (problem) {
        held.refuse(problem as Problem);
      }
    }
  }

  private hasRoom({ own, isShared, expects }: HeldAnswer): boolean {
    return fits(own, expects, this.mostOfClient) && (!isShared || fits(this.all, expects, this.most));
  }

  private refuseStuck(own: Use): void {
    if (isStuck(own, this.mostOfClient))
      throw new Problem('rate-limited', {
        retryAfter: RETRY_AFTER,
        detail: 'Read the answers to your earlier requests first.',
      });
    while (isStuck(this.all, this.most))
      if (!this.cutHeaviest(own)) throw new Problem('busy', { retryAfter: RETRY_AFTER });
  }

  /**
   * Closes the oldest connection of the client whose unread bytes are the greatest burden.
   * @param own the client that needs room. If it holds something itself, only one that holds clearly more gives way.
   * @returns false when nobody gives way
   */
  private cutHeaviest(own?: Use): boolean {
    const least = own && own.unread > 0 ? own.unread + PAGE_BYTES : 1;
    const now = performance.now();
    let victim: Use | undefined;
    for (const use of this.clients.values())
      if (use !== own && use.unread >= least && (!victim || use.burden(now) > victim.burden(now)))
        victim = use;
    return victim !== undefined && cutOldest(victim);
  }
}

function cutOldest({ answers }: Use): boolean {
  const [oldest] = answers;
  oldest?.cut();
  return oldest !== undefined;
}

/** Whether one more request may run. The first always may. */
const fits = ({ expected }: Use, more: number, most: number): boolean =>
  expected === 0 || expected + more <= most;

/** Whether unread answers leave no room for another: waiting for running requests would not help. */
const isStuck = ({ unread }: Use, most: number): boolean => unread > 0 && unread + PAGE_BYTES > most;
