import { Injectable } from '@nestjs/common';
import type { MultipartValue } from '@fastify/multipart';
import type { FastifyRequest } from 'fastify';
import { Config } from '../../../config/config.js';
import { fileTooLarge } from '../../../kernel/http/uploads.js';
import { invalidField, Problem } from '../../../kernel/http/problem.js';
import { ImportFiles, type UploadedFile } from './import-files.js';
import { ImportInspection, type Inspected } from './import-inspection.js';
import type { ImportOptions } from './import-slots.js';
import { readText } from './formats/values.js';

const MAX_MAPPING_BYTES = 16_384;

/** Writes the file of an upload to the disk as it arrives, and looks at it then. */
@Injectable()
export class ImportUpload {
  constructor(
    private readonly files: ImportFiles,
    private readonly inspection: ImportInspection,
    private readonly config: Config,
  ) {}

  /** @throws Problem `unsupported-media-type`, `malformed-request`, `payload-too-large`, `validation` */
  async receive(
    request: FastifyRequest,
    id: string,
    options: Pick<ImportOptions, 'format' | 'dryRun'>,
  ): Promise<Inspected & { file: UploadedFile }> {
    const file = await this.store(request, id);
    return { file, ...(await this.inspection.inspect(id, file, options)) };
  }

  private async store(request: FastifyRequest, id: string): Promise<UploadedFile> {
    let file: UploadedFile | undefined;
    let mapping: unknown;
    try {
      for await (const part of this.parts(request)) {
        if (part.type === 'field') mapping = readField(part, file !== undefined);
        else if (part.fieldname !== 'file') throw unknownField(part.fieldname);
        else {
          // Otherwise the rest of the file would be awaited.
          part.file.once('limit', () => part.file.destroy(fileTooLarge(this.config.maxImportBytes)));
          const size = await this.files.write(id, part.file);
          file = { name: readText(part.filename, 255) ?? null, size, mapping };
        }
      }
    } catch (error) {
      throw asProblem(error);
    }
    if (!file) throw invalidField('file', 'required', 'file is required: the file to import');
    if (file.size === 0) throw invalidField('file', 'invalid', 'file must not be empty');
    return file;
  }

  private parts(request: FastifyRequest) {
    return request.parts({
      limits: {
        fileSize: this.config.maxImportBytes,
        fieldSize: MAX_MAPPING_BYTES,
        fieldNameSize: 64,
        files: 1,
        fields: 1,
        parts: 2,
        headerPairs: 16,
      },
    });
  }
}

type Field = Pick<MultipartValue, 'fieldname' | 'mimetype' | 'value' | 'valueTruncated'>;

function readField({ fieldname, mimetype, value, valueTruncated }: Field, isLate: boolean): unknown {
  if (fieldname !== 'mapping') throw unknownField(fieldname);
  if (isLate) throw invalidField('mapping', 'not-allowed', 'mapping must come before file');
  // The parser of bodies has read a part that says that it is JSON.
  if (mimetype === 'application/json') return value;
  if (valueTruncated || typeof value !== 'string')
    throw invalidField('mapping', 'out-of-range', `mapping can have at most ${MAX_MAPPING_BYTES} bytes`);
  try {
    return JSON.parse(value) as unknown;
  } catch {
    throw invalidField('mapping', 'wrong-type', 'mapping must be JSON');
  }
}

const unknownField = (name: string): Problem =>
  invalidField(
    readText(name, 64) ?? 'body',
    'unknown-field',
    'An upload has the parts `mapping`, which is optional, and `file`, which is the last one',
  );

/** What the parser and the disk report. Only the defects of this service stay unknown errors. */
function asProblem(error: unknown): unknown {
  if (error instanceof Problem || !(error instanceof Error)) return error;
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  if (code === 'ENOSPC' || code === 'EDQUOT') return new Problem('busy', { retryAfter: 60 });
  if (/^(?:E[A-Z]+|ERR_)/.test(code) && !/PREMATURE|RESET/.test(code)) return error;
  return new Problem('malformed-request', { detail: 'The body is not valid multipart/form-data.' });
}
