import { Entity } from 'typeorm';
import { bigintColumn, integerKey, textColumn } from '../../platform/database/columns.js';

/** The id of the only row. */
export const HEAD = 1;

/** The end of the audit log: a single row that is locked while entries are added. */
@Entity('audit_head')
export class AuditHead {
  @integerKey() id!: number;
  @bigintColumn() seq!: bigint;
  @textColumn(43) hash!: string;
}
