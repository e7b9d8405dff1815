import { Entity, Index } from 'typeorm';
import { instantColumn, textKey } from '../../platform/database/columns.js';

/** What a device is asked to sign, once. */
@Entity('passkey_challenges')
@Index('idx_passkey_challenges_expires', ['expiresAt'])
export class PasskeyChallenge {
  /** SHA-256 of what it is for and of the challenge, base64url: it counts for nothing else, and nobody else. */
  @textKey(43) challengeHash!: string;
  @instantColumn() expiresAt!: Date;
}
