import type { SyncedRecord } from '../../../records/define/synced-record.js';
import type { RecordKind } from '../../../records/define/record-kind.js';
import { compareStamps } from '../../../records/merge/edit-stamp.js';

/*
 * The devices of the edits that deletions of sources make. A tombstone with the device of one has not been edited since by anybody
 * else, and becomes live again when that deletion is taken back.
 */

/** No client can have a name with a slash. */
const PREFIX = 'source-deletion/';

export const deletionDevice = (deletionId: string): string => `${PREFIX}${deletionId}`;

/** The id of the deletion of a source whose device it is; undefined for another device. */
export const deletionOf = (device: string): string | undefined =>
  device.startsWith(PREFIX) ? device.slice(PREFIX.length) : undefined;

/** Whether a record is deleted because its source was. */
export const isOfDeletion = ({ deletedAt, modifiedBy }: SyncedRecord): boolean =>
  deletedAt !== null && deletionOf(modifiedBy) !== undefined;

/** The device that wrote the newest values of a record, whoever has deleted or restored it since. */
export const writerOfValues = (kind: RecordKind, record: SyncedRecord): string | undefined =>
  Object.values(kind.stateOf(record).groups)
    .map(({ stamp }) => stamp)
    .toSorted(compareStamps)
    .at(-1)?.device;
