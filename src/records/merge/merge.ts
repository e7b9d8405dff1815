/*
 * Merges the edits of one record. A record is a product of registers, and each register keeps its newest edit. There is one
 * register for each group of fields, and one for whether the record is live. So the result does not depend on the order in
 * which concurrent edits arrive, nor on how often they arrive. (Shapiro et al., "A comprehensive study of convergent and
 * commutative replicated data types", INRIA RR-7506, 3.2.1; Kulkarni et al., "Logical physical clocks", OPODIS 2014.)
 */

import { after, compareStamps, DELETION, type EditStamp, isNextOf, isOwn, newest } from './edit-stamp.js';
import { isUnseen, orderOf, type Prevailing, prevailingOf, rivalOf } from './precedence.js';

/** A group of fields that are written together, and the edit that set them. */
export interface GroupState {
  /** The canonical text of the values. */
  readonly content: string;
  readonly stamp: EditStamp;
  /** The version of the record that set them. */
  readonly version: number;
  /** The newest prevailing edit of the group: the one that set it, or the one that its author has seen. */
  readonly prevailing?: Prevailing | undefined;
}

export interface RecordState {
  readonly version: number;
  readonly deleted: boolean;
  /** The stamp of the newest edit of any group. */
  readonly stamp: EditStamp;
  readonly groups: Readonly<Record<string, GroupState>>;
}

export interface Edit {
  readonly stamp: EditStamp;
  /** The version on which the edit was made, when the client knows it. */
  readonly baseVersion?: number | undefined;
  readonly deletes: boolean;
  /** True for a client that stores no versions: its newer edit is meant to replace the edits of others. */
  readonly isBlind?: boolean;
  /** The canonical text of each group that the edit sets. */
  readonly groups: Readonly<Record<string, string>>;
  /** For groups with a value that prevails: whether the edit sets it. See `precedence.ts`. */
  readonly prevails?: Readonly<Record<string, boolean>> | undefined;
}

/**
 * - `applied`: every group of the edit took effect.
 * - `merged`: some groups took effect; others have a newer edit.
 * - `duplicate`: the record already has these values; nothing changes.
 * - `superseded`: newer edits won.
 */
export type MergeStatus = 'applied' | 'merged' | 'duplicate' | 'superseded';

export interface Merge {
  readonly status: MergeStatus;
  /** The record after the merge. Its version changes only if there is a visible difference. */
  readonly state: RecordState;
  /** Groups that the edit set. */
  readonly won: readonly string[];
  /** Groups that both sides changed to different values without knowledge of each other: one of the values lost. */
  readonly contested: readonly string[];
  /** Whether one side deleted the record and the other changed it, without knowledge of each other. */
  readonly contestedLife: boolean;
}

/** A larger difference between the clocks comes from a wrong clock, and not from a slow network. */
const TOLERATED_SKEW_MS = 60_000;

/**
 * The time with which an edit is compared. The time of a wrong clock is corrected by its skew. The result is never later than
 * the server's time; otherwise a phone with its clock in the future would always win.
 * @param claimed the time of the edit by the device's clock.
 * @param skewMs the server's clock minus the device's clock, when the device sent its time.
 */
export function editTime(claimed: number, now: number, skewMs = 0): number {
  return Math.min(Math.abs(skewMs) > TOLERATED_SKEW_MS ? claimed + skewMs : claimed, now);
}

/** The state of a new record after its first edit. */
export const begin = ({ stamp, groups, prevails }: Edit): RecordState => ({
  version: 1,
  deleted: false,
  stamp,
  groups: Object.fromEntries(
    Object.entries(groups).map(([name, content]) => [
      name,
      { content, stamp, version: 1, ...prevailingOf(prevails?.[name], { stamp, version: 1 }, undefined) },
    ]),
  ),
});

/**
 * Merges an edit into the current state of a record. In each register the newest edit wins. An edit that was made on top of
 * the current one wins even if its clock shows an earlier time, and so does the next edit of the same device.
 */
export function merge(current: RecordState, edit: Edit): Merge {
  const placed = Object.entries(edit.deletes ? {} : edit.groups).map(([name, content]) =>
    mergeGroup(name, content, current, edit),
  );
  const life = mergeLife(current, edit, placed);
  const registers = placed.map((register) => ({
    ...register,
    isContested: isContested(register, current, edit, life),
  }));
  const changes = registers.filter(({ wins, differs }) => wins && differs);
  const isVisible = life.deleted !== current.deleted || (!life.deleted && changes.length > 0);
  const version = current.version + Number(isVisible);
  const won = registers.filter(({ wins }) => wins);
  const groups = { ...current.groups };
  for (const { name, content, stamp, differs } of won) {
    const held = current.groups[name];
    const set = { stamp, version: differs ? version : (held?.version ?? version) };
    groups[name] = { content, ...set, ...prevailingOf(edit.prevails?.[name], set, held?.prevailing) };
  }
  return {
    status: statusOf(edit, life, registers, isVisible),
    state: { version, deleted: life.deleted, stamp: life.stamp, groups },
    won: won.map(({ name }) => name),
    contested: registers.filter(({ isContested }) => isContested).map(({ name }) => name),
    contestedLife: life.isContested || (life.wins && deletesUnseen(current, edit)),
  };
}

