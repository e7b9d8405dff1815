import { Entity } from 'typeorm';
import { ownerKey } from '../../../platform/database/columns.js';
import { NotARecord } from '../../../platform/database/not-a-record.js';
import { OwnerSequence } from '../owner-sequence.js';

@NotARecord('the order of records')
@Entity('user_sequences')
export class UserSequence extends OwnerSequence {
  @ownerKey('fk_user_sequences_user') userId!: string;
}
