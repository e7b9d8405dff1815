import { Entity } from 'typeorm';
import { NotARecord } from '../../../platform/database/not-a-record.js';
import { instantColumn, integerColumn, ownerKey, textColumn } from '../../../platform/database/columns.js';
import { Credential } from '../users/credentials.js';

/** The seed that a person's authenticator app shares with the service. */
@NotARecord('a proof of who a person is')
@Credential()
@Entity('totp_secrets')
export class TotpSecret {
  @ownerKey('fk_totp_secrets_user') userId!: string;
  /** Sealed and not hashed, because checking a code needs the seed. */
  @textColumn(255) sealed!: string;
  /** Time step of the newest accepted code: no code works twice, and no older code works after it. */
  @integerColumn() lastStep!: number;
  @instantColumn() createdAt!: Date;
  /** Since when codes are required; null until the app has proved that it has the seed. */
  @instantColumn({ nullable: true }) confirmedAt!: Date | null;
  /** Wrong codes since the last right one, given by somebody who showed nothing but the first proof of a sign-in. */
  @integerColumn({ default: 0 }) strangeFailures!: number;
  /** Wrong codes since the last right one, given in sessions and on devices that were signed in before. */
  @integerColumn({ default: 0 }) knownFailures!: number;
  /** When the owner was last warned of wrong codes. */
  @instantColumn({ nullable: true }) warnedAt!: Date | null;
  /** When a password that was set by mail last allowed more codes. */
  @instantColumn({ nullable: true }) easedAt!: Date | null;
}
