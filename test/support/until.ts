import { vi } from 'vitest';

/** A guard against waiting for ever, and no promise: how long a wait takes depends on the machine. */
const GUARD_MS = 120_000;

/** Looks until it is so, where nothing tells when it is. */
export const until = <T>(isSo: () => T | Promise<T>, everyMs = 20): Promise<unknown> =>
  vi.waitUntil(isSo, { timeout: GUARD_MS, interval: everyMs });
