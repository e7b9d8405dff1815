import { Injectable } from '@nestjs/common';
import { Config } from '../../config/config.js';
import { Problem } from '../http/problem.js';

const MIB = 1_048_576;
/** Until an answer is written, it counts as large as a page can be. */
const EXPECTED_BYTES = MIB;
const RETRY_AFTER = 2;

/** Bytes of answers: those that running requests may still write, and those that were written and not yet taken. */
class Use {
  expected = 0;
  unread = 0;

  constructor(private readonly most: number) {}

  /** Whether one more answer fits. The first always does. */
  get hasRoom(): boolean {
    const used = this.expected + this.unread;
    return used === 0 || used + EXPECTED_BYTES <= this.most;
  }

  /** Whether unread answers alone leave no room: waiting for running requests would not help. */
  get isStuck(): boolean {
    return this.unread > 0 && this.unread + EXPECTED_BYTES > this.most;
  }

  get isEmpty(): boolean {
    return this.expected === 0 && this.unread === 0;
  }
}

/** The memory of one answer, from before its rows are read until the client has taken it. */
export interface HeldAnswer {
  /** The answer is written and has this size. Has no effect after the release. */
  written(bytes: number): void;
  /** The client has taken the answer, or has left. May be called again. */
  release(): void;
}

interface Waiting {
  readonly key: string;
  readonly resolve: (answer: HeldAnswer) => void;
  readonly reject: (problem: Problem) => void;
}

/**
 * Bounds the memory of answers that clients have not read yet, for each client and for all together. A list takes its room
 * before its rows are read. While running requests use the room, it waits: they soon know how small their answers are, and
 * most are taken at once. When unread answers use the room, it is refused.
 */
@Injectable()
export class AnswerMemory {
  private readonly all: Use;
  private readonly clients = new Map<string, Use>();
  private queue: Waiting[] = [];
  private readonly mostOfClient: number;

  constructor({ env }: Config) {
    this.all = new Use(env.ANSWER_MEMORY * MIB);
    this.mostOfClient = env.ANSWER_MEMORY_PER_USER * MIB;
  }

  /** Bytes of answers that were written and not yet taken. */
  get unread(): number {
    return this.all.unread;
  }

  /**
   * Takes room for a list. It returns no promise where nothing has to be waited for, as with most requests.
   * @param key the person, or the address of somebody who is not signed in.
   * @throws Problem `rate-limited` when the client has too many unread answers, `busy` when all clients together have
   */
  reserve(key: string): HeldAnswer | Promise<HeldAnswer> {
    this.refuseStuck(key);
    if (this.queue.length === 0 && this.hasRoom(key)) return this.hold(key, EXPECTED_BYTES);
    return new Promise((resolve, reject) => {
      this.queue.push({ key, resolve, reject });
      this.admit();
    });
  }

  /** Counts an answer that took no room before it was written. */
  holdWritten(key: string, bytes: number): HeldAnswer {
    const answer = this.hold(key, 0);
    answer.written(bytes);
    return answer;
  }

  private hold(key: string, expected: number): HeldAnswer {
    const uses = [this.all, this.useOf(key)];
    const held = { expected: 0, unread: 0 };
    let isReleased = false;
    const set = (next: typeof held): void => {
      for (const use of uses) {
        use.expected += next.expected - held.expected;
        use.unread += next.unread - held.unread;
      }
      Object.assign(held, next);
    };
    set({ expected, unread: 0 });
    return {
      written: (bytes) => {
        // A client may leave before its answer is written.
        if (isReleased) return;
        set({ expected: 0, unread: bytes });
        this.admit();
      },
      release: () => {
        isReleased = true;
        set({ expected: 0, unread: 0 });
        if (this.clients.get(key)?.isEmpty) this.clients.delete(key);
        this.admit();
      },
    };
  }

  /** Serves those who wait and now fit, in their order, and refuses those for whom waiting became useless. */
  private admit(): void {
    if (this.queue.length === 0) return;
    this.queue = this.queue.filter(({ key, resolve, reject }) => {
      try {
        this.refuseStuck(key);
      } catch (problem) {
        reject(problem as Problem);
        return false;
      }
      if (!this.hasRoom(key)) return true;
      resolve(this.hold(key, EXPECTED_BYTES));
      return false;
    });
  }

  private refuseStuck(key: string): void {
    if (this.clients.get(key)?.isStuck)
      throw new Problem('rate-limited', {
        retryAfter: RETRY_AFTER,
        detail: 'Read the answers to your earlier requests first.',
      });
    if (this.all.isStuck) throw new Problem('busy', { retryAfter: RETRY_AFTER });
  }

  private hasRoom(key: string): boolean {
    return this.all.hasRoom && (this.clients.get(key)?.hasRoom ?? true);
  }

  private useOf(key: string): Use {
    const use = this.clients.get(key) ?? new Use(this.mostOfClient);
    this.clients.set(key, use);
    return use;
  }
}
