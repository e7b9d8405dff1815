import { Entity, Index } from 'typeorm';
import { bigintKey, instantColumn, jsonColumn, textColumn } from '../../platform/database/columns.js';

/**
 * One thing that happened to an account. Rows are only ever added; each holds the hash of the one before, so that a row
 * that was changed, taken out or put in shows. People stand here by pseudonym: the entry outlives the account, and does
 * not tell whose it was.
 */
@Entity('audit_entries')
@Index('idx_audit_entries_subject', ['subject', 'seq'])
@Index('idx_audit_entries_actor', ['actor', 'seq'])
@Index('idx_audit_entries_action', ['action', 'seq'])
export class AuditEntry {
  @bigintKey() seq!: bigint;
  @instantColumn() at!: Date;
  @textColumn(32) action!: string;
  /** Who did it; null for somebody who was not signed in, and for the service itself. */
  @textColumn(32, { nullable: true }) actor!: string | null;
  /** Whose account or data it was done to; null when nobody has the account. */
  @textColumn(32, { nullable: true }) subject!: string | null;
  /** What else it was done to, such as one session. */
  @textColumn(64, { nullable: true }) target!: string | null;
  /** The names of the fields that changed or were read; never what is in them. */
  @jsonColumn() fields!: readonly string[];
  /** Why an admin did it: one of a few words. */
  @textColumn(16, { nullable: true }) reason!: string | null;
  /** Shortened: of IPv4 the first three octets, of IPv6 the first three groups. */
  @textColumn(45, { nullable: true }) address!: string | null;
  @textColumn(64, { nullable: true }) requestId!: string | null;
  /** Of this row and the hash before: SHA-256, base64url. */
  @textColumn(43) hash!: string;
}
