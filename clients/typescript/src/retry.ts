const BASE_MS = 1_000;
export const CAP_MS = 60_000;
/** Longest delay in the background, where saving battery matters more. */
export const HIDDEN_CAP_MS = 30 * 60_000;

/**
 * Delay before the next attempt: a random time up to a limit that doubles with each failure ("full jitter"), and at least as long
 * as the server asked for.
 * @param failures in a row, at least 1.
 */
export function retryDelay(failures: number, random: number, retryAfterMs = 0, cap = CAP_MS): number {
  // 2^30 s is beyond any limit; a larger exponent would overflow.
  const bound = Math.min(cap, BASE_MS * 2 ** Math.min(failures - 1, 30));
  return retryAfterMs + Math.round(random * (retryAfterMs ? Math.min(bound, BASE_MS) : bound));
}

/** `Retry-After` in milliseconds: seconds or an HTTP date. */
export function retryAfterMs(header: string | null, now: number): number | undefined {
  if (header === null || header.trim() === '') return undefined;
  const wait = /^\d+$/.test(header.trim()) ? Number(header) * 1_000 : Date.parse(header) - now;
  return Number.isFinite(wait) ? Math.max(0, wait) : undefined;
}
