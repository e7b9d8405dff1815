import { hash, randomBytes } from 'node:crypto';

/** Unguessable text: 256 random bits, base64url. */
export const randomToken = (): string => randomBytes(32).toString('base64url');

/** SHA-256, base64url: of a random token it is all that is kept, since nothing random needs a slow hash. */
export const digest = (text: string): string => hash('sha256', text, 'base64url');
