import { Documented } from '../http/documented.js';
import {
  BooleanField,
  EnumField,
  InstantField,
  IntegerField,
  ObjectField,
  StringField,
  UuidField,
} from '../http/fields.js';
import { Conflict } from './conflict.entity.js';
import { defineReadOnlyRecord } from './record.js';
import { RecordDataField } from './record-fields.js';

@Documented({ description: 'One side of a conflict.' })
export class ConflictSideDto {
  @InstantField({ description: 'When the person made the edit.', example: '2026-01-06T20:30:02.000Z' })
  modified_at!: string;

  @StringField({
    description: 'The device that made it; empty when unknown.',
    example: 'a1f4c8e2-phone',
    min: 0,
    max: 64,
  })
  modified_by!: string;

  @IntegerField({
    description: 'Version of the record with this side in it; null for a side that never held.',
    example: 4,
    min: 1,
    max: 2_147_483_647,
    nullable: true,
  })
  version!: number | null;

  @BooleanField({ description: 'Whether this side deleted the record.', example: false })
  deleted!: boolean;

  @RecordDataField({ description: 'What was entered; null for a deletion.', of: 'fields', nullable: true })
  data!: object | null;
}

@Documented({ description: 'Two edits of one record that did not know of each other; both are kept whole.' })
export class ConflictDataDto {
  @StringField({ description: 'The kind of the record.', example: 'meal', max: 32 })
  record_kind!: string;

  @UuidField({ description: 'The record.', example: '019b9500-a0c8-7c2e-8f4d-2a9b7c6d5e10' })
  record_id!: string;

  @EnumField({
    description: 'How they came about.',
    example: 'concurrent-edit',
    values: ['concurrent-edit', 'deleted', 'gone'],
    name: 'ConflictReason',
    meaning:
      '`concurrent-edit`: both changed the same fields; `deleted`: one side deleted the record; `gone`: the record was unknown here, or deleted so long ago that its trace is gone.',
  })
  reason!: string;

  @IntegerField({
    description: 'The version the losing edit was made on, as far as it is known.',
    example: 3,
    min: 0,
    max: 2_147_483_647,
    nullable: true,
  })
  base_version!: number | null;

  @ObjectField({
    description: 'What holds; null when nothing does.',
    type: () => ConflictSideDto,
    nullable: true,
  })
  winner!: ConflictSideDto | null;

  @ObjectField({ description: 'What lost.', type: () => ConflictSideDto, nullable: true })
  loser!: ConflictSideDto | null;

  @EnumField({
    description: 'Whether somebody has yet to choose.',
    example: 'open',
    values: ['open', 'resolved'],
    name: 'ConflictStatus',
    meaning: '`open`: a person should choose; `resolved`: nothing is left to do.',
  })
  status!: string;

  @EnumField({
    description: 'What was chosen; null while it is open.',
    example: null,
    values: ['keep_server', 'use_mine', 'keep_both', 'merged', 'automatic'],
    name: 'ConflictResolution',
    meaning:
      '`keep_server`: the winner stays; `use_mine`: the loser holds instead; `keep_both`: the loser became a record of its own; `merged`: a third version holds; `automatic`: too small a difference to ask anybody.',
    nullable: true,
  })
  resolution!: string | null;

  @InstantField({
    description: 'When it was resolved; null while it is open.',
    example: '2026-01-07T08:00:00.000Z',
    nullable: true,
  })
  resolved_at!: string | null;
}

export const conflictRecord = defineReadOnlyRecord({
  kind: 'conflict',
  revision: 1,
  entity: Conflict,
  data: ConflictDataDto,
});
