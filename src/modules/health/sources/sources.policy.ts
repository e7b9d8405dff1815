import { Injectable } from '@nestjs/common';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const DAY = 24 * 60 * MINUTE;

/** The intervals and bounds of deletions of sources. Tests use shorter ones. */
@Injectable()
export class SourcesPolicy {
  /** How often the worker polls for deletions that wait; a new one is begun at once where it was asked for. */
  readonly pollMs: number = 2 * SECOND;
  /** An instance that claimed a deletion and does not renew the claim for this long has probably died. */
  readonly claimMs: number = 2 * MINUTE;
  /** How often a deletion is begun again without proceeding before it is given up. */
  readonly maxAttempts: number = 10;
  /** Records of one transaction. */
  readonly chunkRecords: number = 400;
  /** A deletion can be taken back for this long after its end. Tombstones are kept longer. */
  readonly keepMs: number = 30 * DAY;
}
