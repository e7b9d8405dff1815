import { Documented } from '../../../kernel/http/documented.js';
import {
  BooleanField,
  CodeField,
  InstantField,
  IntegerField,
  StringField,
  UuidField,
} from '../../../kernel/http/fields.js';
import { RecordDataField } from '../../../records/define/record-fields.js';
import type { RecordKind } from '../../../records/define/record-kind.js';
import type { ChangedRecord } from '../../../records/define/synced-record.js';

export const seq = {
  description:
    'A position in the sequence of this person’s changes: a whole number, as text because it may exceed 2^53.',
  example: '90412',
  pattern: /^\d{1,19}$/,
  mustBe: 'a whole number as text',
  max: 19,
};
export const kindName = { description: 'The kind of the record.', example: 'weight', max: 32 };
export const recordId = {
  description: 'Id of the record.',
  example: '019b9500-a0c8-7c2e-8f4d-2a9b7c6d5e10',
};
export const version = {
  description: 'How often the record changed: 1, 2, 3 …',
  example: 1,
  min: 1,
  max: 2_147_483_647,
};
export const epoch = {
  description:
    'Identifies one continuous history of the person’s records. It changes when the service is restored from a backup.',
  example: 'k3fN0q8Zx1Qw',
  max: 16,
};
export const serverTime = { description: 'The server’s clock.', example: '2026-01-06T20:30:05.123Z' };
export const clientId = {
  description: 'Id of this installation. The app creates it and keeps it out of backups.',
  example: 'a1f4c8e2-phone',
  pattern: /^[A-Za-z0-9._:-]{1,64}$/,
  mustBe: '1 to 64 letters, digits, dots, colons, dashes or underscores',
  max: 64,
};

@Documented({
  description:
    'The newest version of a record. A deleted record is a tombstone: `deleted` is true, and there is no data.',
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

  @BooleanField({ description: 'True for a tombstone.', example: false })
  deleted!: boolean;

  @InstantField({
    description: 'When the person made the newest edit; never later than the time of the service.',
    example: '2026-01-06T20:30:02.000Z',
  })
  modifiedAt!: Date;

  @StringField({
    description:
      'The client that made the newest edit; absent if unknown. What the service does for the person has a name with a slash, such as `import/{id}`.',
    example: 'a1f4c8e2-phone',
    max: 64,
    optional: true,
  })
  modifiedBy?: string;

  @InstantField({
    description:
      'When the service stored this version. Changes of one request share it; those of a later request have a later one.',
    example: '2026-01-06T20:30:05.000Z',
  })
  updatedAt!: Date;

  @InstantField({
    description: 'When the service stored the first version; absent for a tombstone.',
    example: '2026-01-06T20:30:05.000Z',
    optional: true,
  })
  createdAt?: Date;

  @RecordDataField({
    description: 'The record; absent for a tombstone.',
    of: 'data',
    kind: 'kind',
    optional: true,
  })
  data?: object;
}

export function changeOf(kind: RecordKind, record: ChangedRecord): ChangeDto {
  const { id, seq: place, version: count, modifiedAt, modifiedBy, updatedAt, createdAt, deletedAt } = record;
  const change: ChangeDto = {
    kind: kind.name,
    id,
    seq: `${place}`,
    version: count,
    deleted: deletedAt !== null,
    modifiedAt,
    updatedAt,
  };
  if (modifiedBy !== '') change.modifiedBy = modifiedBy;
  return deletedAt === null ? Object.assign(change, { createdAt, data: kind.data(record) }) : change;
}
