import { Problem } from '../../kernel/http/problem.js';
import { isDuplicate } from '../../platform/database/errors.js';
import type { UnitOfWork } from '../../platform/database/unit-of-work.js';

const ATTEMPTS = 4;

/** What was decided by is not so any more. */
export class LookAgain extends Error {}

/**
 * Runs `work` in a unit of work. Of two who arrive at once, each may find what the other one is about to change: then
 * nothing of it stays, and it looks again.
 * @throws Problem `busy` when that does not end
 */
export async function lookingAgain<T>(unitOfWork: UnitOfWork, work: () => Promise<T>): Promise<T> {
  for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1)
    try {
      return await unitOfWork.run(work);
    } catch (error) {
      if (!isRace(error)) throw error;
    }
  throw new Problem('busy', { retryAfter: 2 });
}

/** Somebody took the address, or the identity, or deleted the account. */
const isRace = (error: unknown): boolean =>
  error instanceof LookAgain ||
  isDuplicate(error) ||
  (error instanceof Problem && (error.code === 'email-taken' || error.code === 'session-revoked'));
