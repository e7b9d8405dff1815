import { Entity, Index } from 'typeorm';
import {
  dayColumn,
  doubleColumn,
  instantColumn,
  ownerKey,
  textColumn,
  uuidColumn,
} from '../../../platform/database/columns.js';
import { GroupedRecord } from '../../../records/define/synced-record.js';

const optional = { nullable: true } as const;

/** A package of a medication that came into the house. What is left is computed, and never stored. */
@Entity('medication_lots')
@Index('idx_medication_lots_user_seq', ['userId', 'seq'])
@Index('idx_medication_lots_user_added', ['userId', 'deletedAt', 'addedAt', 'id'])
@Index('idx_medication_lots_user_medication', ['userId', 'medicationId', 'deletedAt', 'addedAt', 'id'])
export class MedicationLot extends GroupedRecord {
  @ownerKey('fk_medication_lots_user') userId!: string;
  @uuidColumn() medicationId!: string;
  @doubleColumn() units!: number;
  @instantColumn() addedAt!: Date;
  @doubleColumn(optional) discarded!: number | null;
  @dayColumn(optional) expiresOn!: string | null;
  @dayColumn(optional) openedOn!: string | null;
  @dayColumn(optional) useBy!: string | null;
  @textColumn(100, optional) lotNumber!: string | null;
  @textColumn(1_000, optional) note!: string | null;
}
