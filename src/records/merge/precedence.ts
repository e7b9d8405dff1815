/*
 * A group may have a value that prevails: "taken" of a dose. Another value replaces it only if its author has seen it, and a
 * deletion likewise. Otherwise a phone that was offline would hide a dose that was taken, and it would be taken twice.
 *
 * The register of such a group keeps the newest prevailing edit, and the newest edit of an author who has seen that one. The first
 * decides before the second, so the result does not depend on the order of arrival.
 */
import { compareStamps, compareText, type EditStamp, isNextOf } from './edit-stamp.js';

/** The newest edit that set a group to its prevailing value. */
export interface Prevailing {
  readonly stamp: EditStamp;
  /** The version of the record that set it. */
  readonly version: number;
}

interface Held {
  readonly content: string;
  readonly stamp: EditStamp;
  readonly prevailing?: Prevailing | undefined;
}

/** Of an edit. */
export interface Knowledge {
  readonly stamp: EditStamp;
  readonly baseVersion?: number | undefined;
}

/** What a register keeps after an edit took effect. */
export const prevailingOf = (
  prevails: boolean | undefined,
  set: Prevailing,
  held: Prevailing | undefined,
): { readonly prevailing?: Prevailing } => {
  const prevailing = prevails === true ? set : held;
  return prevailing ? { prevailing } : {};
};

/** Whether the author of an edit had not seen a prevailing one. */
export const isUnseen = (prevailing: Prevailing | undefined, { baseVersion, stamp }: Knowledge): boolean =>
  prevailing !== undefined &&
  !(baseVersion !== undefined && baseVersion >= prevailing.version) &&
  !isNextOf(stamp, prevailing.stamp);

/** What an edit is compared with: a prevailing one with the last prevailing one only. Undefined if there is none. */
export const rivalOf = (held: Held, prevails: boolean | undefined): EditStamp | undefined =>
  prevails === true ? held.prevailing?.stamp : held.stamp;

/** Positive when an edit is newer than its rival. Of two with the same stamp the content decides. */
export function orderOf(stamp: EditStamp, content: string, held: Held, rival: EditStamp | undefined): number {
  if (!rival) return 1;
  const isHeld = compareStamps(rival, held.stamp) === 0;
  return compareStamps(stamp, rival) || (isHeld ? compareText(content, held.content) : 0);
}
