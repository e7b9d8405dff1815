import { v7 as uuidv7 } from 'uuid';
import type { ChangeSet } from '../../kernel/records/change-sequence.js';
import type { CurrentEdit, EditKey } from '../../kernel/records/last-write-wins.js';
import { toKilograms, type WeightUnit } from '../../kernel/quantities/weight.js';
import type { WeightEntry } from './weight-entry.entity.js';

/** What a person enters. */
export interface WeightInput {
  readonly weightValue: number;
  readonly unit: WeightUnit;
  readonly timestamp: Date;
}

/** Canonical JSON of what an entry says: equal texts are equal entries. */
export const contentOf = ({ weightValue, unit, timestamp }: WeightInput | WeightEntry): string =>
  JSON.stringify([weightValue, unit, timestamp.getTime()]);

/** The edit that holds. */
export const currentEdit = (entry: WeightEntry): CurrentEdit => ({
  key: keyOf(entry),
  version: entry.version,
});

const keyOf = (entry: WeightEntry): EditKey => ({
  time: entry.modifiedAt.getTime(),
  counter: entry.modifiedCounter,
  deletes: entry.deletedAt !== null,
  device: entry.modifiedBy,
  content: contentOf(entry),
});

/** A new entry, as of an edit. */
export const createdEntry = (
  changes: ChangeSet,
  id: string | undefined,
  input: WeightInput,
  key: EditKey,
): WeightEntry => ({
  ...written(changes, input, key),
  id: id ?? uuidv7(),
  userId: changes.userId,
  createdAt: changes.stamp,
  version: 1,
});

/** The next version of an entry; without input its values stay, as a tombstone keeps them until it is purged. */
export const changedEntry = (
  changes: ChangeSet,
  entry: WeightEntry,
  input: WeightInput | undefined,
  key: EditKey,
): WeightEntry => ({
  ...entry,
  ...written(changes, input ?? (entry as WeightInput), key),
  version: entry.version + 1,
});

/** The same version under a newer edit that said the same: only the order of edits moves. */
export const rekeyedEntry = (entry: WeightEntry, key: EditKey): WeightEntry => ({
  ...entry,
  ...ordered(key),
});

const ordered = (key: EditKey) => ({
  modifiedAt: new Date(key.time),
  modifiedCounter: key.counter,
  modifiedBy: key.device,
});

const written = (changes: ChangeSet, { weightValue, unit, timestamp }: WeightInput, key: EditKey) => ({
  weightValue,
  unit,
  weightKg: toKilograms(weightValue, unit),
  timestamp,
  updatedAt: changes.stamp,
  deletedAt: key.deletes ? changes.stamp : null,
  seq: changes.next(),
  ...ordered(key),
});
