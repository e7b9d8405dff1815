import { Entity } from 'typeorm';
import { integerKey, jsonColumn, ownerKey, uuidKey } from '../../../platform/database/columns.js';
import { NotARecord } from '../../../platform/database/not-a-record.js';

/**
 * A record that an import has changed: its kind, its id, a hash of the values that it was given, those before, and the import's
 * device that wrote these or deleted them; null where they were the person's own. Earlier versions only noted whether they were.
 */
export type ImportedChange = readonly [
  kind: string,
  id: string,
  hash: string,
  before: Before,
  writer: string | null | boolean,
  revived?: Revived,
];

/** What is noted of a tombstone that the import has made live again. */
export interface Revived {
  /** The version that the record has since. */
  readonly version: number;
  /** The device of the deletion of its source: the values before were under that deletion. */
  readonly under?: string;
}

/** Null when there was no record, or a tombstone that no deletion of a source has made. */
export type Before = object | null;

/** Changes of one transaction of an import, with which they can be taken back. */
@NotARecord('what an import has changed; it goes with the import')
@Entity('import_steps')
export class ImportStep {
  @ownerKey('fk_import_steps_user') userId!: string;
  @uuidKey() importId!: string;
  @integerKey() step!: number;
  @jsonColumn() changes!: readonly ImportedChange[];
}
