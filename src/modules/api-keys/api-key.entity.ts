import { Entity, Index } from 'typeorm';
import { NotARecord } from '../../kernel/records/record.js';
import {
  instantColumn,
  jsonColumn,
  ownerColumn,
  textColumn,
  uuidKey,
} from '../../platform/database/columns.js';
import { LetsIn } from '../users/public.js';

/** What a program comes in with, and all it may do. A copy of this table lets nobody in. */
@NotARecord('ways in for programs')
@LetsIn()
@Entity('api_keys')
@Index('idx_api_keys_user', ['userId', 'createdAt'])
export class ApiKey {
  /** Also the part of the key that says which it is. */
  @uuidKey() id!: string;
  @ownerColumn('fk_api_keys_user') userId!: string;
  @textColumn(100) name!: string;
  @jsonColumn() scopes!: readonly string[];
  /** SHA-256, base64url. The secret has 256 random bits: it needs no slow hash. */
  @textColumn(43) secretHash!: string;
  /** What requests are signed with, sealed by `SecretBox`; null where they need no signature. */
  @textColumn(128, { nullable: true }) signingSecret!: string | null;
  @instantColumn() createdAt!: Date;
  @instantColumn() expiresAt!: Date;
  /** To the minute. */
  @instantColumn({ nullable: true }) lastUsedAt!: Date | null;
}
