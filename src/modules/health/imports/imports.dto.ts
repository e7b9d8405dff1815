import { Documented } from '../../../kernel/http/documented.js';
import {
  BooleanField,
  BooleanQuery,
  EnumField,
  InstantField,
  IntegerField,
  ListField,
  ObjectField,
  StringField,
  TimeZoneField,
  UuidField,
  WordListField,
} from '../../../kernel/http/fields.js';
import { Page } from '../../../kernel/http/paging.js';
import { CsvColumnDto, CsvMappingDto } from './csv-mapping.dto.js';
import { ImportErrorDto, ImportPreviewRowDto } from './import-rows.dto.js';
import { FORMAT_NAMES } from './formats/formats.js';
import { finished, page, preview } from './imports.examples.js';
import {
  FAILURES,
  IMPORT_STATUSES,
  type ImportFailure,
  type ImportStatus,
  ON_CHANGED,
  type OnChanged,
} from './import-job.entity.js';
import { MAX_COLUMNS, MAX_ERRORS, PREVIEW_ROWS } from './imports.policy.js';

const count = (description: string, example: number) =>
  IntegerField({ description, example, min: 0, max: 2_147_483_647 });

const timeZone = {
  description:
    'IANA time zone of the times in the file that have none. It also decides to which day a reading belongs.',
  example: finished.time_zone,
};
const onChanged = {
  description:
    'What happens to a record that you have changed or deleted since it was imported, or that did not come from an import.',
  example: 'keep',
  values: ON_CHANGED,
  name: 'ImportOnChanged',
  meaning: '`keep`: it stays as it is; `replace`: it gets the values of the file.',
};

export class ImportQuery {
  @UuidField({
    description: 'Your own id for the import, so that you can repeat the request safely.',
    example: finished.id,
    optional: true,
  })
  id?: string;

  @EnumField({
    description: 'The format of the file. Default: it is recognised by the content of the file.',
    example: finished.format,
    values: FORMAT_NAMES,
    name: 'ImportFormatName',
    meaning: 'See GET /api/imports/formats.',
    optional: true,
  })
  format?: string;

  @TimeZoneField({
    ...timeZone,
    description: `${timeZone.description} Default: that of your profile.`,
    optional: true,
  })
  timeZone?: string;

  @BooleanQuery({
    description:
      'True reads the file without storing anything: the import then has a preview. Default: false.',
    example: true,
  })
  dryRun?: boolean;

  @EnumField({ ...onChanged, description: `${onChanged.description} Default: \`keep\`.`, optional: true })
  onChanged?: OnChanged;
}

@Documented({ description: 'An import without its errors and preview.' })
export class ImportSummaryDto {
  @UuidField({ description: 'Id of the import.', example: finished.id })
  id!: string;

  @EnumField({
    description: 'What is happening.',
    example: finished.status,
    values: IMPORT_STATUSES,
    name: 'ImportStatus',
    meaning:
      '`uploading`: the file arrives; `waiting`, `running`: the rows are read; `completed`: every row was read; `failed`: see `failure`, what was stored before remains; `undoing`, `undone`: it is or was taken back.',
  })
  status!: ImportStatus;

  @StringField({
    description: 'The format of the file; empty while it arrives.',
    example: finished.format,
    min: 0,
    max: 32,
  })
  format!: string;

  @StringField({
    description: 'The name of the file, if the upload had one.',
    example: finished.file_name,
    max: 255,
    nullable: true,
  })
  fileName!: string | null;

  @IntegerField({
    description: 'Size of the file, in bytes.',
    example: finished.file_size,
    min: 0,
    max: Number.MAX_SAFE_INTEGER,
  })
  fileSize!: number;

  @TimeZoneField(timeZone)
  timeZone!: string;

  @BooleanField({ description: 'Whether nothing is stored.', example: false })
  dryRun!: boolean;

  @EnumField(onChanged)
  onChanged!: OnChanged;

  @count('Rows that were read so far.', finished.rows_read)
  rowsRead!: number;

  @count('Rows that could not be read whole, so nothing of them is stored.', finished.rows_failed)
  rowsFailed!: number;

  @count('Rows that contain nothing that is stored here.', finished.rows_skipped)
  rowsSkipped!: number;

  @count('New records. In a dry run: records that would be new.', finished.records_created)
  recordsCreated!: number;

  @count('Records of earlier imports that got other values.', finished.records_updated)
  recordsUpdated!: number;

  @count(
    'Records that were there with the same values, from an earlier import or row.',
    finished.records_unchanged,
  )
  recordsUnchanged!: number;

