import { Problem } from '../../../kernel/http/problem.js';
import { isDuplicate } from '../../../platform/database/errors.js';
import type { UnitOfWork } from '../../../platform/database/unit-of-work.js';

const ATTEMPTS = 4;

/** The data that a decision was based on has changed. */
export class StaleDecision extends Error {}

/**
 * Runs `work` in a unit of work. Of two concurrent requests each may read data that the other is about to change: the
 * unit is then rolled back and `work` runs again.
 * @throws Problem `busy` when it keeps failing
 */
export async function retryOnRace<T>(unitOfWork: UnitOfWork, work: () => Promise<T>): Promise<T> {
  for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1)
    try {
      return await unitOfWork.run(work);
    } catch (error) {
      if (!isRace(error)) throw error;
    }
  throw new Problem('busy', { retryAfter: 2 });
}

/** Another request took the address or the identity, or deleted the account. */
const isRace = (error: unknown): boolean =>
  error instanceof StaleDecision ||
  isDuplicate(error) ||
  (error instanceof Problem && (error.code === 'email-taken' || error.code === 'session-revoked'));
