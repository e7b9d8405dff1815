import { IntersectionType, PartialType } from '@nestjs/swagger';
import { Documented } from '../../../kernel/http/documented.js';
import {
  DayField,
  InstantField,
  ListField,
  NumberField,
  StringField,
  UuidField,
} from '../../../kernel/http/fields.js';
import { Page } from '../../../kernel/http/paging.js';
import { CreateRecordDto, RecordDto, UpdateRecordDto } from '../../../records/define/record.dto.js';
import { creation, lot, update } from './lots.examples.js';
import { AmountField, MAX_AMOUNT } from './medications.fields.js';

const none = { optional: true, nullable: true } as const;

@Documented({ description: 'A package of a medication that came into the house.', examples: creation })
export class LotFieldsDto {
  @UuidField({ description: 'The medication.', example: lot.medication_id })
  medicationId!: string;

  @AmountField('How much came, in the `dose_unit` of the medication.', lot.units) units!: number;

  @InstantField({
    description:
      'From when it counts, at most 24 hours after the time of the service. Doses that were taken before the first lot of a medication take nothing from the stock.',
    example: lot.added_at,
  })
  addedAt!: Date;

  @NumberField({
    description: 'How much of it was lost or thrown away, at most `units`. Null for nothing.',
    example: 0,
    min: 0,
    max: MAX_AMOUNT,
    ...none,
  })
  discarded?: number | null;

  @DayField({ description: 'The last day on which it may be used.', example: lot.expires_on, ...none })
  expiresOn?: string | null;

  @DayField({ description: 'When it was opened.', example: null, ...none })
  openedOn?: string | null;

  @DayField({
    description: 'The last day on which it may be used after it was opened.',
    example: null,
    ...none,
  })
  useBy?: string | null;

  @StringField({ description: 'Lot number on the package.', example: lot.lot_number, max: 100, ...none })
  lotNumber?: string | null;

  @StringField({ description: 'A free note.', example: 'In the fridge', max: 1_000, ...none })
  note?: string | null;
}

@Documented({ description: 'A new lot.', examples: creation })
export class CreateLotDto extends IntersectionType(LotFieldsDto, CreateRecordDto) {}

@Documented({ description: 'Fields that are left out do not change.', examples: update })
export class UpdateLotDto extends IntersectionType(PartialType(LotFieldsDto), UpdateRecordDto) {}

@Documented({ description: 'One lot.' })
export class LotDto extends IntersectionType(LotFieldsDto, RecordDto) {}

@Documented({ description: 'A page of lots.' })
export class LotPageDto extends Page {
  @ListField({ description: 'Lots, the newest first.', type: () => LotDto })
  data!: LotDto[];
}
