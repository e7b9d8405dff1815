import { Documented } from '../../kernel/http/documented.js';
import {
  BooleanField,
  EnumField,
  InstantField,
  IntegerField,
  ObjectField,
  StringField,
  UuidField,
} from '../../kernel/http/fields.js';
import { RecordDataField } from './record-fields.js';

@Documented({ description: 'One side of a conflict.' })
export class ConflictSideDto {
  @InstantField({ description: 'When the person made the edit.', example: '2026-01-06T20:30:02.000Z' })
  modifiedAt!: Date;

  @StringField({
    description: 'The device that made the edit; empty when unknown.',
    example: 'a1f4c8e2-phone',
    min: 0,
    max: 64,
  })
  modifiedBy!: string;

  @IntegerField({
    description: 'The version of the record that had these values; null when no version ever had them.',
    example: 4,
    min: 1,
    max: 2_147_483_647,
    nullable: true,
  })
  version!: number | null;

  @BooleanField({ description: 'Whether this side deleted the record.', example: false })
  deleted!: boolean;

  @RecordDataField({
    description: 'The values of this side; null for a deletion.',
    of: 'fields',
    nullable: true,
  })
  data!: object | null;
}

@Documented({
  description:
    'Two edits of one record that were made without knowledge of each other. Both are kept completely.',
})
export class ConflictDataDto {
  @StringField({ description: 'The kind of the record.', example: 'meal', max: 32 })
  recordKind!: string;

  @UuidField({ description: 'The id of the record.', example: '019b9500-a0c8-7c2e-8f4d-2a9b7c6d5e10' })
  recordId!: string;

  @EnumField({
    description: 'The cause of the conflict.',
    example: 'concurrent-edit',
    values: ['concurrent-edit', 'deleted', 'gone'],
    name: 'ConflictReason',
    meaning:
      '`concurrent-edit`: both sides changed the same fields; `deleted`: one side deleted the record; `gone`: the server does not know the record, or it was deleted so long ago that its tombstone was purged.',
  })
  reason!: string;

  @IntegerField({
    description: 'The version on which the losing edit was made; null when unknown.',
    example: 3,
    min: 0,
    max: 2_147_483_647,
    nullable: true,
  })
  baseVersion!: number | null;

  @ObjectField({
    description: 'The side that is in effect; null when there is none.',
    type: () => ConflictSideDto,
    nullable: true,
  })
  winner!: ConflictSideDto | null;

  @ObjectField({ description: 'The side that lost.', type: () => ConflictSideDto, nullable: true })
  loser!: ConflictSideDto | null;

  @EnumField({
    description: 'Whether a person must still choose.',
    example: 'open',
    values: ['open', 'resolved'],
    name: 'ConflictStatus',
    meaning: '`open`: a person should choose a side; `resolved`: nothing is left to do.',
  })
  status!: string;

  @EnumField({
    description: 'How the conflict was resolved; null while it is open.',
    example: null,
    values: ['keep_server', 'use_mine', 'keep_both', 'merged', 'automatic'],
    name: 'ConflictResolution',
    meaning:
      '`keep_server`: the winner stayed in effect (choice `keep_current`); `use_mine`: the loser replaced it (choice `use_other`); `keep_both`: the loser became a new record; `merged`: a third version replaced both; `automatic`: the difference was too small to ask a person.',
    nullable: true,
  })
  resolution!: string | null;

  @InstantField({
    description: 'When the conflict was resolved; null while it is open.',
    example: '2026-01-07T08:00:00.000Z',
    nullable: true,
  })
  resolvedAt!: Date | null;
}
