import { snakeCase } from '../../platform/database/naming.js';
import type { Entered } from '../define/define-record.js';
import type { RecordKind } from '../define/record-kind.js';
import type { LastUpload, SyncedRecord, UploadedRecord } from '../define/synced-record.js';
import type { RecordEdit } from './record-edit.js';

/*
 * A source uploads its records again and again. What it says again is not news, whatever a person has made of the record since.
 * What it says otherwise than before is an edit, and it has not seen the edits of people. Uploads arrive in any order: one that
 * was made before the last one counts for nothing, or an old value would replace a newer one.
 */

/** What an upload says of a stored record. */
interface News {
  /** The hashes of what it says, without the groups of which a later upload has spoken. */
  readonly said: LastUpload['hashes'];
  readonly edits: readonly RecordEdit[];
  /** Whether a later upload has said something else. */
  readonly isLate: boolean;
}

/** Whether an edit tells what a source knows: it creates a record under an id of the source. */
export const isUpload = ({ kind, op, entered }: RecordEdit): boolean =>
  kind.isUploaded && op === 'create' && entered['externalId'] != null;

/** What a record keeps of the upload that creates it. The upload wrote all groups. */
export function firstUpload({ kind, entered, sent = entered, stamp }: RecordEdit): LastUpload {
  const said = kind.hashesOf(sent);
  return { hashes: withValue(said), versions: {}, times: timesOf(kind, said, stamp.time) };
}

/**
 * The edits of an upload of a stored record. Groups in which the source says what it said last are left out. Those that only
 * the source has written are one edit, made on top of the current version. Those that somebody else has written since are
 * another, made without knowledge of it: so the merge keeps the value that loses as a conflict.
 */
export function newsOf(current: UploadedRecord, edit: RecordEdit): News {
  const { kind, sent = edit.entered, stamp } = edit;
  const all = kind.hashesOf(sent);
  const known = knownOf(current, kind, all);
  const times = current.uploaded?.times ?? {};
  const isLate = (field: string) => kind.groupsOf([field]).some((group) => stamp.time < (times[group] ?? 0));
  const isNew = (field: string) => all[field] !== (known[field] ?? NOTHING);
  const said = Object.fromEntries(Object.entries(all).filter(([field]) => !isLate(field)));
  const held = kind.stateOf(current).groups;
  const written = current.uploaded?.versions ?? {};
  const first = isOfSource(current, kind) ? 1 : 0;
  const isOwn = (group: string): boolean => held[group]?.version === (written[group] ?? first);
  // A zone of which nobody has said anything is only the one that the profile had when the record was made.
  const isDefault = (zone: string): boolean =>
    known[zone] === undefined && kind.groupsOf([zone]).every((group) => !held[group] || isOwn(group));
  const { entered, fields } = inItsZone(current, edit, Object.keys(said).filter(isNew), isDefault);
  const groups = kind.groupsOf(fields);
  const own = groups.filter((group) => isOwn(group) || !held[group]);
  const others = groups.filter((group) => !own.includes(group));
  // As an edit of an unknown device: the edits of the person at the same device were not made with it.
  const update = { kind, id: edit.id, op: 'update' as const, stamp: { ...stamp, device: '', deviceSeq: 0 } };
  const edits: RecordEdit[] = [
    { ...update, entered: kind.pick(entered, own), baseVersion: current.version },
    { ...update, entered: kind.pick(entered, others) },
  ];
  return {
    said,
    edits: edits.filter((one) => Object.keys(one.entered).length > 0),
    isLate: Object.keys(all).some((field) => isLate(field) && isNew(field)),
  };
}

