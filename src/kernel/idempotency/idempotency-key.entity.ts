import { Entity } from 'typeorm';
import {
  instantColumn,
  integerColumn,
  largeTextColumn,
  ownerKey,
  textColumn,
  textKey,
} from '../../platform/database/columns.js';
import { NotARecord } from '../../platform/database/not-a-record.js';

/** The answer to a request with an `Idempotency-Key`. It is kept as long as the account: a client can retry at any time. */
@NotARecord('answers to requests')
@Entity('idempotency_keys')
export class IdempotencyKey {
  @ownerKey('fk_idempotency_keys_user') userId!: string;
  /** Method and route pattern, because the same key on another route is another request. */
  @textKey(100) route!: string;
  @textKey(255) key!: string;
  @textColumn(43) requestHash!: string;
  @integerColumn() status!: number;
  /** The body of the answer: JSON, deflated, base64. */
  @largeTextColumn() body!: string;
  @instantColumn() createdAt!: Date;
}
