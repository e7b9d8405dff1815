import { Entity } from 'typeorm';
import { ownerKey } from '../../../platform/database/columns.js';
import { NotARecord } from '../../../platform/database/not-a-record.js';
import { OwnerEpoch } from '../owner-sequence.js';

@NotARecord('epochs that have ended')
@Entity('sync_epochs')
export class SyncEpoch extends OwnerEpoch {
  @ownerKey('fk_sync_epochs_user') userId!: string;
}
