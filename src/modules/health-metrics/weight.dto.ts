import { EnumField, InstantField, IntegerField, ListField, UuidField } from '../../kernel/http/fields.js';
import { Page, PageQuery } from '../../kernel/http/paging.js';
import type { WeightUnit } from '../../kernel/quantities/weight.js';
import { ID, unit, timestamp, version, createdAt, updatedAt, WeightField } from './weight.fields.js';

export class WeightEntryDto {
  @UuidField({ description: 'Id of the entry.', example: ID })
  id!: string;

  @UuidField({ description: 'Whose it is.', example: ID })
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

export class CreateWeightDto {
  @UuidField({
    description: 'Id made by the client, for a creation that can be repeated. UUIDv7 is best.',
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

/** Fields that are left out stay as they are. A value and its unit are one thing: neither is sent alone. */
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

export class WeightPageDto extends Page {
  @ListField({ description: 'Entries, the last measured first.', type: () => WeightEntryDto })
  data!: WeightEntryDto[];
}
