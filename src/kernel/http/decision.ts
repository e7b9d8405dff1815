import type { ErrorCode } from './errors.js';
import { Problem } from './problem.js';

/** What became of a try: returned, not thrown, so that what a refusal writes down is committed with it. */
export type Decision<T> = { readonly result: T } | { readonly refused: ErrorCode };

/** Outside of the unit of work. @throws Problem what it was refused with */
export function settled<T>(decision: Decision<T>): T {
  if ('refused' in decision) throw new Problem(decision.refused);
  return decision.result;
}
