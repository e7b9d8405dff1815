import {
  type Edit,
  type EditStamp,
  merge,
  type Merge,
  type RecordState,
} from '../../src/kernel/records/merge.js';
import type { Rules } from './rules.js';

/** The service's merge; a rule that is taken away is hidden from it by what it is told. */
export function resolve(rules: Rules, current: RecordState, edit: Edit): Merge {
  return merge(current, hideTies(rules, current, hideCauses(rules, edit)));
}

/** Nobody knows what an edit was made on, nor which edits are of one device. */
function hideCauses({ causal }: Rules, edit: Edit): Edit {
  if (causal) return edit;
  const { device, deviceSeq } = edit.stamp;
  return { ...edit, baseVersion: undefined, stamp: { ...edit.stamp, device: `${device}#${deviceSeq}` } };
}

/** Of edits of one instant the last to arrive wins. */
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

/** The device that made an edit, also where causes are hidden. */
export function originOf({ device, deviceSeq }: EditStamp): { device: string; deviceSeq: number } {
  return { device: device.split('#')[0]!, deviceSeq };
}
