import { setTimeout as pause } from 'node:timers/promises';

/**
 * Runs `work` and returns at the next multiple of `stepMs` milliseconds after the call. So the duration reveals nothing
 * about the result, and an error takes as long as a success.
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
