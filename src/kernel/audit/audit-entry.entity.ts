import { Entity, Index } from 'typeorm';
import {
  bigintKey,
  instantColumn,
  integerColumn,
  jsonColumn,
  textColumn,
} from '../../platform/database/columns.js';

/**
 * One action that affected an account. Rows are only added. Each row contains the hash of the row before it, so a row that
 * was changed, removed or inserted is detected. People appear by pseudonym, because the entry remains after the account is
 * deleted and must not reveal whose account it was.
 */
@Entity('audit_entries')
@Index('idx_audit_entries_subject', ['subject', 'seq'])
@Index('idx_audit_entries_actor', ['actor', 'seq'])
@Index('idx_audit_entries_action', ['action', 'seq'])
export class AuditEntry {
  @bigintKey() seq!: bigint;
  @instantColumn() at!: Date;
  @textColumn(32) action!: string;
  /** The actor; null for a person who was not signed in, and for the service itself. */
  @textColumn(32, { nullable: true }) actor!: string | null;
  /** The affected person; null when no account is affected. */
  @textColumn(32, { nullable: true }) subject!: string | null;
  /** The id of another affected object, such as a session. */
  @textColumn(64, { nullable: true }) target!: string | null;
  /** The names of the fields that were changed or read; never their values. */
  @jsonColumn() fields!: readonly string[];
  /** The admin's reason: one of the words in `reasons.ts`. */
  @textColumn(16, { nullable: true }) reason!: string | null;
  /** How many events the entry stands for, if it is the sum of refusals after an earlier entry; null for one event. */
  @integerColumn({ nullable: true }) times!: number | null;
  /** The shortened IP address: the first three octets of IPv4, or the first three groups of IPv6. */
  @textColumn(45, { nullable: true }) address!: string | null;
  @textColumn(64, { nullable: true }) requestId!: string | null;
  /** SHA-256 of this row and the previous hash, base64url. */
  @textColumn(43) hash!: string;
}
