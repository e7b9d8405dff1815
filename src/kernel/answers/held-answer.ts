import { Problem } from '../http/problem.js';

/** Bytes of answers: those that running requests may still write, and those that were written and not yet taken. */
export class Use {
  expected = 0;
  unread = 0;
  /** Requests that wait for room. */
  waiting = 0;
  /** The unread answers, the oldest first. */
  readonly answers = new Set<HeldAnswer>();
  /** The sum over the unread answers of their bytes and the time at which they were written. */
  private byteTime = 0;

  addUnread(bytes: number, since: number): void {
    this.unread += bytes;
    this.byteTime = this.unread === 0 ? 0 : this.byteTime + bytes * since;
  }

  /**
   * How much of a burden the unread bytes are: their number, times the milliseconds for which each of them has waited, added up.
   * Somebody who holds a lot and asks again before it is old weighs more than a slow network that takes one page.
   */
  burden(now: number): number {
    return this.unread * (this.unread * now - this.byteTime);
  }

  get isEmpty(): boolean {
    return this.expected === 0 && this.unread === 0 && this.waiting === 0;
  }
}

/** The memory of one answer, from before its rows are read until the client has taken it. */
export class HeldAnswer {
  /** Undefined where nothing has to be waited for, as with most requests. Rejects with the reason of a refusal. */
  room: Promise<void> | undefined;
  private expected = 0;
  private unread = 0;
  private since = 0;
  private isFinished = false;
  private hasEnded = false;
  private waiting: { readonly resolve: () => void; readonly reject: (problem: Problem) => void } | undefined;
  private close: (() => void) | undefined;

  /**
   * @param own the answers of its client
   * @param all those of all clients
   * @param isShared whether the running request counts for all, or only for its client
   * @param expects the most bytes that the answer may have
   * @param changed is called when something became free, or is held
   */
  constructor(
    readonly own: Use,
    private readonly all: Use,
    readonly isShared: boolean,
    readonly expects: number,
    private readonly changed: () => void,
  ) {}

  /** The request may run. */
  admit(): void {
    this.setExpected(this.expects);
    this.endWait()?.resolve();
  }

  /** The request has to wait until it is admitted or refused. */
  wait(): void {
    this.own.waiting++;
    this.room = new Promise((resolve, reject) => (this.waiting = { resolve, reject }));
  }

  get isWaiting(): boolean {
    return this.waiting !== undefined;
  }

  /** Has no effect after the wait. */
  refuse(problem: Problem): void {
    const waiting = this.endWait();
    if (!waiting) return;
    this.hasEnded = true;
    this.changed();
    waiting.reject(problem);
  }

  /**
   * The answer is written and has this size. Has no effect after the release.
   * @param close closes the connection of the client, and releases all answers on it
   */
  written(bytes: number, close: () => void): void {
    this.setExpected(0);
    if (this.isReleased) return;
    this.close = close;
    this.since = performance.now();
    this.setUnread(bytes);
    this.changed();
  }

  /** The answer that was written takes another number of bytes now, because it is compressed. */
  resize(bytes: number): void {
    if (this.isReleased || !this.close) return;
    this.setUnread(bytes);
    this.changed();
  }

  /** Whether the client has taken the answer or has left, or the request was refused. */
  get isReleased(): boolean {
    return this.hasEnded;
  }

  /** The handler has ended. Until then it may read rows, also when its client has left. */
  finish(): void {
    this.isFinished = true;
    if (this.isReleased) this.free();
  }

  /** The client has taken the answer, or has left. May be called again. */
  release(): void {
    // Not for each answer: an error collects a stack trace.
    if (this.waiting) this.refuse(new Problem('busy'));
    this.hasEnded = true;
    this.setUnread(0);
    if (this.isFinished) this.free();
    else this.changed();
  }

  /**
   * Takes the memory from a slow reader, with that of all answers on its connection. It counts as free at once, although the
   * connection closes a moment later.
   */
  cut(): void {
    this.close?.();
    this.release();
  }

  private free(): void {
    this.setExpected(0);
    this.changed();
  }

  private endWait(): typeof this.waiting {
    const { waiting } = this;
    if (waiting) this.own.waiting--;
    this.waiting = undefined;
    return waiting;
  }

  private setExpected(bytes: number): void {
    const more = bytes - this.expected;
    this.expected = bytes;
    this.own.expected += more;
    if (this.isShared) this.all.expected += more;
  }

  private setUnread(bytes: number): void {
    const more = bytes - this.unread;
    this.unread = bytes;
    this.own.addUnread(more, this.since);
    this.all.addUnread(more, this.since);
    if (bytes > 0) this.own.answers.add(this);
    else this.own.answers.delete(this);
  }
}
