import type { Head } from '../write/change-sequence.js';
import { itemHash } from '../write/local-ids.js';

/** A weak entity tag (RFC 9110, 8.8.1): it changes when a record of the owner changes, and differs for another question. */
export const changeTag = ({ epoch, seq }: Head, asked: unknown): string =>
  `W/"${epoch}.${seq}.${itemHash(asked).slice(0, 16)}"`;
