import { Entity, ForeignKey } from 'typeorm';
import { instantColumn, textKey, uuidKey } from '../../platform/database/columns.js';

/** A nonce that was used with a key. The primary key lets each in once, on all instances together. */
@Entity('api_key_nonces')
export class ApiKeyNonce {
  @uuidKey()
  @ForeignKey('api_keys', { name: 'fk_api_key_nonces_key', onDelete: 'CASCADE', onUpdate: 'RESTRICT' })
  keyId!: string;
  @textKey(64) nonce!: string;
  /** When a signature with it is refused for its age, whatever the clock of an instance says. */
  @instantColumn() expiresAt!: Date;
}
