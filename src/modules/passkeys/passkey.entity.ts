import { Entity, Index } from 'typeorm';
import { NotARecord } from '../../kernel/records/record.js';
import {
  bigintColumn,
  instantColumn,
  integerColumn,
  jsonColumn,
  longTextColumn,
  ownerColumn,
  textColumn,
  uuidKey,
} from '../../platform/database/columns.js';
import { LetsIn } from '../users/public.js';

const boolean = { to: Number, from: Boolean };

/** A key pair of which a person's device keeps the private half (WebAuthn). */
@NotARecord('a way to sign in')
@LetsIn({ alone: true })
@Entity('passkeys')
@Index('uq_passkeys_credential_hash', ['credentialHash'], { unique: true })
@Index('idx_passkeys_user_created', ['userId', 'createdAt'])
export class Passkey {
  @uuidKey() id!: string;
  @ownerColumn('fk_passkeys_user') userId!: string;
  /** SHA-256 of the credential id, which may be longer than what a unique key can hold. */
  @textColumn(43) credentialHash!: string;
  @longTextColumn() credentialId!: string;
  /** COSE, base64url. */
  @longTextColumn() publicKey!: string;
  /** How often the device says it was used; 0 for ever with those that do not count. */
  @bigintColumn() counter!: bigint;
  @jsonColumn() transports!: readonly string[];
  @textColumn(100) name!: string;
  /** Whether it is also on the person's other devices, or in their backup. */
  @integerColumn({ transformer: boolean }) backedUp!: boolean;
  @instantColumn() createdAt!: Date;
  @instantColumn({ nullable: true }) lastUsedAt!: Date | null;
}
