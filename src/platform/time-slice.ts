import { setImmediate as nextTurn } from 'node:timers/promises';

/** How long the work of one request may go on before others are served, in milliseconds. */
const SLICE_MS = 10;

/**
 * Divides long work of one request into turns of the event loop, so that requests of others are served in between. Call
 * `next` between two parts of the work: `if (slice.isOver) await slice.next();`. Short work ends within its first slice.
 */
export class TimeSlice {
  private end = performance.now() + SLICE_MS;

  get isOver(): boolean {
    return performance.now() >= this.end;
  }

  /** Waits for the next turn of the event loop. */
  async next(): Promise<void> {
    await nextTurn();
    this.end = performance.now() + SLICE_MS;
  }
}
