import { IntersectionType, PartialType } from '@nestjs/swagger';
import { Documented } from '../../../kernel/http/documented.js';
import {
  BooleanQuery,
  DayField,
  ListField,
  StringField,
  UuidField,
  WordListField,
} from '../../../kernel/http/fields.js';
import { Page } from '../../../kernel/http/paging.js';
import {
  CreateRecordDto,
  PeriodQuery,
  RecordDto,
  UpdateRecordDto,
} from '../../../records/define/record.dto.js';
import { DOSE_ALERTS, type DoseAlert } from './dose-limits.js';
import { asNeeded, creation, update } from './intakes.examples.js';
import { IntakeFieldsDto } from './intakes.fields.js';
import { ibuprofen } from './medications.examples.js';

const SnapshotField = (what: string, example: string, max: number) =>
  StringField({
    description: `${what} of the medication when the intake was stored first; null if the medication was not known.`,
    example,
    max,
    nullable: true,
  });

export const AlertsField = () =>
  WordListField({
    description:
      'The limits of the medication that the dose breaks together with its other doses: `over_daily_limit`, `too_soon`. Show them until `confirmed` is true.',
    example: [],
    values: DOSE_ALERTS,
    max: DOSE_ALERTS.length,
  });

@Documented({ description: 'An intake as sync delivers it, with its alerts.' })
export class IntakeDataDto extends IntakeFieldsDto {
  @SnapshotField('Name', ibuprofen.name, 200) medicationName!: string | null;
  @SnapshotField('Strength', ibuprofen.strength, 100) strength!: string | null;
  @SnapshotField('Unit of the doses', ibuprofen.dose_unit, 40) doseUnit!: string | null;

  @AlertsField()
  alerts!: DoseAlert[];

  @DayField({ description: 'The local day of the dose.', example: '2026-01-05' })
  localDate!: string;
}

@Documented({ description: 'A new intake.', examples: creation })
export class CreateIntakeDto extends IntersectionType(IntakeFieldsDto, CreateRecordDto) {}

@Documented({
  description:
    'Fields that are left out do not change. With another `status`, set the fields that only the earlier one has to null.',
  examples: update,
})
export class UpdateIntakeDto extends IntersectionType(PartialType(IntakeFieldsDto), UpdateRecordDto) {}

@Documented({ description: 'One intake.' })
export class IntakeDto extends IntersectionType(IntakeDataDto, RecordDto) {}

@Documented({ description: 'A page of intakes.' })
export class IntakePageDto extends Page {
  @ListField({ description: 'Intakes, the newest first.', type: () => IntakeDto })
  data!: IntakeDto[];
}

export class IntakeQuery extends PeriodQuery {
  @UuidField({
    description: 'Only of this medication.',
    example: asNeeded.medication_id,
    optional: true,
  })
  medicationId?: string;

  @BooleanQuery({ description: 'Whether only those with alerts that nobody has confirmed.', example: false })
  alerts: boolean = false;
}
