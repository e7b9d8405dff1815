import { Entity, ForeignKey } from 'typeorm';
import { instantColumn, textKey, uuidKey } from '../../../platform/database/columns.js';

/** A used nonce of a key. The primary key accepts each nonce only once, over all instances. */
@Entity('api_key_nonces')
export class ApiKeyNonce {
  @uuidKey()
  @ForeignKey('api_keys', { name: 'fk_api_key_nonces_key', onDelete: 'CASCADE', onUpdate: 'RESTRICT' })
  keyId!: string;
  @textKey(64) nonce!: string;
  /** After this time every instance refuses the signature as too old, even if its clock is wrong. */
  @instantColumn() expiresAt!: Date;
}
