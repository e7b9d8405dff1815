import type { EditStamp } from '../../src/records/merge/edit-stamp.js';
import { type Edit, merge, type Merge, type RecordState } from '../../src/records/merge/merge.js';
import type { Rules } from './rules.js';

/** The service's merge. When a rule is switched off, the merge gets an edit without the information that the rule needs. */
export function resolve(rules: Rules, current: RecordState, edit: Edit): Merge {
  return merge(current, hideTies(rules, current, hideCauses(rules, edit)));
}

/** Removes the base version of an edit, and makes every edit look as if it came from a different device. */
function hideCauses({ causal }: Rules, edit: Edit): Edit {
  if (causal) return edit;
  const { device, deviceSeq } = edit.stamp;
  return { ...edit, baseVersion: undefined, stamp: { ...edit.stamp, device: `${device}#${deviceSeq}` } };
}

/** Lets the last edit that arrives win among edits with the same time. */
function hideTies({ tieBreak }: Rules, current: RecordState, edit: Edit): Edit {
  const { stamp } = edit;
  if (tieBreak) return edit;
  const held = [
    current.stamp,
    ...Object.keys(edit.groups).flatMap((name) => current.groups[name]?.stamp ?? []),
  ];
  const ties = held.filter(({ time, device }) => time === stamp.time && device !== stamp.device);
  const counter = Math.max(stamp.counter, ...ties.map((tie) => tie.counter + 1));
  return { ...edit, stamp: { ...stamp, counter } };
}

/** The device that made an edit, also when {@link hideCauses} changed it. */
export function originOf({ device, deviceSeq }: EditStamp): { device: string; deviceSeq: number } {
  return { device: device.split('#')[0]!, deviceSeq };
}
