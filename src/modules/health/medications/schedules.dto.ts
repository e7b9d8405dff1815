import { IntersectionType, PartialType } from '@nestjs/swagger';
import { Documented } from '../../../kernel/http/documented.js';
import { ListField, UuidField } from '../../../kernel/http/fields.js';
import { Page, PageQuery } from '../../../kernel/http/paging.js';
import { CreateRecordDto, RecordDto, UpdateRecordDto } from '../../../records/define/record.dto.js';
import { creation, daily, update } from './schedules.examples.js';
import { ScheduleDataDto, ScheduleFieldsDto } from './schedules.fields.js';

@Documented({ description: 'A new schedule, or a change of one.', examples: creation })
export class CreateScheduleDto extends IntersectionType(ScheduleFieldsDto, CreateRecordDto) {}

@Documented({
  description:
    'Fields that are left out do not change; lists are replaced as a whole. The plan of a version that has begun does not change.',
  examples: update,
})
export class UpdateScheduleDto extends IntersectionType(PartialType(ScheduleFieldsDto), UpdateRecordDto) {}

@Documented({ description: 'One version of a schedule.' })
export class ScheduleDto extends IntersectionType(ScheduleDataDto, RecordDto) {}

@Documented({ description: 'A page of versions of schedules.' })
export class SchedulePageDto extends Page {
  @ListField({ description: 'Versions, the newest first.', type: () => ScheduleDto })
  data!: ScheduleDto[];
}

export class OfMedicationQuery extends PageQuery {
  @UuidField({ description: 'Only of this medication.', example: daily.medication_id, optional: true })
  medicationId?: string;
}
