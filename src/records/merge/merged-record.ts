import type { Entered } from '../define/define-record.js';
import type { SyncedRecord } from '../define/synced-record.js';
import { merge, type Merge, type RecordState } from './merge.js';
import type { RecordEdit } from './record-edit.js';

/** What an edit makes of a record. */
export interface MergedRecord {
  readonly merged: Merge;
  /** The entered values afterwards. */
  readonly values: Entered;
  /** Groups that have other values than before. */
  readonly changed: readonly string[];
  /** Groups of the edit with values that are not in the record, although nobody who has seen them replaced them. */
  readonly lost: readonly string[];
  /** The same of groups that the record had before. */
  readonly replaced: readonly string[];
}

/**
 * Merges an edit into a record. Groups are merged apart from each other, so two edits that are right may make a record that breaks a
 * rule between groups: one makes it a reading of a kind without tags, and the other one tags it. Then the record loses what its kind
 * names, whichever edit came first: a group that is taken away keeps the stamp of the edit that set it.
 */
export function mergedRecord(current: SyncedRecord, edit: RecordEdit): MergedRecord {
  const { kind, entered, stamp, baseVersion, op, isBlind = false } = edit;
  const before = kind.stateOf(current);
  const deletes = op === 'delete';
  const sent = deletes ? {} : kind.contents(entered);
  const prevails = kind.prevailsIn(entered);
  const first = merge(before, { stamp, baseVersion, deletes, isBlind, groups: sent, prevails });
  const values = Object.assign(kind.entered(current), kind.pick(entered, first.won));
  const isShown = !first.state.deleted && first.state.version !== before.version;
  const taken = (isShown && kind.definition.reconcile?.(values)) || {};
  const { merged, gone } = withoutGroups(first, before, sent, kind.contents(taken));
  const names = Object.keys(merged.state.groups);
  const has = (name: string, content: string | undefined) => merged.state.groups[name]?.content === content;
  const [won, contested, isGone] = [new Set(first.won), new Set(first.contested), new Set(gone)];
  return {
    merged,
    values: Object.assign(values, kind.pick(taken, gone)),
    changed: names.filter((name) => !has(name, before.groups[name]?.content)),
    lost: names
      .filter((name) => (won.has(name) ? isGone : contested).has(name))
      .filter((name) => !has(name, sent[name])),
    replaced: names
      .filter((name) => (won.has(name) ? contested : isGone).has(name))
      .filter((name) => !has(name, before.groups[name]?.content)),
  };
}

type Contents = Readonly<Record<string, string>>;

/** @param taken what the groups have instead. @returns the names of those that had something else */
function withoutGroups(
  merged: Merge,
  before: RecordState,
  sent: Contents,
  taken: Contents,
): { readonly merged: Merge; readonly gone: readonly string[] } {
  const { state, won } = merged;
  const gone = Object.keys(taken).filter((name) => state.groups[name]?.content !== taken[name]);
  if (gone.length === 0) return { merged, gone };
  const contents = { ...contentsOf(state), ...taken };
  const had = contentsOf(before);
  // A group of which nobody has said anything yet is not seen to become empty.
  const isMoved = (name: string) => contents[name] !== (had[name] ?? taken[name]);
  const isVisible = before.deleted || Object.keys(contents).some(isMoved);
  const version = isVisible ? state.version : before.version;
  const groups = { ...state.groups };
  for (const name of gone) {
    const [now, held] = [groups[name], before.groups[name]];
    if (now)
      groups[name] = {
        ...now,
        content: taken[name] ?? '',
        version: isMoved(name) ? version : (held?.version ?? version),
      };
  }
  const isOfEdit = gone.some((name) => won.includes(name) && name in sent);
  const status = !isOfEdit ? merged.status : isVisible ? 'merged' : 'superseded';
  return {
    merged: { ...merged, status, won: [...new Set([...won, ...gone])], state: { ...state, version, groups } },
    gone,
  };
}

const contentsOf = ({ groups }: RecordState): Contents =>
  Object.fromEntries(Object.entries(groups).map(([name, { content }]) => [name, content]));
