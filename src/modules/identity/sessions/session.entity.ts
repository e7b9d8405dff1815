import { Entity, Index } from 'typeorm';
import type { Assurance } from '../../../kernel/http/actor.js';
import { NotARecord } from '../../../platform/database/not-a-record.js';
import { Credential } from '../users/credentials.js';
import {
  instantColumn,
  integerColumn,
  ownerColumn,
  textColumn,
  uuidKey,
} from '../../../platform/database/columns.js';

/** The authenticator app of the person, or one of its recovery codes. */
export const TOTP = 'totp';

/**
 * One sign-in on one device. The refresh token is not stored: it is a MAC over the session id and the counter, so
 * a copy of this table cannot be used to sign in.
 */
@NotARecord('sign-ins')
@Credential()
@Entity('sessions')
@Index('idx_sessions_user_last_used', ['userId', 'lastUsedAt'])
export class Session {
  @uuidKey() id!: string;
  @ownerColumn('fk_sessions_user') userId!: string;
  /** Counter of the current refresh token; each rotation adds one. */
  @integerColumn() counter!: number;
  /** The newest counter whose token the client has used; see `SessionRotation.rotate`. */
  @integerColumn() confirmedCounter!: number;
  /** SHA-256 of the nonce of the last refresh, base64url; null if the client sent none. */
  @textColumn(43, { nullable: true }) nonceHash!: string | null;
  @instantColumn() rotatedAt!: Date;
  @instantColumn() createdAt!: Date;
  @instantColumn() lastUsedAt!: Date;
  @instantColumn() absoluteExpiresAt!: Date;
  @instantColumn({ nullable: true }) revokedAt!: Date | null;
  /** When the person last proved who they are in this session. */
  @instantColumn() authTime!: Date;
  @integerColumn({ default: 1 }) aal!: Assurance;
  /** The second factor that raised it to level 2: {@link TOTP}, or the id of a passkey. Without that factor it is level 1 again. */
  @textColumn(36, { nullable: true }) raisedBy!: string | null;
  @textColumn(64, { nullable: true }) deviceId!: string | null;
  @textColumn(100, { nullable: true }) deviceName!: string | null;
  @textColumn(32, { nullable: true }) platform!: string | null;
  @textColumn(45, { nullable: true }) ip!: string | null;
  /** Push service that reaches the phone while the session is open. */
  @textColumn(8, { nullable: true }) pushService!: string | null;
  @textColumn(512, { nullable: true }) pushToken!: string | null;
}
