import type { INestApplication } from '@nestjs/common';
import { DocumentBuilder, type OpenAPIObject, SwaggerModule } from '@nestjs/swagger';
import type { ErrorCode } from '../http/errors.js';
import { RecordCatalog } from '../records/catalog.js';
import { type ApiDocument, type Operation, operationsOf, type Schemas, schemaName } from './document.js';
import { documentAccess } from './access.js';
import { showExamples } from './examples.js';
import { addHeaderComponents, documentHeaders, makeConditional } from './headers.js';
import { addProblemComponents, addProblems } from './problems.js';
import { listRecords, modernizeSchemas } from './schemas.js';
import { sections } from './section.js';

/** The OpenAPI 3.1 document of the application: the one source of Swagger UI, `openapi.json` and the Postman collection. */
export function describeApi(app: INestApplication): OpenAPIObject {
  const kinds = app.get(RecordCatalog).all;
  const document = SwaggerModule.createDocument(app, frame(), {
    operationIdFactory: (_controller, method) => method,
    extraModels: kinds.flatMap(({ definition: { fields, data } }) => [data, ...(fields ? [fields] : [])]),
  }) as unknown as ApiDocument;
  listRecords(document, kinds);
  addProblemComponents(document);
  modernizeSchemas(document);
  for (const [method, operation] of operationsOf(document))
    finish(method, operation, document.components.schemas);
  addHeaderComponents(document);
  document.paths = inOrderOfTags(document);
  return document as unknown as OpenAPIObject;
}

const DESCRIPTION = `The backend of an offline-first health and fitness app.

**Start.** \`POST /api/auth/register\` (or \`login\`), then **Authorize** with the \`access_token\` of the answer. The
request examples on this page can be sent as they are; only tokens and ids are your own.

**Tokens.** On 401 \`token-expired\` call \`POST /api/auth/refresh\` once and repeat the request. On any other 401 keep
the local data and ask the person to sign in again.

**Errors** are \`application/problem+json\` (RFC 9457). Branch on \`type\`: \`/problems/<code>\`, which this service
explains at that address, or the registered type of a used-up quota.

**Limits.** 100 requests a minute for each account, unless the operator says otherwise: \`RateLimit\` and
\`RateLimit-Policy\` tell. On 429 and 503 wait for \`Retry-After\` seconds.

**Lost answers.** Send an \`Idempotency-Key\` with every POST that takes one, and repeat the request with the same key
until an answer arrives: it takes effect once.

**Values.** Names are snake_case. Instants are ISO 8601 in UTC with milliseconds; input needs an offset. Ids are UUIDs
in lower case. A field the request does not have is refused. New fields may appear in answers: ignore what you do not
know.`;

const frame = (): Omit<OpenAPIObject, 'paths'> => {
  const base = new DocumentBuilder()
    .setOpenAPIVersion('3.1.0')
    .setTitle('Hale API')
    .setDescription(DESCRIPTION)
    .setVersion('1')
    .addServer('/', 'This service')
    .addBearerAuth(
      {
        type: 'http',
        scheme: 'bearer',
        bearerFormat: 'JWT',
        description: 'The `access_token` of register, login or refresh.',
      },
      'access_token',
    )
    .addBearerAuth(
      {
        type: 'http',
        scheme: 'bearer',
        description: 'A key of `POST /api/api-keys`; it begins with `hale_`.',
      },
      'api_key',
    )
    .addSecurityRequirements('access_token')
    .build();
  // What the builder cannot write: an SPDX expression, since there is no text to point at; and no contact at all.
  const { contact: _, ...info } = base.info;
  const license = { name: 'All rights reserved', identifier: 'LicenseRef-All-Rights-Reserved' };
  const tags = sections().map(({ name, about }) => ({ name, description: about }));
  return { ...base, info: { ...info, license }, tags };
};

/** What the decorators said in extensions, and what follows from the shape of an operation. */
function finish(method: string, operation: Operation, schemas: Schemas): void {
  const { 'x-errors': errors, 'x-public': isPublic, 'x-conditional': isConditional } = operation;
  const declared = [...((errors ?? []) as ErrorCode[]), ...documentAccess(operation, method)];
  for (const hint of ['x-errors', 'x-public', 'x-conditional']) delete operation[hint];
  if (isConditional) makeConditional(operation);
  finishParameters(operation);
  showExamples(operation.requestBody, schemas);
  for (const [status, response] of Object.entries(operation.responses)) {
    const name = schemaName(response.content?.['application/json']?.schema);
    if (status.startsWith('2') || status in BODILESS)
      response.description = success(status, name && schemas[name]?.['description']);
    showExamples(response, schemas);
  }
  addProblems(operation, declared, Boolean(isPublic));
  documentHeaders(operation, Boolean(isConditional));
}

const BODILESS: Readonly<Record<string, string>> = { '204': 'Done.', '302': 'The browser is sent on.' };

const success = (status: string, about: unknown): string =>
  status in BODILESS
    ? `${BODILESS[status]} There is no body.`
    : `${status === '201' ? 'Created' : 'Success'}. ${String(about ?? '')}`.trim();

function finishParameters(operation: Operation): void {
  const declared = new Set(operation.parameters?.filter(({ description }) => description).map(keyOf));
  // Nest lists a header that a handler reads a second time, without a word about it.
  operation.parameters = operation.parameters?.filter(
    (parameter) => parameter.description || !declared.has(keyOf(parameter)),
  );
  if (operation.parameters?.length === 0) delete operation.parameters;
  for (const { schema } of operation.parameters ?? []) {
    if (schema?.example === undefined) continue;
    // Swagger UI fills in an `example` and sends it unasked, which would filter, or repeat a request by accident.
    schema['examples'] = [schema.example];
    delete schema.example;
  }
}

const keyOf = (parameter: { in: string; name: string }): string =>
  `${parameter.in} ${parameter.name.toLowerCase()}`;

/** Routes in the order of the table of contents, whatever order the modules were loaded in. */
function inOrderOfTags({ paths, tags = [] }: ApiDocument): ApiDocument['paths'] {
  const placeOf = (path: Record<string, Operation>): number => {
    const [tag] = (Object.values(path)[0]?.['tags'] ?? []) as string[];
    return tags.findIndex(({ name }) => name === tag);
  };
  return Object.fromEntries(
    Object.entries(paths).toSorted(([, one], [, other]) => placeOf(one) - placeOf(other)),
  );
}
