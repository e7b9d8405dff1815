import { Entity, Index } from 'typeorm';
import {
  booleanColumn,
  counterColumn,
  instantColumn,
  integerColumn,
  jsonColumn,
  ownerKey,
  textColumn,
  uuidKey,
} from '../../../platform/database/columns.js';
import { NotARecord } from '../../../platform/database/not-a-record.js';
import { type CsvColumn, type CsvMapping, FILE_FAILURES } from './formats/import-format.js';

/** `uploading` → `waiting` → `running` → `completed` or `failed`; then `undoing` → `undone`. */
export const IMPORT_STATUSES = [
  'uploading',
  'waiting',
  'running',
  'completed',
  'failed',
  'undoing',
  'undone',
] as const;
export type ImportStatus = (typeof IMPORT_STATUSES)[number];

/** What happens to a record that was changed or deleted since it was imported, or that was not imported. */
export const ON_CHANGED = ['keep', 'replace'] as const;
export type OnChanged = (typeof ON_CHANGED)[number];

/** Why an import failed: because of its file, or of something else. */
export const FAILURES = ['quota-exceeded', 'file-lost', 'internal', ...FILE_FAILURES] as const;
export type ImportFailure = (typeof FAILURES)[number];

export interface ImportError {
  readonly line: number;
  readonly record?: number;
  readonly field: string;
  readonly code: string;
  readonly message: string;
}

export interface PreviewRow {
  readonly line: number;
  readonly record?: number;
  readonly records: readonly { readonly kind: string; readonly fields: object }[];
}

/** What the rows read so far have become. */
export interface ImportCounts {
  rowsRead: number;
  rowsFailed: number;
  rowsSkipped: number;
  recordsCreated: number;
  recordsUpdated: number;
  recordsUnchanged: number;
  recordsKept: number;
}

/** All columns but the long ones. */
export const SUMMARY_COLUMNS = [
  'userId',
  'id',
  'status',
  'format',
  'fileName',
  'fileSize',
  'timeZone',
  'dryRun',
  'onChanged',
  'rowsRead',
  'rowsFailed',
  'rowsSkipped',
  'recordsCreated',
  'recordsUpdated',
  'recordsUnchanged',
  'recordsKept',
  'recordsTakenBack',
  'recordsLeft',
  'failure',
  'failureDetail',
  'createdAt',
  'updatedAt',
  'finishedAt',
] as const satisfies readonly (keyof ImportJob)[];

/** One import of a file. Its file lies in the data directory until the import has ended. */
@NotARecord('the state of work; what it stores are records')
@Entity('imports')
@Index('idx_imports_user_created', ['userId', 'createdAt', 'id'])
@Index('uq_imports_slot', ['slot'], { unique: true })
@Index('idx_imports_finished', ['finishedAt'])
@Index('idx_imports_file_until', ['fileUntil'])
export class ImportJob implements ImportCounts {
  @ownerKey('fk_imports_user') userId!: string;
  @uuidKey() id!: string;
  @textColumn(16) status!: ImportStatus;
  /** Only so many imports are under way at a time: each has one of the numbers. Null when it has ended. */
  @integerColumn({ nullable: true }) slot!: number | null;
  /** How often it was claimed. It identifies the claim. */
  @integerColumn() attempts!: number;
  @instantColumn({ nullable: true }) claimedUntil!: Date | null;
  /** Empty until the file has arrived. */
  @textColumn(32) format!: string;
  @textColumn(255, { nullable: true }) fileName!: string | null;
  @counterColumn() fileSize!: number;
  @textColumn(64) timeZone!: string;
  @booleanColumn() dryRun!: boolean;
  @textColumn(8) onChanged!: OnChanged;
  @jsonColumn({ nullable: true }) mapping!: CsvMapping | null;
  /** The columns of a table, for a person to choose from. */
  @jsonColumn({ nullable: true }) columns!: readonly CsvColumn[] | null;
  /** Rows of the file whose records are stored. An interrupted import goes on after them. */
  @integerColumn() rowsRead!: number;
  @integerColumn() rowsFailed!: number;
  @integerColumn() rowsSkipped!: number;
  @integerColumn() recordsCreated!: number;
  @integerColumn() recordsUpdated!: number;
  @integerColumn() recordsUnchanged!: number;
  @integerColumn() recordsKept!: number;
  @integerColumn() recordsTakenBack!: number;
  @integerColumn() recordsLeft!: number;
  /** The first errors of rows. */
  @jsonColumn() errors!: readonly ImportError[];
  @jsonColumn() preview!: readonly PreviewRow[];
  @textColumn(32, { nullable: true }) failure!: ImportFailure | null;
  @textColumn(500, { nullable: true }) failureDetail!: string | null;
  @instantColumn() createdAt!: Date;
  @instantColumn() updatedAt!: Date;
  @instantColumn({ nullable: true }) finishedAt!: Date | null;
  /** Until when the file of a preview is kept. */
  @instantColumn({ nullable: true }) fileUntil!: Date | null;
  /** Members of the mapping that the file of a preview does not decide. */
  @jsonColumn({ nullable: true }) undecided!: readonly string[] | null;
}
