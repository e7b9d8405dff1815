import { UnreadableFile } from './formats/import-format.js';
import type { CheckedRow } from './import-rows.js';
import type { ImportsPolicy } from './imports.policy.js';

/** How much of one file is read. What is within the limits is stored. */
export class ImportLimits {
  private rows = 0;
  private records = 0;
  private steps = 0;

  constructor(
    private readonly policy: ImportsPolicy,
    private readonly maxBytes: number,
  ) {}

  /** @throws UnreadableFile */
  bytes(read: number): void {
    if (read > this.maxBytes)
      throw new UnreadableFile('too-large', 'The file becomes too large when it is unpacked.');
  }

  /** Notes how long the list of changes is with which the import can be taken back. */
  stored(steps: number): void {
    this.steps = steps;
  }

  /** @throws UnreadableFile */
  row({ records, repeated }: CheckedRow): void {
    const { maxRows, maxRecords, maxSteps } = this.policy;
    this.rows += 1;
    this.records += records.length + repeated;
    if (this.rows > maxRows || this.records > maxRecords)
      throw new UnreadableFile(
        'too-many-rows',
        `A file can have at most ${maxRows} rows and ${maxRecords} records.`,
      );
    if (this.steps >= maxSteps)
      throw new UnreadableFile(
        'too-many-rows',
        'The import has changed as many records as can be taken back together: divide the file.',
      );
  }
}
