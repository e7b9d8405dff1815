/** Which edit of a record holds: compared member by member, in this order. */
export interface EditKey {
  /** When the person made the edit, in milliseconds; never later than the server's time. */
  readonly time: number;
  /** Orders edits of one instant that were made on top of each other. */
  readonly counter: number;
  /** At an exact tie a deletion wins. */
  readonly deletes: boolean;
  /** The device, then the content: arbitrary, but the same on every server and in every order of arrival. */
  readonly device: string;
  /** Canonical JSON of what the edit says. */
  readonly content: string;
}

export interface ProposedEdit {
  readonly key: EditKey;
  /** The version the edit was made on, when the client knows it. */
  readonly baseVersion?: number;
}

export interface CurrentEdit {
  readonly key: EditKey;
  readonly version: number;
}

/**
 * - `applied`: the edit holds now, under `key`.
 * - `duplicate`: nothing changes for anybody; a greater `key` is kept, so that order of arrival does not matter.
 * - `superseded`: a newer edit holds.
 */
export type Verdict =
  { readonly status: 'applied' | 'duplicate'; readonly key: EditKey } | { readonly status: 'superseded' };

/** Skew beyond this is a wrong clock, not a slow network. */
const TOLERATED_SKEW_MS = 60_000;

/**
 * The time an edit counts with: a badly set clock is corrected by its skew, and nothing is later than the server's
 * now, or one phone in the future would win for ever.
 * @param skewMs server clock minus device clock, when the device told its time.
 */
export function editTime(claimed: number, now: number, skewMs = 0): number {
  return Math.min(Math.abs(skewMs) > TOLERATED_SKEW_MS ? claimed + skewMs : claimed, now);
}

/** Negative, zero or positive, as `a` is older than, the same as, or newer than `b`. */
export function compareEdits(a: EditKey, b: EditKey): number {
  return (
    a.time - b.time ||
    a.counter - b.counter ||
    Number(a.deletes) - Number(b.deletes) ||
    compareText(a.device, b.device) ||
    compareText(a.content, b.content)
  );
}

const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/**
 * Decides an edit against the one that holds. The newest wins; an edit made on top of the current one wins whatever
 * the clocks say, and so does the same device's next edit of the same instant: both are ordered after it by the
 * counter, never by inventing a later time.
 */
export function decide(proposed: ProposedEdit, current: CurrentEdit): Verdict {
  const older = compareEdits(proposed.key, current.key) <= 0;
  if (proposed.key.content === current.key.content && proposed.key.deletes === current.key.deletes)
    return { status: 'duplicate', key: older ? current.key : proposed.key };
  if (!older) return { status: 'applied', key: proposed.key };
  if (!isCausal(proposed, current)) return { status: 'superseded' };
  const { time, counter } = current.key;
  return { status: 'applied', key: { ...proposed.key, time, counter: counter + 1 } };
}

function isCausal({ key, baseVersion }: ProposedEdit, current: CurrentEdit): boolean {
  const sameDevice = key.device !== '' && key.device === current.key.device;
  return baseVersion === current.version || (sameDevice && key.time === current.key.time);
}
