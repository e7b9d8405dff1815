import { Entity, Index } from 'typeorm';
import { instantColumn, textColumn, uuidKey } from '../../../platform/database/columns.js';

/** What an account may do beyond its own data: a coach reads granted data, an admin manages accounts. */
export const roles = ['user', 'coach', 'admin'] as const;
export type Role = (typeof roles)[number];

/** A person with an account. Deleting the row deletes everything the person owns. */
@Entity('users')
@Index('uq_users_email', ['email'], { unique: true })
@Index('idx_users_role', ['role'])
@Index('idx_users_created', ['createdAt', 'id'])
@Index('uq_users_pseudonym', ['pseudonym'], { unique: true })
export class User {
  @uuidKey() id!: string;
  /** Normalised by {@link normalizeEmail}; compared byte by byte. */
  @textColumn(254) email!: string;
  /** When the owner proved that mail to the address reaches them; null until then. */
  @instantColumn({ nullable: true }) emailVerifiedAt!: Date | null;
  /** Argon2id in PHC form; empty for a person without a password. */
  @textColumn(255) passwordHash!: string;
  @textColumn(8, { default: 'user' }) role!: Role;
  /** Since when sign-in is refused; null for an open account. */
  @instantColumn({ nullable: true }) disabledAt!: Date | null;
  @textColumn(100, { nullable: true }) displayName!: string | null;
  @textColumn(35) locale!: string;
  @textColumn(64) timeZone!: string;
  @textColumn(10) weightUnit!: string;
  /** The person's name in the audit log, which is kept longer than the account: random, and deleted with the account. */
  @textColumn(32, { default: '' }) pseudonym!: string;
  @instantColumn() createdAt!: Date;
  @instantColumn() updatedAt!: Date;
}
