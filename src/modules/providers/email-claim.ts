import { isEmail } from 'class-validator';
import { normalizeEmail } from '../users/public.js';

const MAX_LENGTH = 254;

/** An address as a provider says it, in the form of ours; null for none, and for what is none. */
export function emailOf(said: unknown): string | null {
  if (typeof said !== 'string') return null;
  const email = normalizeEmail(said);
  return email.length <= MAX_LENGTH && isEmail(email) ? email : null;
}

/** Apple says it as a text at times. Everything but a yes is a no. */
export const isTrue = (said: unknown): boolean => said === true || said === 'true';
