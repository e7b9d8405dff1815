/*
 * How edits of one record come together. A record is a product of registers, each of which keeps its newest edit: one
 * register a group of fields, and one for whether the record lives. So the result is the same in whatever order
 * concurrent edits arrive, and however often. (Shapiro et al., "A comprehensive study of convergent and commutative
 * replicated data types", INRIA RR-7506, 3.2.1; Kulkarni et al., "Logical physical clocks", OPODIS 2014.)
 */

/** Where an edit stands among all edits of a record: compared member by member, in this order. */
export interface EditStamp {
  /** When the person made the edit, in milliseconds; never later than the server's time. */
  readonly time: number;
  /** Orders edits of one instant that were made on top of each other. */
  readonly counter: number;
  /** The device, arbitrary but the same on every server and in every order of arrival. Empty when unknown. */
  readonly device: string;
  /** The place in the device's own order; 0 when the device does not count its edits. */
  readonly deviceSeq: number;
}

/** A group of fields that travel together, and the edit that set them. */
export interface GroupState {
  /** Canonical text of the values. */
  readonly content: string;
  readonly stamp: EditStamp;
  /** The version of the record that brought them. */
  readonly version: number;
}

export interface RecordState {
  readonly version: number;
  readonly deleted: boolean;
  /** Of the newest edit, whatever it changed. */
  readonly stamp: EditStamp;
  readonly groups: Readonly<Record<string, GroupState>>;
}

export interface Edit {
  readonly stamp: EditStamp;
  /** The version the edit was made on, when the client knows it. */
  readonly baseVersion?: number | undefined;
  readonly deletes: boolean;
  /** By a client that keeps no versions: that its newer edit replaces another's is what it asked for. */
  readonly isBlind?: boolean;
  /** Canonical text of each group the edit sets. */
  readonly groups: Readonly<Record<string, string>>;
}

/**
 * - `applied`: all of the edit holds now.
 * - `merged`: some groups hold, others have a newer edit.
 * - `duplicate`: the record says so already; nothing changes for anybody.
 * - `superseded`: newer edits hold.
 */
export type MergeStatus = 'applied' | 'merged' | 'duplicate' | 'superseded';

export interface Merge {
  readonly status: MergeStatus;
  /** What the record is now. Its version moved if anybody can see a difference, and only then. */
  readonly state: RecordState;
  /** Groups that the edit set. */
  readonly won: readonly string[];
  /** Groups both sides changed without knowing of each other, to different values: one of them lost its text. */
  readonly contested: readonly string[];
  /** One side deleted what the other changed without knowing of it. */
  readonly contestedLife: boolean;
}

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
export const compareStamps = (a: EditStamp, b: EditStamp): number =>
  a.time - b.time || a.counter - b.counter || compareText(a.device, b.device) || a.deviceSeq - b.deviceSeq;

const newest = (a: EditStamp, b: EditStamp): EditStamp => (compareStamps(a, b) < 0 ? b : a);

const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** The state of a record that begins with this edit. */
export const begin = ({ stamp, groups }: Edit): RecordState => ({
  version: 1,
  deleted: false,
  stamp,
  groups: Object.fromEntries(
    Object.entries(groups).map(([name, content]) => [name, { content, stamp, version: 1 }]),
  ),
});

/**
 * Merges an edit into what a record is. In each register the newest edit wins; an edit made on top of the current one
 * wins whatever the clocks say, and so does the same device's next edit: both are ordered after it by the counter,
 * never by inventing a later time.
 */
export function merge(current: RecordState, edit: Edit): Merge {
  const life = mergeLife(current, edit);
  const registers = Object.entries(edit.deletes ? {} : edit.groups).map(([name, content]) =>
    mergeGroup(name, content, current, edit),
  );
  const changes = registers.filter(({ wins, differs }) => wins && differs);
  const isVisible = life.deleted !== current.deleted || (!life.deleted && changes.length > 0);
  const version = current.version + Number(isVisible);
  const won = registers.filter(({ wins }) => wins);
  const groups = { ...current.groups };
  for (const { name, content, stamp, differs } of won)
    groups[name] = {
      content,
      stamp,
      version: differs ? version : (current.groups[name]?.version ?? version),
    };
  // Whoever sets a field says that the record lives.
  const signs = life.deleted ? [] : won.map(({ stamp }) => stamp);
  return {
    status: statusOf(edit, life, registers, isVisible),
    state: { version, deleted: life.deleted, stamp: signs.reduce(newest, life.stamp), groups },
    won: won.map(({ name }) => name),
    contested: registers.filter(({ isContested }) => isContested).map(({ name }) => name),
    contestedLife: life.isContested || (life.wins && swallows(current, edit)),
  };
}

