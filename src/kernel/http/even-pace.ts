import { setTimeout as pause } from 'node:timers/promises';

/**
 * Answers at the next multiple of `stepMs` since the call: how long the work took says nothing about what it found.
 * Errors take as long as results do.
 */
export async function atEvenPace<T>(stepMs: number, work: () => Promise<T>): Promise<T> {
  const begun = performance.now();
  try {
    return await work();
  } finally {
    const spent = performance.now() - begun;
    await pause(Math.ceil(spent / stepMs) * stepMs - spent);
  }
}
