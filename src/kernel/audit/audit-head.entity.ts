import { Entity, PrimaryColumn } from 'typeorm';
import { bigintColumn, textColumn } from '../../platform/database/columns.js';

/** The end of the audit log: one row, locked by whoever adds to it. */
@Entity('audit_head')
export class AuditHead {
  @PrimaryColumn({ type: 'int' }) id!: number;
  @bigintColumn() seq!: bigint;
  @textColumn(43) hash!: string;
}
