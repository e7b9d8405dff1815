import {
  instantColumn,
  integerColumn,
  jsonColumn,
  textColumn,
  uuidColumn,
} from '../../platform/database/columns.js';
import { storedAs } from '../../kernel/http/answer.js';
import { ConflictSideDto } from './conflict.dto.js';
import { SyncedRecord } from './synced-record.js';

const side = storedAs(() => ConflictSideDto);

/**
 * Two edits that were made without knowledge of each other. Both sides are kept completely. Each owner type has its own
 * entity, which extends this class.
 */
export abstract class Conflict extends SyncedRecord {
  @textColumn(32) recordKind!: string;
  @uuidColumn() recordId!: string;
  @textColumn(20) reason!: string;
  /** The version on which the losing edit was made; null when unknown. */
  @integerColumn({ nullable: true }) baseVersion!: number | null;
  @jsonColumn({ nullable: true, transformer: side }) winner!: ConflictSideDto | null;
  @jsonColumn({ nullable: true, transformer: side }) loser!: ConflictSideDto | null;
  @textColumn(10) status!: string;
  @textColumn(12, { nullable: true }) resolution!: string | null;
  @instantColumn({ nullable: true }) resolvedAt!: Date | null;
}
