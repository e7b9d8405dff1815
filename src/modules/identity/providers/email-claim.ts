import { isEmail } from 'class-validator';
import { isVisible } from '../../../kernel/http/text-checks.js';
import { normalizeEmail } from '../users/email.js';

const MAX_LENGTH = 254;

/** Normalises an address from a provider; null for a missing or invalid one. */
export function emailOf(said: unknown): string | null {
  if (typeof said !== 'string') return null;
  const email = normalizeEmail(said);
  return email.length <= MAX_LENGTH && isVisible(email) && isEmail(email) ? email : null;
}

/** Apple sometimes sends a string. Everything but true counts as false. */
export const isTrue = (said: unknown): boolean => said === true || said === 'true';
