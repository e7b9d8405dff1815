import { hash } from 'node:crypto';
import { canonical } from '../records/canonical.js';
import type { AuditEntry } from './audit-entry.entity.js';

/** What stands before the first entry. */
export const GENESIS = '';

/** The hash of an entry that follows one with the hash `previous`. */
export function entryHash(entry: AuditEntry, previous: string): string {
  const text = canonical({ ...entry, seq: `${entry.seq}`, hash: undefined, previous });
  return hash('sha256', text, 'base64url');
}