/** What a record keeps of an upload, after its edits were applied to it. */
export function uploadedAfter(
  before: UploadedRecord,
  after: UploadedRecord,
  { kind, stamp }: RecordEdit,
  { said, edits }: News,
): LastUpload {
  const [had, has] = [kind.stateOf(before).groups, kind.stateOf(after).groups];
  const sent = kind.contents(Object.assign({}, ...edits.map((one) => one.entered)));
  const versions = Object.entries(sent).flatMap(([group, content]) => {
    const state = has[group];
    return state && state.version !== had[group]?.version && state.content === content
      ? [[group, state.version] as const]
      : [];
  });
  const { uploaded } = before;
  // Who wrote it may take it back; what somebody else has said, too, must stay.
  const isByAnother = edits.length === 0 && stamp.device !== before.modifiedBy;
  const sharedAt = isByAnother ? after.version : uploaded?.sharedAt;
  const first = isOfSource(before, kind)
    ? {}
    : Object.fromEntries(Object.keys(had).map((group) => [group, 0]));
  return {
    hashes: withValue({ ...uploaded?.hashes, ...said }),
    versions: { ...(uploaded?.versions ?? first), ...Object.fromEntries(versions) },
    times: { ...uploaded?.times, ...timesOf(kind, said, stamp.time) },
    ...(sharedAt === undefined ? {} : { sharedAt }),
  };
}

/** Whether another than its writer has uploaded the values that the record has, whoever has deleted and restored it since. */
export function isShared(kind: RecordKind, record: SyncedRecord): boolean {
  const sharedAt = 'uploaded' in record ? (record as UploadedRecord).uploaded?.sharedAt : undefined;
  if (sharedAt === undefined) return false;
  return Object.values(kind.stateOf(record).groups).every(({ version }) => version <= sharedAt);
}

/** The hash of a field without a value. It is not stored. */
const NOTHING = '';

const withValue = (hashes: LastUpload['hashes']): LastUpload['hashes'] =>
  Object.fromEntries(Object.entries(hashes).filter(([, hash]) => hash !== NOTHING));

const timesOf = (kind: RecordKind, said: LastUpload['hashes'], time: number): LastUpload['times'] =>
  Object.fromEntries(kind.groupsOf(Object.keys(said)).map((group) => [group, time]));

/** Whether a source made the record. What a person restores from a conflict has no id of a source. */
const isOfSource = (record: UploadedRecord, kind: RecordKind): boolean =>
  record.uploaded !== null || kind.entered(record)['externalId'] != null;

/**
 * What the source said last, by its hashes. It is not known of records that are older than these hashes: what was never changed is
 * what the source said, and of the rest its next upload is taken as a repetition, so that it displaces no correction.
 */
function knownOf(
  current: UploadedRecord,
  kind: RecordKind,
  said: LastUpload['hashes'],
): LastUpload['hashes'] {
  if (current.uploaded || !isOfSource(current, kind)) return current.uploaded?.hashes ?? {};
  const { groups } = kind.stateOf(current);
  const stored = kind.hashesOf(kind.entered(current));
  const isUnchanged = (field: string) => kind.groupsOf([field]).some((name) => groups[name]?.version === 1);
  return Object.fromEntries(
    Object.entries(said).map(([field, hash]) => [
      field,
      isUnchanged(field) ? (stored[field] ?? NOTHING) : hash,
    ]),
  );
}

/**
 * A phone that has travelled uploads the same measurement from another time zone. That is no news, and moves no record to another
 * day, while its instants are the same. The first zone that its source names is news.
 */
function inItsZone(
  current: UploadedRecord,
  { kind, entered }: RecordEdit,
  news: string[],
  isDefault: (zone: string) => boolean,
): { readonly entered: Entered; readonly fields: readonly string[] } {
  const { placed } = kind.definition;
  if (!placed) return { entered, fields: news };
  const zone = snakeCase(placed.timeZone);
  const moves = placed.instants.some((property) => news.includes(snakeCase(property)));
  // What is measured at another time is placed by the zone that is sent with it, also when that was said before.
  if (!moves && isDefault(zone)) return { entered, fields: news };
  if (moves) return { entered, fields: entered[placed.timeZone] === undefined ? news : [...news, zone] };
  return {
    entered: { ...entered, [placed.timeZone]: kind.entered(current)[placed.timeZone] },
    fields: news.filter((field) => field !== zone),
  };
}
