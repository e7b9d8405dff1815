import { Documented } from '../../../kernel/http/documented.js';
import { EnumField, ListField, StringField } from '../../../kernel/http/fields.js';
import { SourceField } from '../health-metrics/health-metrics.fields.js';
import {
  type CsvColumn,
  type CsvValue,
  DATE_FORMATS,
  type DateFormat,
  type Decimal,
} from './formats/import-format.js';

const column = (description: string, example: string) => ({ description, example, max: 200, optional: true });
const orNone = (description: string, example: string) => ({
  ...column(`${description} Null if there is none.`, example),
  nullable: true,
});

@Documented({ description: 'A column with numbers.' })
export class CsvValueDto implements CsvValue {
  @StringField({ description: 'The name of the column.', example: 'Weight (kg)', max: 200 })
  column!: string;

  @StringField({
    description:
      'What it measures: the `name` of a kind with one value, see `GET /api/health-metrics/kinds`. Not `blood_pressure`, and no kind of your own.',
    example: 'body_weight',
    max: 64,
  })
  metric!: string;

  @StringField({ description: 'The unit of its numbers.', example: 'kg', max: 32 })
  unit!: string;
}

@Documented({ description: 'A column of the table.' })
export class CsvColumnDto implements CsvColumn {
  @StringField({ description: 'Its name, as `mapping` takes it.', example: 'Weight (kg)', min: 0, max: 200 })
  name!: string;

  @StringField({
    description: 'Its first value; null if the first rows have none.',
    example: '82.5',
    max: 100,
    nullable: true,
  })
  sample!: string | null;
}

@Documented({
  description:
    'What the columns of a table mean. Send what a dry run guessed wrong; the rest is guessed from the first rows.',
})
export class CsvMappingDto {
  @EnumField({
    description: 'What separates the cells.',
    example: ';',
    values: [',', ';', '\t', '|'],
    name: 'CsvDelimiter',
    meaning: 'A comma, a semicolon, a tab or a vertical bar.',
    optional: true,
  })
  delimiter?: string;

  @EnumField({
    description: 'What stands before the decimals of a number.',
    example: ',',
    values: ['.', ','],
    name: 'CsvDecimal',
    meaning: 'A point or a comma.',
    optional: true,
  })
  decimal?: Decimal;

  @EnumField({
    description: 'The form of dates. A time of day may follow; a time with an offset is taken as it is.',
    example: 'day-month-year',
    values: DATE_FORMATS,
    name: 'CsvDateFormat',
    meaning:
      'The order of the parts of a date, such as 6.1.2026 for `day-month-year`, or the seconds or milliseconds since 1970.',
    optional: true,
  })
  dateFormat?: DateFormat;

  @StringField(column('The column with the time, or with the day.', 'Date'))
  timeColumn?: string;

  @StringField(orNone('The column with the time of day, if `time_column` has only the day.', 'Time'))
  clockColumn?: string | null;

  @StringField(orNone('The column with the end, for sums over a period.', 'End'))
  endColumn?: string | null;

  @StringField(orNone('The column with an id that is different in each row.', 'Id'))
  idColumn?: string | null;

  @StringField(orNone('The column with notes.', 'Comment'))
  noteColumn?: string | null;

  @SourceField({
    description:
      'What you call the source of the table, such as the app that wrote it; not `manual`. Rows without an id of their own are told apart by it, by what they measure and by their time: give tables that have nothing to do with each other sources of their own. 1 to 64 letters, digits, dots, colons, dashes or underscores. Default: `csv`.',
    optional: true,
  })
  source?: string;

  @ListField({
    description: 'The columns with numbers.',
    type: () => CsvValueDto,
    min: 1,
    max: 50,
    optional: true,
  })
  values?: readonly CsvValueDto[];
}
