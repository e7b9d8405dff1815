import type { EditStamp, RecordState } from '../merge/merge.js';
import type { GroupClocks, SyncedRecord } from './synced-record.js';

/** The stamp of the newest edit of a record. */
export const stampOf = (record: SyncedRecord): EditStamp => ({
  time: record.modifiedAt.getTime(),
  counter: record.modifiedCounter,
  device: record.modifiedBy,
  deviceSeq: record.modifiedSeq,
});

/** The stamp of the edit that set a group. */
export const readClock = ([time, counter, device, deviceSeq]: GroupClocks[string]): EditStamp => ({
  time,
  counter,
  device,
  deviceSeq,
});

/** The clocks of the groups of a state, as a record keeps them. */
export const clocksOf = (groups: RecordState['groups']): GroupClocks =>
  Object.fromEntries(
    Object.entries(groups).map(([name, { stamp, version }]) => [
      name,
      [stamp.time, stamp.counter, stamp.device, stamp.deviceSeq, version],
    ]),
  );
