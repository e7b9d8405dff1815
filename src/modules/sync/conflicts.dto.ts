import { Documented } from '../../kernel/http/documented.js';
import {
  EnumField,
  InstantField,
  IntegerField,
  ListField,
  ObjectField,
  UuidField,
} from '../../kernel/http/fields.js';
import { Page, PageQuery } from '../../kernel/http/paging.js';
import { ConflictDataDto } from '../../kernel/records/conflict.record.js';
import { RecordDataField } from '../../kernel/records/record-fields.js';
import { ChangeDto, version } from './change.dto.js';
import { resolution } from './sync.examples.js';

@Documented({ description: 'A conflict.' })
export class ConflictDto extends ConflictDataDto {
  @UuidField({ description: 'Id of the conflict.', example: '5b1f0c66-6f7e-5d0b-9d6c-4c0f8a2b7e11' })
  id!: string;

  @InstantField({ description: 'When it was found.', example: '2026-01-06T20:30:05.000Z' })
  created_at!: string;

  @IntegerField({ ...version, description: 'How often the conflict was changed: 1, 2, 3 …' })
  version!: number;
}

export class ConflictListQuery extends PageQuery {
  @EnumField({
    description: 'Only these; all, unless given.',
    example: 'open',
    values: ['open', 'resolved'],
    name: 'ConflictStatus',
    meaning: '`open`: a person should choose; `resolved`: nothing is left to do.',
    optional: true,
  })
  status?: string;
}

@Documented({ description: 'A page of conflicts.' })
export class ConflictPageDto extends Page {
  @ListField({ description: 'Conflicts, the newest first.', type: () => ConflictDto })
  data!: ConflictDto[];
}

export type Choice = 'keep_server' | 'use_mine' | 'keep_both' | 'merged';

@Documented({ description: 'What a person chose.', examples: resolution })
export class ResolveConflictDto {
  @EnumField({
    description: 'The choice.',
    example: 'use_mine',
    values: ['keep_server', 'use_mine', 'keep_both', 'merged'],
    name: 'ConflictChoice',
    meaning:
      '`keep_server`: the winner stays; `use_mine`: the loser holds instead; `keep_both`: the loser becomes a record of its own; `merged`: `fields` hold.',
  })
  choice!: Choice;

  @RecordDataField({ description: 'With `merged`: what holds.', of: 'fields', optional: true })
  fields?: object;
}

@Documented({ description: 'The conflict, and the record that was written, if any was.' })
export class ResolvedConflictDto {
  @ObjectField({ description: 'The conflict.', type: () => ConflictDto })
  conflict!: ConflictDto;

  @ObjectField({ description: 'The record that was written.', type: () => ChangeDto, optional: true })
  record?: ChangeDto;
}
