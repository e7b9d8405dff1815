import { Injectable } from '@nestjs/common';
import { invalidField, Problem } from '../../../kernel/http/problem.js';
import { validate } from '../../../kernel/http/check.js';
import { RecordCatalog } from '../../../records/define/record-catalog.js';
import { kindOfFile, readUtf8, refused } from './formats/file-kind.js';
import { allFormats } from './formats/formats.js';
import { trainingLogOf } from './formats/training-logs.js';
import type {
  Container,
  CsvColumn,
  CsvGuess,
  CsvMapping,
  FileHead,
  ImportFormat,
} from './formats/import-format.js';
import { ImportFiles, type UploadedFile } from './import-files.js';
import { MANUAL } from '../health-metrics/weight-readings.js';
import { CsvMappingDto } from './csv-mapping.dto.js';
import { isImported } from './import-targets.js';
import { fitting, MAX_COLUMNS } from './imports.policy.js';

/** The beginning of a file, from which its format is known. */
const HEAD_BYTES = 65_536;

export interface Inspected {
  readonly format: ImportFormat;
  /** Only for a table. */
  readonly mapping: CsvMapping | null;
  /** The columns of a table, as many as an answer can have. */
  readonly columns: readonly CsvColumn[] | null;
  /** Members of the mapping that the file does not decide. Only a dry run may have them. */
  readonly undecided: readonly string[];
}

interface Asked {
  readonly format?: string | undefined;
  readonly dryRun: boolean;
}

/** Looks at an uploaded file before it is accepted. */
@Injectable()
export class ImportInspection {
  constructor(
    private readonly files: ImportFiles,
    private readonly catalog: RecordCatalog,
  ) {}

  /** The formats all of whose records this service can store. */
  get formats(): readonly ImportFormat[] {
    return allFormats.filter(({ kinds }) => kinds.every((kind) => this.catalog.find(kind) !== undefined));
  }

  /** @throws Problem `validation` for a file that cannot be imported, with the reason */
  async inspect(id: string, file: UploadedFile, asked: Asked): Promise<Inspected> {
    const { head, name } = await this.files.head(id, file.name, HEAD_BYTES);
    const kind = await kindOfFile(head, name);
    if (kind === 'zip') throw refused('wrong-type', 'An archive in an archive is not read');
    const text = readUtf8(head) ?? '';
    if (kind === 'xml' && /<!ENTITY/i.test(text))
      throw refused('not-allowed', 'file declares entities, which are not read');
    const app = kind === 'csv' ? trainingLogOf(text) : undefined;
    if (app !== undefined)
      throw refused('not-allowed', `file is a training log of ${app}; workouts are not supported yet`);
    const format = this.formatOf(kind, text, asked.format);
    const start = { text, isWhole: head.length < HEAD_BYTES };
    if (format.guess) return { format, ...(await mappingOf(format.guess, start, file.mapping, asked)) };
    if (file.mapping !== undefined)
      throw invalidField('mapping', 'not-allowed', `mapping is not allowed for the format ${format.name}`);
    return { format, mapping: null, columns: null, undecided: [] };
  }

  private formatOf(kind: Container, head: string, asked: string | undefined): ImportFormat {
    const fitting = this.formats.filter(({ container }) => container === kind);
    const recognised = fitting.filter((one) => one.recognises(head));
    const format = asked === undefined ? recognised[0] : fitting.find(({ name }) => name === asked);
    // The beginning may not show what a file is. One that is asked for is refused only if the file is of another.
    if (asked !== undefined && (!format || (recognised.length > 0 && !recognised.includes(format))))
      throw refused('wrong-type', `file is not of the format ${asked}`);
    if (!format) throw refused('wrong-type', `file is ${kind.toUpperCase()}, but of no known format`);
    return format;
  }
}

async function mappingOf(
  guess: NonNullable<ImportFormat['guess']>,
  head: FileHead,
  sent: unknown,
  { dryRun }: Asked,
): Promise<CsvGuess> {
  const given = sent === undefined ? {} : readMapping(sent);
  const { mapping, columns, undecided } = await guess(head, given);
  if (columns.every(({ name }) => name.trim() === ''))
    throw refused('wrong-type', 'file has no column names in its first row');
  // A dry run shows what was guessed, so that the person can correct it.
  if (!dryRun) refuseUndecided(undecided);
  return { mapping, columns: fitting(columns, MAX_COLUMNS), undecided };
}

/** @throws Problem `validation` */
export function refuseUndecided(undecided: readonly string[]): void {
  if (undecided.length === 0) return;
  throw new Problem('validation', {
    errors: undecided.map((name) => ({
      field: `mapping.${name}`,
      code: 'required',
      message: `mapping.${name} is required, because the file does not show it; a dry run shows what was guessed`,
    })),
  });
}

function readMapping(sent: unknown): CsvMappingDto {
  const read = validate(CsvMappingDto, sent);
  if (Array.isArray(read))
    throw new Problem('validation', {
      errors: read.map((error) => ({
        ...error,
        field: error.field === '' ? 'mapping' : `mapping.${error.field}`,
      })),
    });
  checkMapping(read);
  return read;
}

/** @throws Problem `validation` for a metric that is not known, and for a source that is not one of files */
export function checkMapping({ source, values }: Pick<CsvMappingDto, 'source' | 'values'>): void {
  if (source?.toLowerCase() === MANUAL)
    throw invalidField(
      'mapping.source',
      'not-allowed',
      'source must not be manual, which is what the person enters',
    );
  const unknown = (values ?? []).findIndex(({ metric }) => !isImported(metric));
  if (unknown >= 0)
    throw invalidField(
      `mapping.values.${unknown}.metric`,
      'not-allowed',
      'metric must be the name of a kind with one value: not blood_pressure, and no kind of your own',
    );
}
