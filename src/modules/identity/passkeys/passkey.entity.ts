import { Entity, Index } from 'typeorm';
import { NotARecord } from '../../../platform/database/not-a-record.js';
import {
  bigintColumn,
  booleanColumn,
  instantColumn,
  jsonColumn,
  longTextColumn,
  ownerColumn,
  textColumn,
  uuidKey,
} from '../../../platform/database/columns.js';
import { Credential } from '../users/credentials.js';

/** The public key of a key pair whose private key is on the person's device (WebAuthn). */
@NotARecord('a way to sign in')
@Credential({ alone: true })
@Entity('passkeys')
@Index('uq_passkeys_credential_hash', ['credentialHash'], { unique: true })
@Index('idx_passkeys_user_created', ['userId', 'createdAt'])
export class Passkey {
  @uuidKey() id!: string;
  @ownerColumn('fk_passkeys_user') userId!: string;
  /** SHA-256 of the credential id, which may be too long for a unique key. */
  @textColumn(43) credentialHash!: string;
  @longTextColumn() credentialId!: string;
  /** COSE, base64url. */
  @longTextColumn() publicKey!: string;
  /** Number of uses that the device reports; always 0 for devices that do not count. */
  @bigintColumn() counter!: bigint;
  @jsonColumn() transports!: readonly string[];
  @textColumn(100) name!: string;
  /** Whether it is also on the person's other devices, or in their backup. */
  @booleanColumn() backedUp!: boolean;
  @instantColumn() createdAt!: Date;
  @instantColumn({ nullable: true }) lastUsedAt!: Date | null;
}
