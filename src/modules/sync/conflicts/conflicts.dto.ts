import { Documented } from '../../../kernel/http/documented.js';
import {
  EnumField,
  InstantField,
  IntegerField,
  ListField,
  ObjectField,
  UuidField,
} from '../../../kernel/http/fields.js';
import { Page, PageQuery } from '../../../kernel/http/paging.js';
import { ConflictDataDto } from '../../../records/define/conflict.dto.js';
import { RecordDataField } from '../../../records/define/record-fields.js';
import { ChangeDto, version } from '../pull/change.dto.js';
import { resolution } from '../sync.examples.js';

@Documented({ description: 'A conflict.' })
export class ConflictDto extends ConflictDataDto {
  @UuidField({ description: 'Id of the conflict.', example: '5b1f0c66-6f7e-5d0b-9d6c-4c0f8a2b7e11' })
  id!: string;

  @InstantField({ description: 'When the service found it.', example: '2026-01-06T20:30:05.000Z' })
  createdAt!: Date;

  @IntegerField({ ...version, description: 'How often the conflict changed: 1, 2, 3 …' })
  version!: number;
}

export class ConflictListQuery extends PageQuery {
  @EnumField({
    description: 'Only conflicts with this status; all if omitted.',
    example: 'open',
    values: ['open', 'resolved'],
    name: 'ConflictStatus',
    meaning: '`open`: a person should choose; `resolved`: nothing more to do.',
    optional: true,
  })
  status?: string;
}

@Documented({ description: 'A page of conflicts.' })
export class ConflictPageDto extends Page {
  @ListField({ description: 'Conflicts, the newest first.', type: () => ConflictDto })
  data!: ConflictDto[];
}

/** What a choice does; it does the same on every device. */
export const CHOICES = ['keep_current', 'use_other', 'keep_both', 'merged'] as const;
export type Choice = (typeof CHOICES)[number];

/** Names that older clients send. They say whose version it is, which is right only on the device that lost. */
export const ALIASES = { keep_server: 'keep_current', use_mine: 'use_other' } as const;
export type Alias = keyof typeof ALIASES;

@Documented({ description: 'The choice of a person.', examples: resolution })
export class ResolveConflictDto {
  @EnumField({
    description: 'The choice.',
    example: 'use_other',
    values: [...CHOICES, ...Object.keys(ALIASES)],
    name: 'ConflictChoice',
    meaning:
      '`keep_current`: the version in effect stays; `use_other`: the losing version replaces it; `keep_both`: the losing version becomes a record of its own; `merged`: the sent `fields` replace it. `keep_server` and `use_mine` are older names of `keep_current` and `use_other`.',
  })
  choice!: Choice | Alias;

  @RecordDataField({
    description:
      'The merged fields: required with `merged`, not used with other choices. They must be valid with every choice.',
    of: 'fields',
    optional: true,
  })
  fields?: object;
}

@Documented({ description: 'The conflict, and the record that was written, if any.' })
export class ResolvedConflictDto {
  @ObjectField({ description: 'The conflict.', type: () => ConflictDto })
  conflict!: ConflictDto;

  @ObjectField({
    description: 'The record that was written; absent if none was.',
    type: () => ChangeDto,
    optional: true,
  })
  record?: ChangeDto;
}
