import { Documented } from '../../../kernel/http/documented.js';
import { ForeignField, IntegerField, ListField, StringField } from '../../../kernel/http/fields.js';

const RecordNumberField = () =>
  IntegerField({
    description: 'The number of the record in a JSON file, from 1. Absent for other files.',
    example: 13,
    min: 1,
    max: Number.MAX_SAFE_INTEGER,
    optional: true,
  });

@Documented({ description: 'Why a row was not stored.' })
export class ImportErrorDto {
  @IntegerField({ description: 'The line of the file.', example: 14, min: 0, max: Number.MAX_SAFE_INTEGER })
  line!: number;

  @RecordNumberField()
  record?: number;

  @StringField({ description: 'The column or the field.', example: 'weight_value', max: 200 })
  field!: string;

  @StringField({
    description:
      'A stable code: one of those in the errors of a request, or `contradiction` (another row says something else of the same record), `unknown-offset` (no time zone has this offset then) or `unreadable` (the row is not a row of this format).',
    example: 'out-of-range',
    max: 64,
  })
  code!: string;

  @StringField({
    description: 'The reason, without the value.',
    example: 'weight_value must be between 1 and 700 kg, or the same in its unit',
    max: 1_000,
  })
  message!: string;
}

@Documented({ description: 'A record that a row becomes.' })
export class ImportPreviewRecordDto {
  @StringField({ description: 'The kind of record.', example: 'weight', max: 32 })
  kind!: string;

  @ForeignField({
    description: 'The fields of the record, as sync has them.',
    example: { weight_value: 85.8, unit: 'kg', timestamp: '2016-04-12T04:47:00.000Z' },
  })
  fields!: object;
}

@Documented({ description: 'A row of the file, as it was read.' })
export class ImportPreviewRowDto {
  @IntegerField({ description: 'The line of the file.', example: 2, min: 0, max: Number.MAX_SAFE_INTEGER })
  line!: number;

  @RecordNumberField()
  record?: number;

  @ListField({
    description: 'What the row becomes. Empty when it is not stored.',
    type: () => ImportPreviewRecordDto,
  })
  records!: readonly ImportPreviewRecordDto[];
}
