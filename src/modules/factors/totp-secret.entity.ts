import { Entity } from 'typeorm';
import { NotARecord } from '../../kernel/records/record.js';
import { instantColumn, integerColumn, ownerKey, textColumn } from '../../platform/database/columns.js';
import { LetsIn } from '../users/public.js';

/** The seed that a person's authenticator app shares with the service. */
@NotARecord('a proof of who a person is')
@LetsIn()
@Entity('totp_secrets')
export class TotpSecret {
  @ownerKey('fk_totp_secrets_user') userId!: string;
  /** The seed must be read to check a code: it is sealed, not hashed. */
  @textColumn(255) sealed!: string;
  /** Of the newest code that was taken: none works twice, and no older one works after it. */
  @integerColumn() lastStep!: number;
  @instantColumn() createdAt!: Date;
  /** Since when it is asked for; null until the app has shown to know the seed. */
  @instantColumn({ nullable: true }) confirmedAt!: Date | null;
}