/** Whether an edit deletes what another device entered, and did not know of it: its own newest edit is no proof. */
const swallows = (current: RecordState, { deletes, isBlind, baseVersion, stamp }: Edit): boolean =>
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

function mergeLife(current: RecordState, edit: Edit): Life {
  const isCausal = edit.baseVersion === current.version || isNextOf(edit.stamp, current.stamp);
  const claimed = compareLives(edit.stamp, edit.deletes, current.stamp, current.deleted);
  const isBumped = isCausal && edit.deletes !== current.deleted && claimed <= 0;
  const order = isBumped ? 1 : claimed;
  const wins = order >= 0;
  return {
    deleted: wins ? edit.deletes : current.deleted,
    stamp: isBumped ? after(edit.stamp, current.stamp) : order > 0 ? edit.stamp : current.stamp,
    wins,
    isContested:
      edit.deletes !== current.deleted &&
      !isCausal &&
      !isOwn(edit.stamp, current.stamp) &&
      !(edit.isBlind === true && wins),
  };
}

/** At an exact tie a deletion wins. */
const compareLives = (a: EditStamp, aDeletes: boolean, b: EditStamp, bDeletes: boolean): number =>
  a.time - b.time ||
  a.counter - b.counter ||
  Number(aDeletes) - Number(bDeletes) ||
  compareText(a.device, b.device) ||
  a.deviceSeq - b.deviceSeq;

interface Register {
  readonly name: string;
  readonly content: string;
  readonly stamp: EditStamp;
  readonly wins: boolean;
  readonly differs: boolean;
  readonly isContested: boolean;
}

function mergeGroup(name: string, content: string, current: RecordState, edit: Edit): Register {
  const held = current.groups[name];
  if (!held) return { name, content, stamp: edit.stamp, wins: true, differs: true, isContested: false };
  const isCausal = isSeen(edit.baseVersion, held) || isNextOf(edit.stamp, held.stamp);
  const differs = content !== held.content;
  const claimed = compareStamps(edit.stamp, held.stamp) || compareText(content, held.content);
  const isBumped = isCausal && differs && claimed <= 0;
  const wins = isBumped || claimed > 0;
  return {
    name,
    content,
    stamp: isBumped ? after(edit.stamp, held.stamp) : edit.stamp,
    wins,
    differs,
    // What a dead record said is nobody's any more: the lost life is the conflict.
    isContested:
      !current.deleted &&
      differs &&
      !isCausal &&
      !isOwn(edit.stamp, held.stamp) &&
      !(edit.isBlind === true && wins),
  };
}

/** The edit, ordered after the one it was made on. */
const after = (stamp: EditStamp, base: EditStamp): EditStamp => ({
  ...stamp,
  time: base.time,
  counter: base.counter + 1,
});

const isSeen = (baseVersion: number | undefined, held: GroupState): boolean =>
  baseVersion !== undefined && baseVersion >= held.version;

const isOwn = (stamp: EditStamp, held: EditStamp): boolean =>
  stamp.device !== '' && stamp.device === held.device;

/** A device that does not count its edits gives them one order: that of their times, and of arrival at one instant. */
function isNextOf(stamp: EditStamp, held: EditStamp): boolean {
  if (!isOwn(stamp, held)) return false;
  return stamp.deviceSeq > 0 && held.deviceSeq > 0
    ? stamp.deviceSeq > held.deviceSeq
    : stamp.time === held.time;
}

function statusOf(edit: Edit, life: Life, registers: readonly Register[], isVisible: boolean): MergeStatus {
  if (!life.wins && life.deleted !== edit.deletes) return 'superseded';
  const lost = registers.filter(({ wins, differs }) => !wins && differs).length;
  if (lost > 0) return lost === registers.length && !isVisible ? 'superseded' : 'merged';
  return isVisible ? 'applied' : 'duplicate';
}
