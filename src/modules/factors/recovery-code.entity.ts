import { Entity, Index } from 'typeorm';
import { NotARecord } from '../../kernel/records/record.js';
import { instantColumn, ownerColumn, textKey } from '../../platform/database/columns.js';
import { LetsIn } from '../users/public.js';

/** A code for who has lost the authenticator app. The row goes when the code is used. */
@NotARecord('a proof of who a person is')
@LetsIn()
@Entity('recovery_codes')
@Index('idx_recovery_codes_user', ['userId'])
export class RecoveryCode {
  /** SHA-256 of the person and the code, base64url: one guess is a guess at one person's code. */
  @textKey(43) codeHash!: string;
  @ownerColumn('fk_recovery_codes_user') userId!: string;
  @instantColumn() createdAt!: Date;
}
