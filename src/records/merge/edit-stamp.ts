/** The position of an edit among all edits of a record. Members are compared in this order. */
export interface EditStamp {
  /** When the person made the edit, in milliseconds; never later than the server's time. */
  readonly time: number;
  /** Orders edits with the same time: deletions, and edits that were made on top of each other. */
  readonly counter: number;
  /** The device id breaks ties: it is the same on every server and in every order of arrival. Empty when unknown. */
  readonly device: string;
  /** The number in the device's own order; 0 when the device does not number its edits. */
  readonly deviceSeq: number;
}

/** Negative when `a` is older than `b`, zero when they are the same, positive when `a` is newer. */
export const compareStamps = (a: EditStamp, b: EditStamp): number =>
  a.time - b.time || a.counter - b.counter || compareText(a.device, b.device) || a.deviceSeq - b.deviceSeq;

export const newest = (a: EditStamp, b: EditStamp): EditStamp => (compareStamps(a, b) < 0 ? b : a);

export const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** In the counter, so that stamps have one order: a deletion is newer than an edit with the same time and counter. */
export const DELETION = 1;
const STEP = 2;

/**
 * The stamp of an edit, directly after the edit on which it was made. The time is never raised, because a later time would win
 * against edits that were made in between.
 *
 * The next edit of the same device takes the place of the earlier one: edits of other devices are before both or after both.
 * So the result is the same when such an edit arrives between them, and the earlier one is no longer known.
 */
export const after = (stamp: EditStamp, base: EditStamp): EditStamp =>
  isNextOf(stamp, base)
    ? { ...base, deviceSeq: Math.max(stamp.deviceSeq, base.deviceSeq) }
    : { ...stamp, time: base.time, counter: base.counter + stamp.counter + STEP };

export const isOwn = (stamp: EditStamp, held: EditStamp): boolean =>
  stamp.device !== '' && stamp.device === held.device;

/**
 * Whether an edit is the next one of the same device. Edits of a device that does not number them are ordered by time; with
 * the same time, by arrival.
 */
export function isNextOf(stamp: EditStamp, held: EditStamp): boolean {
  if (!isOwn(stamp, held)) return false;
  return stamp.deviceSeq > 0 && held.deviceSeq > 0
    ? stamp.deviceSeq > held.deviceSeq
    : stamp.time === held.time;
}
