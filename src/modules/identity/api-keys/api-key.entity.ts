import { Entity, Index } from 'typeorm';
import { NotARecord } from '../../../platform/database/not-a-record.js';
import {
  instantColumn,
  jsonColumn,
  ownerColumn,
  textColumn,
  uuidKey,
} from '../../../platform/database/columns.js';
import { Credential } from '../users/credentials.js';

/** An API key and its permissions. Only a hash of the secret is stored, so a stolen copy of this table gives no access. */
@NotARecord('access of programs')
@Credential()
@Entity('api_keys')
@Index('idx_api_keys_user', ['userId', 'createdAt'])
export class ApiKey {
  /** Also the part of the key that identifies it. */
  @uuidKey() id!: string;
  @ownerColumn('fk_api_keys_user') userId!: string;
  @textColumn(100) name!: string;
  @jsonColumn() scopes!: readonly string[];
  /** SHA-256, base64url. The secret has 256 random bits, so a fast hash is enough. */
  @textColumn(43) secretHash!: string;
  /** Secret for request signatures, sealed by `SecretBox`; null if none are required. */
  @textColumn(128, { nullable: true }) signingSecret!: string | null;
  @instantColumn() createdAt!: Date;
  @instantColumn() expiresAt!: Date;
  /** Accurate to the minute. */
  @instantColumn({ nullable: true }) lastUsedAt!: Date | null;
}
