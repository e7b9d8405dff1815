import { InstantField, IntegerField, UuidField } from '../../kernel/http/fields.js';
import { PageQuery } from '../../kernel/http/paging.js';

/* The fields that the contract classes of all kinds share. A module extends these classes with its own fields. */

const id = { description: 'The id of the record.', example: '019b9500-a0c8-7c2e-8f4d-2a9b7c6d5e10' };
const version = {
  description: 'The version of the record: 1, 2, 3 … It increases with each change.',
  example: 1,
  min: 1,
  max: 2_147_483_647,
};

/** The common fields of a request that creates a record. */
export class CreateRecordDto {
  @UuidField({
    ...id,
    description:
      'Your own id for the record, so that you can repeat the request safely. Use a UUIDv7. If you send none, the server creates one.',
    optional: true,
  })
  id?: string;
}

/** The common fields of a request that changes a record. */
export class UpdateRecordDto {
  @IntegerField({
    ...version,
    description:
      'The version on which you made the change. If the record has another version now, you get `version-conflict`.',
    optional: true,
  })
  version?: number;
}

/** The common fields of a stored record. */
export class RecordDto {
  @UuidField(id)
  id!: string;

  @InstantField({
    description: 'When the server first stored the record.',
    example: '2026-01-06T20:30:05.000Z',
  })
  createdAt!: Date;

  @InstantField({
    description:
      'When the server stored the newest version of the record. Changes of one request share it; those of a later request have a later one.',
    example: '2026-01-06T20:30:05.000Z',
  })
  updatedAt!: Date;

  @IntegerField(version)
  version!: number;
}

/** The query parameters of a list that can be limited to a period. */
export class PeriodQuery extends PageQuery {
  @InstantField({
    description: 'Only records at or after this instant.',
    example: '2026-01-01T00:00:00Z',
    optional: true,
  })
  since?: Date;

  @InstantField({
    description: 'Only records before this instant.',
    example: '2026-02-01T00:00:00Z',
    optional: true,
  })
  until?: Date;
}
