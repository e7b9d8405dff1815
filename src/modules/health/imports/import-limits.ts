import { UnreadableFile } from './formats/import-format.js';
import type { CheckedRow } from './import-rows.js';
import type { ImportsPolicy } from './imports.policy.js';

/** How much of one file is read. What is within the limits is stored. */
export class ImportLimits {
  private rows = 0;
  private records = 0;

  constructor(
    private readonly policy: ImportsPolicy,
    private readonly maxBytes: number,
  ) {}

  /** @throws UnreadableFile */
  bytes(read: number): void {
    if (read > this.maxBytes)
      throw new UnreadableFile('too-large', 'The file becomes too large when it is unpacked.');
  }

  /** @throws UnreadableFile */
  row({ records, repeated }: CheckedRow): void {
    const { maxRows, maxRecords } = this.policy;
    this.rows += 1;
    this.records += records.length + repeated;
    if (this.rows > maxRows || this.records > maxRecords)
      throw new UnreadableFile(
        'too-many-rows',
        `A file can have at most ${maxRows} rows and ${maxRecords} records.`,
      );
  }
}
