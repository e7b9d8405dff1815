import { Entity, Index } from 'typeorm';
import { NotARecord } from '../../../platform/database/not-a-record.js';
import { instantColumn, ownerColumn, textKey } from '../../../platform/database/columns.js';
import { Credential } from '../users/credentials.js';

/** A code for a person who lost the authenticator app. The row is deleted when the code is used. */
@NotARecord('a proof of who a person is')
@Credential()
@Entity('recovery_codes')
@Index('idx_recovery_codes_user', ['userId'])
export class RecoveryCode {
  /** SHA-256 of person and code, base64url, so that one guess tests the codes of only one person. */
  @textKey(43) codeHash!: string;
  @ownerColumn('fk_recovery_codes_user') userId!: string;
  @instantColumn() createdAt!: Date;
}
