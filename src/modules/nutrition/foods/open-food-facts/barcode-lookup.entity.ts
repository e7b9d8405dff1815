import { Entity, Index } from 'typeorm';
import { instantColumn, textKey } from '../../../../platform/database/columns.js';

/** A barcode that Open Food Facts is being asked for, or does not know. It is not asked for it again before an instant. */
@Entity('barcode_lookups')
@Index('idx_barcode_lookups_next', ['nextAt'])
export class BarcodeLookup {
  @textKey(14) barcode!: string;
  @instantColumn() nextAt!: Date;
}
