import { IntersectionType, PartialType } from '@nestjs/swagger';
import { Documented } from '../../../kernel/http/documented.js';
import { ListField } from '../../../kernel/http/fields.js';
import { Page } from '../../../kernel/http/paging.js';
import { CreateRecordDto, RecordDto, UpdateRecordDto } from '../../../records/define/record.dto.js';
import { creation, update } from './medications.examples.js';
import { MedicationFieldsDto } from './medications.fields.js';

@Documented({ description: 'A new medication.', examples: creation })
export class CreateMedicationDto extends IntersectionType(MedicationFieldsDto, CreateRecordDto) {}

@Documented({ description: 'Fields that are left out do not change.', examples: update })
export class UpdateMedicationDto extends IntersectionType(
  PartialType(MedicationFieldsDto),
  UpdateRecordDto,
) {}

@Documented({ description: 'One medication.' })
export class MedicationDto extends IntersectionType(MedicationFieldsDto, RecordDto) {}

@Documented({ description: 'A page of medications.' })
export class MedicationPageDto extends Page {
  @ListField({ description: 'Medications, the newest first.', type: () => MedicationDto })
  data!: MedicationDto[];
}
