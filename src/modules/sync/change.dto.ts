import { Documented } from '../../kernel/http/documented.js';
import {
  BooleanField,
  CodeField,
  InstantField,
  IntegerField,
  StringField,
  UuidField,
} from '../../kernel/http/fields.js';
import { RecordDataField } from '../../kernel/records/record-fields.js';
import type { RecordKind } from '../../kernel/records/record-kind.js';
import type { SyncedRecord } from '../../kernel/records/synced-record.js';

export const seq = {
  description:
    'A place in the order of this person’s changes: a whole number, as text because it may exceed 2^53.',
  example: '90412',
  pattern: /^\d{1,19}$/,
  says: 'a whole number as text',
  max: 19,
};
export const kindName = { description: 'The kind of the record.', example: 'weight', max: 32 };
export const recordId = {
  description: 'Id of the record.',
  example: '019b9500-a0c8-7c2e-8f4d-2a9b7c6d5e10',
};
export const version = {
  description: 'How often the record was changed: 1, 2, 3 …',
  example: 1,
  min: 1,
  max: 2_147_483_647,
};
export const epoch = {
  description:
    'Names one unbroken history of the person’s records; another one after a restore from a backup.',
  example: 'k3fN0q8Zx1Qw',
  max: 16,
};
export const serverTime = { description: 'The server’s clock.', example: '2026-01-06T20:30:05.123Z' };
export const clientId = {
  description: 'Id of this installation, made by the app and kept out of backups.',
  example: 'a1f4c8e2-phone',
  pattern: /^[A-Za-z0-9._:-]{1,64}$/,
  says: '1 to 64 letters, digits, dots, colons, dashes or underscores',
  max: 64,
};

@Documented({
  description:
    'The newest version of a record. A deleted one is a tombstone: `deleted` is true, and there is no data.',
})
export class ChangeDto {
  @StringField(kindName)
  kind!: string;

  @UuidField(recordId)
  id!: string;

  @CodeField(seq)
  seq!: string;

  @IntegerField(version)
  version!: number;

  @BooleanField({ description: 'True on a tombstone.', example: false })
  deleted!: boolean;

  @InstantField({
    description: 'When the person made the newest edit; never later than the server’s clock.',
    example: '2026-01-06T20:30:02.000Z',
  })
  modified_at!: string;

  @StringField({
    description: 'The client that made it; absent when unknown.',
    example: 'a1f4c8e2-phone',
    max: 64,
    optional: true,
  })
  modified_by?: string;

  @InstantField({
    description: 'When the server stored this version; strictly increasing over all changes of a person.',
    example: '2026-01-06T20:30:05.000Z',
  })
  updated_at!: string;

  @InstantField({
    description: 'When the server stored the first version; absent on a tombstone.',
    example: '2026-01-06T20:30:05.000Z',
    optional: true,
  })
  created_at?: string;

  @RecordDataField({ description: 'The record; absent on a tombstone.', of: 'data', optional: true })
  data?: object;
}

export function changeWire(kind: RecordKind, record: SyncedRecord): ChangeDto {
  const isDeleted = record.deletedAt !== null;
  return {
    kind: kind.name,
    id: record.id,
    seq: `${record.seq}`,
    version: record.version,
    deleted: isDeleted,
    modified_at: record.modifiedAt.toISOString(),
    ...(record.modifiedBy === '' ? {} : { modified_by: record.modifiedBy }),
    updated_at: record.updatedAt.toISOString(),
    ...(isDeleted ? {} : { created_at: record.createdAt.toISOString(), data: kind.data(record) }),
  };
}
