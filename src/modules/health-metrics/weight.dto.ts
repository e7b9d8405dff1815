import { Documented } from '../../kernel/http/documented.js';
import { EnumField, InstantField, IntegerField, ListField, UuidField } from '../../kernel/http/fields.js';
import { Page, PageQuery } from '../../kernel/http/paging.js';
import type { WeightUnit } from '../../kernel/quantities/weight.js';
import { creation, page, update } from './weight-examples.js';
import { ID, unit, timestamp, version, createdAt, updatedAt, USER_ID, WeightField } from './weight.fields.js';

@Documented({ description: 'One measured body weight.' })
export class WeightEntryDto {
  @UuidField({ description: 'Id of the entry.', example: ID })
  id!: string;

  @UuidField({ description: 'Whose it is.', example: USER_ID })
  user_id!: string;

  @WeightField()
  weight_value!: number;

  @EnumField(unit)
  unit!: WeightUnit;

  @InstantField(timestamp)
  timestamp!: string;

  @InstantField(createdAt)
  created_at!: string;

  @InstantField(updatedAt)
  updated_at!: string;

  @IntegerField(version)
  version!: number;
}

@Documented({ description: 'A new weight.', examples: creation })
export class CreateWeightDto {
  @UuidField({
    description:
      'Id made by the client, for a creation that can be repeated. A UUIDv7 is best; without any the server makes one.',
    example: ID,
    optional: true,
  })
  id?: string;

  @WeightField()
  weight_value!: number;

  @EnumField(unit)
  unit!: WeightUnit;

  @InstantField(timestamp)
  timestamp!: string;
}

@Documented({
  description:
    'Fields that are left out stay as they are. A value and its unit are one thing: neither is sent alone.',
  examples: update,
})
export class UpdateWeightDto {
  @WeightField({ optional: true })
  weight_value?: number;

  @EnumField({ ...unit, optional: true })
  unit?: WeightUnit;

  @InstantField({ ...timestamp, optional: true })
  timestamp?: string;

  @IntegerField({
    ...version,
    description: 'The version the change was made on; another current one answers `version-conflict`.',
    optional: true,
  })
  version?: number;
}

export class WeightListQuery extends PageQuery {
  @InstantField({
    description: 'Only entries measured at or after this instant.',
    example: '2026-01-01T00:00:00Z',
    optional: true,
  })
  since?: string;

  @InstantField({
    description: 'Only entries measured before this instant.',
    example: '2026-02-01T00:00:00Z',
    optional: true,
  })
  until?: string;
}

@Documented({ description: 'A page of weights.', examples: page })
export class WeightPageDto extends Page {
  @ListField({ description: 'Entries, the last measured first.', type: () => WeightEntryDto })
  data!: WeightEntryDto[];
}
