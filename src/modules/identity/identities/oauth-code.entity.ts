import { Entity, Index } from 'typeorm';
import {
  instantColumn,
  longTextColumn,
  personColumn,
  textColumn,
  textKey,
  uuidColumn,
} from '../../../platform/database/columns.js';

/** The code that the app gets from the browser and exchanges: a verified provider identity without a session yet. */
@Entity('oauth_codes')
@Index('idx_oauth_codes_expires', ['expiresAt'])
@Index('idx_oauth_codes_linker', ['linkerId'])
export class OAuthCode {
  @textKey(43) codeHash!: string;
  /** The identity as sealed JSON; empty once the code is used. */
  @longTextColumn() identity!: string;
  @textColumn(43) appChallenge!: string;
  @personColumn('fk_oauth_codes_linker', { nullable: true }) linkerId!: string | null;
  @instantColumn() expiresAt!: Date;
  @instantColumn({ nullable: true }) usedAt!: Date | null;
  /** The session that its first use opened or will open after a second factor; a second use ends it (RFC 6749, 4.1.2). */
  @uuidColumn({ nullable: true }) sessionId!: string | null;
}
