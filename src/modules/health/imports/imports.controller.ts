import { Body, Controller, Get, Param, Post, Query, Req } from '@nestjs/common';
import { ApiBody, ApiConsumes, ApiExtraModels, ApiHeader, getSchemaPath } from '@nestjs/swagger';
import { RouteConfig } from '@nestjs/platform-fastify';
import type { FastifyRequest } from 'fastify';
import { type Actor, CurrentActor } from '../../../kernel/http/actor.js';
import { Endpoint } from '../../../kernel/http/openapi/endpoint.js';
import { Section } from '../../../kernel/http/openapi/section.js';
import { PageQuery, pageOf } from '../../../kernel/http/paging.js';
import { IdParam, UuidPipe } from '../../../kernel/http/uuid.pipe.js';
import { CsvMappingDto } from './csv-mapping.dto.js';
import { ImportInspection } from './import-inspection.js';
import { ImportDto, ImportFormatsDto, ImportPageDto, ImportQuery } from './imports.dto.js';
import { StartImportDto } from './start-import.dto.js';
import { ImportsService } from './imports.service.js';

const KEY =
  'A random value, the same for all retries of one upload. A retry is answered with the import that the first one began. In place of it, you can send `id`.';

@Section(
  'Imports',
  'Files of other apps and devices. An import reads a file in the background, stores each row that it could read whole, and can be taken back.',
)
@Controller('api/imports')
export class ImportsController {
  constructor(
    private readonly imports: ImportsService,
    private readonly inspection: ImportInspection,
  ) {}

  @Post()
  @RouteConfig({ takesFiles: true })
  @ApiHeader({
    name: 'Idempotency-Key',
    required: false,
    description: KEY,
    schema: { type: 'string', minLength: 1, maxLength: 255, example: '6f3a1c0e-5d0a-4c1c-9d53-0f3f7a9b8c11' },
  })
  @ApiConsumes('multipart/form-data')
  @ApiExtraModels(CsvMappingDto)
  @ApiBody({
    required: true,
    schema: {
      type: 'object',
      required: ['file'],
      properties: {
        mapping: { $ref: getSchemaPath(CsvMappingDto) },
        file: { type: 'string', format: 'binary', description: 'The file. It is the last part.' },
      },
    },
  })
  @Endpoint({
    summary: 'Import a file',
    description:
      'Send the file as the part `file` of `multipart/form-data`; for a table, the part `mapping` (JSON) may come before it. The answer comes when the file has arrived and is of a known format; the rows are read afterwards: see `GET /api/imports/{id}`. A second import of the same file changes nothing. With `dry_run=true` nothing is stored, and the import shows what was guessed and what the first rows become. You can have one import under way.',
    status: 202,
    returns: ImportDto,
    errors: ['quota-exceeded'],
  })
  importFile(
    @CurrentActor() actor: Actor,
    @Req() request: FastifyRequest,
    @Query() { dryRun = false, onChanged = 'keep', ...query }: ImportQuery,
  ): Promise<ImportDto> {
    return this.imports.receive(actor, request, { ...query, onChanged, dryRun });
  }

  @Get()
  @Endpoint({
    summary: 'List imports',
    description: 'The newest first. The last 50 of them are listed, for 30 days after their end.',
    returns: ImportPageDto,
  })
  async listImports(@CurrentActor() actor: Actor, @Query() query: PageQuery): Promise<ImportPageDto> {
    return pageOf(query, await this.imports.list(actor, query));
  }

  @Get('formats')
  @Endpoint({
    summary: 'List the formats of imports',
    description:
      'A file is recognised by its content; `format` in `POST /api/imports` is only needed to be sure.',
    returns: ImportFormatsDto,
  })
  listImportFormats(): ImportFormatsDto {
    return { data: this.inspection.formats };
  }

  @Get(':id')
  @IdParam('The import.')
  @Endpoint({
    summary: 'Get an import',
    description: 'Its progress, what its rows have become, and the errors of rows.',
    returns: ImportDto,
    errors: ['not-found'],
  })
  getImport(@CurrentActor() actor: Actor, @Param('id', UuidPipe) id: string): Promise<ImportDto> {
    return this.imports.get(actor, id);
  }

  @Post(':id/start')
  @IdParam('The dry run.')
  @Endpoint({
    summary: 'Start a previewed import',
    description:
      'Stores the rows of a dry run that has ended, without another upload; with `dry_run` it previews them once more, with what you correct. The file is kept for an hour, see `file_until`, and only that of your last dry run. A retry is answered with the import that was started.',
    status: 202,
    returns: ImportDto,
    errors: ['not-found', 'quota-exceeded'],
  })
  startImport(
    @CurrentActor() actor: Actor,
    @Param('id', UuidPipe) id: string,
    @Body() body: StartImportDto,
  ): Promise<ImportDto> {
    return this.imports.start(actor, id, body);
  }

  @Post(':id/undo')
  @IdParam('The import.')
  @Endpoint({
    summary: 'Take an import back',
    description:
      'Stops it if it is running. What it created is deleted, and what it overwrote gets its earlier values, also those that were deleted. A record that you have changed since the import, or that a phone has uploaded as well, stays as it is. What another import has, too, comes back when that file is imported again. This runs in the background.',
    status: 202,
    returns: ImportDto,
    errors: ['not-found', 'quota-exceeded'],
  })
  undoImport(@CurrentActor() actor: Actor, @Param('id', UuidPipe) id: string): Promise<ImportDto> {
    return this.imports.undo(actor, id);
  }
}
