import { hash, randomBytes } from 'node:crypto';

/** A random text that nobody can guess: 256 bits, base64url. */
export const randomToken = (): string => randomBytes(32).toString('base64url');

/** SHA-256, base64url. It is stored in place of a random token: a random value does not need a slow hash. */
export const digest = (text: string): string => hash('sha256', text, 'base64url');
