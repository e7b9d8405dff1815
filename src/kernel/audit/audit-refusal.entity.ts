import { Entity, Index } from 'typeorm';
import { instantColumn, integerColumn, textColumn, textKey } from '../../platform/database/columns.js';

/** A window in which refusals of one action on one person are counted instead of added to the audit log. */
@Entity('audit_refusals')
@Index('idx_audit_refusals_end', ['endsAt'])
export class AuditRefusal {
  /** A hash of everything that the counted refusals have in common. */
  @textKey(43) id!: string;
  @textColumn(32) action!: string;
  /** Pseudonyms, as in the log. */
  @textColumn(32, { nullable: true }) actor!: string | null;
  @textColumn(32, { nullable: true }) subject!: string | null;
  @textColumn(64, { nullable: true }) target!: string | null;
  /** Refusals after the first, which is in the log. */
  @integerColumn() times!: number;
  @instantColumn() endsAt!: Date;
}