  @count(
    'Records that you have changed or deleted, and that stay so: see `on_changed`.',
    finished.records_kept,
  )
  recordsKept!: number;

  @count('Records that were taken back.', finished.records_taken_back)
  recordsTakenBack!: number;

  @count('Records that were not taken back, because they have changed since.', finished.records_left)
  recordsLeft!: number;

  @EnumField({
    description: 'Why it failed; null if it did not.',
    example: null,
    values: FAILURES,
    name: 'ImportFailure',
    meaning:
      '`quota-exceeded`: there is no room for more records; `file-lost`: the file is gone, upload it again; `internal`: the service could not go on, take it back or import the file again; `archive-damaged`; `column-missing`: the table lacks a column of the format or of `mapping`; `json-…`, `xml-…`: the document is not valid, is too deep, has a part that is too long, or declares entities; `too-large`, `too-many-rows`, `too-many-faults`: the limits of an import.',
    nullable: true,
  })
  failure!: ImportFailure | null;

  @StringField({ description: 'The same for people.', example: null, max: 500, nullable: true })
  failureDetail!: string | null;

  @InstantField({ description: 'When the upload began.', example: finished.created_at })
  createdAt!: Date;

  @InstantField({ description: 'When it last made progress.', example: finished.updated_at })
  updatedAt!: Date;

  @InstantField({
    description:
      'When it ended; null while it is under way. It can be taken back for 30 days, and is deleted then.',
    example: finished.finished_at,
    nullable: true,
  })
  finishedAt!: Date | null;

  @InstantField({
    description:
      'Until when it can be taken back: 30 days after its end, also when it has failed, unless newer imports take its place before. Null before its end, when it is taken back, and for a dry run, which stores nothing.',
    example: finished.undo_until,
    nullable: true,
  })
  undoUntil!: Date | null;
}

@Documented({
  description: 'An import and its progress.',
  examples: {
    finished: { summary: 'A finished import', value: finished },
    preview: { summary: 'A dry run', value: preview },
  },
})
export class ImportDto extends ImportSummaryDto {
  @ObjectField({
    description: 'How the columns of a table are read, as guessed or sent; null for other formats.',
    type: () => CsvMappingDto,
    nullable: true,
  })
  mapping!: CsvMappingDto | null;

  @ListField({
    description: `The columns of a table, for a person to choose from: the first ${MAX_COLUMNS}. Null for other formats.`,
    type: () => CsvColumnDto,
    nullable: true,
  })
  columns!: readonly CsvColumnDto[] | null;

  @InstantField({
    description: 'Until when a dry run can be started without another upload; null if it cannot.',
    example: null,
    nullable: true,
  })
  fileUntil!: Date | null;

  @WordListField({
    description:
      'Members of the mapping that the file of a dry run does not decide, and that must be sent to start it; null if there are none.',
    example: ['date_format'],
    values: ['time_column', 'date_format', 'decimal', 'values'],
    max: 4,
    nullable: true,
  })
  undecided!: readonly string[] | null;

  @ListField({
    description: `The first ${MAX_ERRORS} errors of rows, in the order of the file.`,
    type: () => ImportErrorDto,
  })
  errors!: readonly ImportErrorDto[];

  @ListField({
    description: `In a dry run, the first ${PREVIEW_ROWS} rows.`,
    type: () => ImportPreviewRowDto,
  })
  preview!: readonly ImportPreviewRowDto[];
}

@Documented({ description: 'A page of imports.', examples: page })
export class ImportPageDto extends Page {
  @ListField({ description: 'Imports, the newest first.', type: () => ImportSummaryDto })
  data!: ImportSummaryDto[];
}

@Documented({ description: 'A format of files.' })
export class ImportFormatDto {
  @StringField({ description: 'Its name.', example: 'fitbit_weight', max: 32 })
  name!: string;

  @StringField({
    description: 'What it contains.',
    example: 'The weights of a Fitbit export, `weightLogInfo_merged.csv`.',
    max: 500,
  })
  about!: string;

  @EnumField({
    description: 'The kind of file.',
    example: 'csv',
    values: ['csv', 'xml', 'json'],
    name: 'ImportContainer',
    meaning: 'A table, an XML document or a JSON document. A ZIP archive may contain it.',
  })
  container!: string;
}

@Documented({ description: 'The formats of files that can be imported.' })
export class ImportFormatsDto {
  @ListField({ description: 'The formats.', type: () => ImportFormatDto })
  data!: readonly ImportFormatDto[];
}
