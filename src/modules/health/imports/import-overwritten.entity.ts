import { Entity, Index } from 'typeorm';
import { jsonColumn, ownerKey, textColumn, uuidKey } from '../../../platform/database/columns.js';
import { NotARecord } from '../../../platform/database/not-a-record.js';
import type { Before } from './import-step.entity.js';

/**
 * What a record had before an import that was taken back while a later one had overwritten it. When that one is taken back, too,
 * the record gets this in place of the values of the first one.
 */
@NotARecord('what an import has changed; it goes with the import')
@Entity('import_overwritten')
@Index('idx_import_overwritten_user_import', ['userId', 'importId', 'recordId'])
export class ImportOverwritten {
  @ownerKey('fk_import_overwritten_user') userId!: string;
  @uuidKey() recordId!: string;
  @uuidKey() importId!: string;
  @jsonColumn({ nullable: true }) earlier!: Before;
  @textColumn(64, { nullable: true }) writer!: string | null;
  /** The device of the deletion of a source under which these values were. */
  @textColumn(64, { nullable: true }) under!: string | null;
}
