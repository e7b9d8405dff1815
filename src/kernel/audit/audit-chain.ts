import { canonical } from '../records/canonical.js';
import type { AuditEntry } from './audit-entry.entity.js';
import { digest } from '../../platform/random-token.js';

/** What stands before the first entry. */
export const GENESIS = '';

/** The hash of an entry that follows one with the hash `previous`. */
export function entryHash(entry: AuditEntry, previous: string): string {
  const text = canonical({
    ...entry,
    seq: `${entry.seq}`,
    hash: undefined,
    // Entries from before there were reasons keep their hashes.
    reason: entry.reason ?? undefined,
    previous,
  });
  return digest(text);
}
