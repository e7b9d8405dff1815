import type { EditStamp } from '../merge/edit-stamp.js';
import type { GroupState, RecordState } from '../merge/merge.js';
import { compareStamps } from '../merge/edit-stamp.js';
import type { GroupClock, GroupClocks, SyncedRecord } from './synced-record.js';

/** The stamp of the newest edit of a record. */
export const stampOf = (record: SyncedRecord): EditStamp => ({
  time: record.modifiedAt.getTime(),
  counter: record.modifiedCounter,
  device: record.modifiedBy,
  deviceSeq: record.modifiedSeq,
});

/** The edit that set a group, and the prevailing edit that its author had seen. @param prevails whether the group has that value */
export function readClock(clock: GroupClocks[string], prevails: boolean): Omit<GroupState, 'content'> {
  const [time, counter, device, deviceSeq, version, seen] = clock;
  const edit = { stamp: { time, counter, device, deviceSeq }, version };
  if (prevails) return { ...edit, prevailing: edit };
  return seen ? { ...edit, prevailing: readClock(seen, false) } : edit;
}

/** The clocks of the groups of a state, as a record keeps them. */
export const clocksOf = (groups: RecordState['groups']): GroupClocks =>
  Object.fromEntries(
    Object.entries(groups).map(([name, { stamp, version, prevailing }]) => [
      name,
      prevailing && compareStamps(prevailing.stamp, stamp) !== 0
        ? [...clockOf(stamp, version), clockOf(prevailing.stamp, prevailing.version)]
        : clockOf(stamp, version),
    ]),
  );

const clockOf = ({ time, counter, device, deviceSeq }: EditStamp, version: number): GroupClock => [
  time,
  counter,
  device,
  deviceSeq,
  version,
];
