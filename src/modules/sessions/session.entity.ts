import { Entity, Index } from 'typeorm';
import type { Assurance } from '../../kernel/http/actor.js';
import { NotARecord } from '../../kernel/records/record.js';
import { LetsIn } from '../users/public.js';
import {
  instantColumn,
  integerColumn,
  ownerColumn,
  textColumn,
  uuidKey,
} from '../../platform/database/columns.js';

/**
 * One sign-in on one device. The refresh token is not stored: it is a MAC over the session's id and its counter, so
 * a copy of this table signs nobody in.
 */
@NotARecord('sign-ins')
@LetsIn()
@Entity('sessions')
@Index('idx_sessions_user_last_used', ['userId', 'lastUsedAt'])
export class Session {
  @uuidKey() id!: string;
  @ownerColumn('fk_sessions_user') userId!: string;
  /** Which refresh token is the current one; each rotation adds one. */
  @integerColumn() counter!: number;
  /** The newest counter whose token the client has shown to hold; see `SessionsService.rotate`. */
  @integerColumn() confirmedCounter!: number;
  @instantColumn() rotatedAt!: Date;
  @instantColumn() createdAt!: Date;
  @instantColumn() lastUsedAt!: Date;
  @instantColumn() absoluteExpiresAt!: Date;
  @instantColumn({ nullable: true }) revokedAt!: Date | null;
  /** When the person last proved who they are in this session. */
  @instantColumn() authTime!: Date;
  @integerColumn({ default: 1 }) aal!: Assurance;
  @textColumn(64, { nullable: true }) deviceId!: string | null;
  @textColumn(100, { nullable: true }) deviceName!: string | null;
  @textColumn(32, { nullable: true }) platform!: string | null;
  @textColumn(45, { nullable: true }) ip!: string | null;
  /** Where the phone is reached while the session is open. */
  @textColumn(8, { nullable: true }) pushService!: string | null;
  @textColumn(512, { nullable: true }) pushToken!: string | null;
}
