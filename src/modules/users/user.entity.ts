import { Entity, Index } from 'typeorm';
import { instantColumn, textColumn, uuidKey } from '../../platform/database/columns.js';

/** A person with an account. Deleting the row deletes everything the person owns. */
@Entity('users')
@Index('uq_users_email', ['email'], { unique: true })
export class User {
  @uuidKey() id!: string;
  /** Normalised by {@link normalizeEmail}; compared byte by byte. */
  @textColumn(254) email!: string;
  /** Argon2id in PHC form. */
  @textColumn(255) passwordHash!: string;
  @textColumn(100, { nullable: true }) displayName!: string | null;
  @textColumn(35) locale!: string;
  @textColumn(64) timeZone!: string;
  @textColumn(10) weightUnit!: string;
  @instantColumn() createdAt!: Date;
  @instantColumn() updatedAt!: Date;
}
