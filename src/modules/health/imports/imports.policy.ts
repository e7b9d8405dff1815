import { Injectable } from '@nestjs/common';
import { MAX_UNPACKED_BYTES } from './formats/zip-entry.js';
import type { Pace } from './metered.js';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;

/** The intervals and bounds of imports. Tests use shorter ones. */
@Injectable()
export class ImportsPolicy {
  /** How often the worker polls for imports that wait; a finished upload is begun at once where it arrived. */
  readonly pollMs: number = 2 * SECOND;
  /** An instance that claimed an import and does not renew the claim for this long has probably died. */
  readonly claimMs: number = 2 * MINUTE;
  /** Records of one transaction. */
  readonly chunkRecords: number = 500;
  /** How often an interrupted import is begun again before it is given up, if it has not proceeded for {@link stuckMs}. */
  readonly maxAttempts: number = 10;
  /** So long must an import not have proceeded to be given up. */
  readonly stuckMs: number = 10 * MINUTE;
  /** What must arrive of an upload in each of these times. The whole upload has its own limit. */
  readonly pace: Pace = { bytes: 262_144, perMs: 20 * SECOND };
  /** What may be read of one file, when it is unpacked. Its rows and records stay below what a counter holds. */
  readonly maxBytes: number = MAX_UNPACKED_BYTES;
  readonly maxRows: number = 20_000_000;
  readonly maxRecords: number = 100_000_000;
  /** Steps with which one import can be taken back: each has at most some 50 KB, and some 500 records without earlier values. */
  readonly maxSteps: number = 20_000;
  /** How often an upload, or an import that stores nothing, is renewed. One that was ended meanwhile is broken off then. */
  readonly renewMs: number = 5 * SECOND;
  /** An import whose instance, and with it the file, has not come back for this long has failed. */
  readonly lostMs: number = 60 * MINUTE;
  /** How often the worker sweeps what is too old. */
  readonly sweepMs: number = MINUTE;
  /** An import can be taken back for this long after its end; then its list of changes is deleted. */
  readonly keepMs: number = 30 * 24 * 60 * MINUTE;
  /** How long the file of a preview is kept, so that the preview can be started, and the room for such files on one instance. */
  readonly keepFileMs: number = 60 * MINUTE;
  readonly keepFileBytes: number = 4 * 1_024 ** 3;
  /** Ended imports of a person that are kept, and the steps with which they can be taken back: each has at most some 50 KB. */
  readonly keepEnded: number = 50;
  readonly keepSteps: number = 20_000;
  /** How often sockets are told of progress. */
  readonly tellMs: number = 500;
}

/** Errors of rows that are kept, of possibly a million. The others are only counted. */
export const MAX_ERRORS = 100;
export const PREVIEW_ROWS = 20;

/** Columns of a table that are shown to choose from. */
export const MAX_COLUMNS = 200;

/** A list that is stored as JSON text fits into a column. */
const LIST_BYTES = 48_000;

/** The first entries, at most `most` and those that fit. */
export function fitting<Entry>(entries: readonly Entry[], most: number): Entry[] {
  let bytes = 0;
  const end = entries.findIndex(
    (entry) => (bytes += Buffer.byteLength(JSON.stringify(entry)) + 1) > LIST_BYTES,
  );
  return entries.slice(0, Math.min(most, end < 0 ? entries.length : end));
}
