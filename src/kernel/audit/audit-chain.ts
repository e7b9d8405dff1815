import { canonical } from '../canonical.js';
import type { AuditEntry } from './audit-entry.entity.js';
import { digest } from '../../platform/random-token.js';

/** The previous hash of the first entry. */
export const GENESIS = '';

/** The hash of an entry. `previous` is the hash of the entry before it. */
export function entryHash(entry: AuditEntry, previous: string): string {
  const text = canonical({
    ...entry,
    seq: `${entry.seq}`,
    hash: undefined,
    // Leave out what is empty: entries that are older than these columns must keep their hash.
    reason: entry.reason ?? undefined,
    times: entry.times ?? undefined,
    previous,
  });
  return digest(text);
}
