import { setTimeout as wait } from 'node:timers/promises';
import type { Random } from '../support/random.js';

/** Nobody watches a phone for longer than this; a later sync has to do it. */
const LONGEST_ASKED_MS = 60_000;

/** A request that failed in a way that may pass: no network, no answer, an overloaded service. */
export class Temporary extends Error {
  constructor(
    message: string,
    /** How long the service asked to be left alone. */
    readonly retryAfterMs = 0,
  ) {
    super(message);
  }
}

export interface FailedTry {
  readonly number: number;
  readonly reason: string;
  readonly nextInMs: number;
}

export interface RetryPolicy {
  readonly tries: number;
  readonly firstMs: number;
  readonly longestMs: number;
  readonly random: Random;
}

/**
 * Tries again while the failure is temporary. The pause doubles with every try and is drawn anew from its second
 * half, so that a thousand phones that lost the same service do not come back in the same instant.
 */
export async function withRetry<T>(
  action: () => Promise<T>,
  policy: RetryPolicy,
  failed: (failure: FailedTry) => void,
): Promise<T> {
  for (let number = 1; ; number += 1) {
    try {
      return await action();
    } catch (error) {
      const hopeless = !(error instanceof Temporary) || error.retryAfterMs > LONGEST_ASKED_MS;
      if (hopeless || number >= policy.tries) throw error;
      const nextInMs = Math.max(pauseAfter(number, policy), error.retryAfterMs);
      failed({ number, reason: error.message, nextInMs });
      await wait(nextInMs);
    }
  }
}

function pauseAfter(number: number, { firstMs, longestMs, random }: RetryPolicy): number {
  const longest = Math.min(longestMs, firstMs * 2 ** (number - 1));
  return Math.round((longest / 2) * (1 + random()));
}

/** `Retry-After` is a number of seconds or a date. */
export function retryAfterMs(header: string | null, now: number): number {
  if (header === null) return 0;
  const ms = /^\d+$/.test(header) ? Number(header) * 1000 : Date.parse(header) - now;
  return Number.isFinite(ms) ? Math.max(0, ms) : 0;
}