/** Whether an edit deletes values of another device that its author has not seen. */
const deletesUnseen = (current: RecordState, { deletes, isBlind, baseVersion, stamp }: Edit): boolean =>
  deletes &&
  !current.deleted &&
  isBlind !== true &&
  Object.values(current.groups).some((held) => !isSeen(baseVersion, held) && !isOwn(stamp, held.stamp));

interface Life {
  readonly deleted: boolean;
  readonly stamp: EditStamp;
  readonly wins: boolean;
  readonly isContested: boolean;
}

function mergeLife(current: RecordState, edit: Edit, registers: readonly Register[]): Life {
  const prevailing = registers.find((one) => one.wins && one.differs && edit.prevails?.[one.name] === true);
  // With the same time the deletion wins, because a record is easily restored.
  const own = edit.deletes ? { ...edit.stamp, counter: edit.stamp.counter + DELETION } : edit.stamp;
  const claimed = registers.filter(({ wins }) => wins).reduce((stamp, one) => newest(stamp, one.stamp), own);
  const isCausal = edit.baseVersion === current.version || isNextOf(edit.stamp, current.stamp);
  const order = compareStamps(claimed, current.stamp);
  const isRaised = isCausal && edit.deletes !== current.deleted && order <= 0;
  const isRefused =
    !prevailing &&
    !isRestoration(current, edit) &&
    Object.values(current.groups).some((held) => isUnseen(held.prevailing, edit));
  const wins = !isRefused && (prevailing !== undefined || isRaised || order >= 0);
  const later = isRaised ? after(own, current.stamp) : newest(current.stamp, claimed);
  return {
    deleted: wins ? edit.deletes : current.deleted,
    stamp: isRefused ? current.stamp : (prevailing?.stamp ?? later),
    wins,
    isContested:
      edit.deletes !== current.deleted &&
      !isCausal &&
      !isOwn(edit.stamp, current.stamp) &&
      !(edit.isBlind === true && wins),
  };
}

interface Register {
  readonly name: string;
  readonly content: string;
  readonly stamp: EditStamp;
  readonly wins: boolean;
  readonly differs: boolean;
  readonly isCausal: boolean;
  /** Whether it loses to a prevailing value that its author has not seen. */
  readonly yields: boolean;
}

function mergeGroup(name: string, content: string, current: RecordState, edit: Edit): Register {
  const { stamp: own } = edit;
  const held = current.groups[name];
  if (!held) return { name, content, stamp: own, wins: true, differs: true, isCausal: true, yields: false };
  const isCausal = hasSeen(current, held, edit);
  const differs = content !== held.content;
  const prevails = edit.prevails?.[name];
  const { prevailing } = held;
  const knows = isCausal || !isUnseen(prevailing, edit);
  // An edit that has seen a prevailing one is newer than it, whatever the clocks show.
  const isLifted = prevailing && knows && differs && compareStamps(own, prevailing.stamp) <= 0;
  const stamp = isLifted ? after(own, prevailing.stamp) : own;
  const yields = prevails === false && !knows;
  const rival = rivalOf(held, prevails);
  const order = orderOf(stamp, content, held, rival);
  const isRaised = isCausal && differs && order <= 0;
  const wins = !yields && (isRaised || order > 0);
  return {
    name,
    content,
    stamp: isRaised && rival ? after(stamp, rival) : stamp,
    wins,
    differs,
    isCausal,
    yields,
  };
}

/** Whether one of two values of a group is lost, although no device had both. */
function isContested(register: Register, current: RecordState, edit: Edit, life: Life): boolean {
  const { name, wins, differs, isCausal } = register;
  const held = current.groups[name];
  if (!held || !differs || isCausal || isOwn(edit.stamp, held.stamp)) return false;
  if (edit.isBlind === true && wins) return false;
  // Values of a tombstone were deleted by somebody who saw them, or are kept in a conflict. A value that loses to one of them
  // is lost, unless the whole edit loses: then it is kept as a whole.
  return !current.deleted || (!wins && !life.deleted);
}

/** Whether the author of an edit has seen what a group of the current record holds. */
export const hasSeen = (
  current: RecordState,
  held: GroupState,
  edit: Pick<Edit, 'stamp' | 'baseVersion'>,
): boolean =>
  isSeen(edit.baseVersion, held) || isNextOf(edit.stamp, held.stamp) || isRestoration(current, edit);

/**
 * Whether a device edits the record that it deleted itself. It then replaces the values that it has deleted, also when the
 * edit does not say on which version it was made.
 */
const isRestoration = (
  { deleted, stamp: held }: RecordState,
  { baseVersion, stamp }: Pick<Edit, 'stamp' | 'baseVersion'>,
): boolean => deleted && baseVersion === undefined && isNextOf(stamp, held);

const isSeen = (baseVersion: number | undefined, held: Pick<GroupState, 'version'>): boolean =>
  baseVersion !== undefined && baseVersion >= held.version;

function statusOf(edit: Edit, life: Life, registers: readonly Register[], isVisible: boolean): MergeStatus {
  if (!life.wins && life.deleted !== edit.deletes) return 'superseded';
  const lost = registers.filter(({ wins, differs }) => !wins && differs).length;
  if (lost > 0) return lost === registers.length && !isVisible ? 'superseded' : 'merged';
  return isVisible ? 'applied' : 'duplicate';
}
