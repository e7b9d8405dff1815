import type { ErrorCode } from './errors.js';
import { Problem } from './problem.js';

/**
 * The result of an attempt, or the code of its refusal. A unit of work returns a refusal instead of throwing it, so that
 * what it wrote about the refusal is committed.
 */
export type Decision<T> = { readonly result: T } | { readonly refused: ErrorCode };

/** Returns the result. Call it after the unit of work has committed. @throws Problem with the code of the refusal */
export function settled<T>(decision: Decision<T>): T {
  if ('refused' in decision) throw new Problem(decision.refused);
  return decision.result;
}
