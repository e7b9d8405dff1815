import { Entity } from 'typeorm';
import {
  instantColumn,
  integerColumn,
  largeTextColumn,
  ownerKey,
  textColumn,
  textKey,
} from '../../platform/database/columns.js';
import { NotARecord } from '../records/record.js';

/** The answer to one keyed request, kept as long as the account: a lost response may be asked for again for ever. */
@NotARecord('answers to requests')
@Entity('idempotency_keys')
export class IdempotencyKey {
  @ownerKey('fk_idempotency_keys_user') userId!: string;
  /** Method and route pattern: the same key on another route is another request. */
  @textKey(100) route!: string;
  @textKey(255) key!: string;
  @textColumn(43) requestHash!: string;
  @integerColumn() status!: number;
  /** The response body: JSON, deflated, base64. */
  @largeTextColumn() body!: string;
  @instantColumn() createdAt!: Date;
}
