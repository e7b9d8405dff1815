import type { INestApplication } from '@nestjs/common';
import { DocumentBuilder, type OpenAPIObject, SwaggerModule } from '@nestjs/swagger';
import type { ErrorCode } from '../../../kernel/http/errors.js';
import { RecordCatalog } from '../../../records/define/record-catalog.js';
import {
  type ApiDocument,
  jsonOf,
  type Operation,
  operationsOf,
  schemaName,
} from '../../../kernel/http/openapi/document.js';
import { documentAccess } from '../../../kernel/http/openapi/access.js';
import { showExamples } from '../../../kernel/http/openapi/examples.js';
import {
  addHeaderComponents,
  documentHeaders,
  makeConditional,
} from '../../../kernel/http/openapi/headers.js';
import { addProblemComponents, addProblems } from '../../../kernel/http/openapi/problems.js';
import { listGuides } from './guide-files.js';
import { shortenNames } from './names.js';
import { discriminateKinds, listRecords } from './record-schemas.js';
import { closeRequestSchemas, modernizeSchemas } from './schemas.js';
import { sections } from '../../../kernel/http/openapi/section.js';

/** The service publishes 3.1; Swagger UI needs seconds to show a 3.1 document (swagger-ui issue 10748). */
export type OpenApiVersion = '3.0.3' | '3.1.0';

/** The OpenAPI document of the application, the source of Swagger UI, `openapi.json` and the Postman collection. */
export function describeApi(app: INestApplication, version: OpenApiVersion = '3.1.0'): OpenAPIObject {
  const kinds = app.get(RecordCatalog).all;
  const created = SwaggerModule.createDocument(app, frame(version), {
    operationIdFactory: (_controller, method) => method,
    extraModels: kinds.flatMap(({ definition: { fields, data } }) => [data, ...(fields ? [fields] : [])]),
  });
  // A copy, because parts of it belong to the decorators, and the next document is created from them too.
  const document = structuredClone(created) as unknown as ApiDocument;
  listRecords(document, kinds);
  addProblemComponents(document);
  if (version === '3.1.0') modernizeSchemas(document);
  closeRequestSchemas(document);
  discriminateKinds(document, kinds);
  for (const [method, operation] of operationsOf(document)) finish(document, method, operation);
  addHeaderComponents(document);
  shortenNames(document);
  document.paths = inOrderOfTags(document);
  return document as unknown as OpenAPIObject;
}

const DESCRIPTION = `The backend of an offline-first health and fitness app.

**Start.** Send \`POST /api/auth/register\` (or \`login\`) under [Sign-in](#/Sign-in). This page then uses the
\`access_token\` of the answer by itself. In your own code send it as \`Authorization: Bearer <access_token>\`. The
request examples can be sent as they are; only tokens and ids are your own.

**Tokens.** On 401 \`token-expired\` call \`POST /api/auth/refresh\` once and repeat the request. On any other 401 keep
the local data and ask the person to sign in again.

**Sync.** A phone pulls and pushes with the operations under [Sync](#/Sync). The WebSocket \`/ws/sync\` tells it at once
when another device has stored something: [its messages](/docs/guide/sync#realtime).

**Errors** are \`application/problem+json\` (RFC 9457). Branch on \`type\`: it is \`/problems/<code>\`, which this service
explains at that address, or the registered type for an exceeded quota. When you report a problem, quote \`request_id\`,
which is also the header \`X-Request-Id\`.

**Limits.** 100 requests a minute for each account, unless the operator configures another limit; the headers
\`RateLimit\` and \`RateLimit-Policy\` tell. On 429 and 503 wait for \`Retry-After\` seconds.

**Lost answers.** Send an \`Idempotency-Key\` with every POST that takes one, and repeat the request with the same key
until an answer arrives: the request takes effect once.

**Lists.** An answer has at most \`limit\` items and about 1 MiB of them. While \`pagination.next\` is there, send it as
\`cursor\` with the same filters to get the following page: no item is skipped or repeated, also when others are added or
removed meanwhile. \`offset\` reaches the first 10 000 items.

**Values.** Names are snake_case. Instants are ISO 8601 in UTC with milliseconds; input needs an offset. Ids are UUIDs
in lower case. A field the request does not have is refused. New fields may appear in answers: ignore what you do not
know.`;

/** Links every guide from the page. */
const description = (): string =>
  `${DESCRIPTION}\n\n**Guides.** ${listGuides()
    .map(({ name, title }) => `[${title}](/docs/guide/${name})`)
    .join(' · ')}`;

const frame = (version: OpenApiVersion): Omit<OpenAPIObject, 'paths'> => {
  const base = new DocumentBuilder()
    .setOpenAPIVersion(version)
    .setTitle('Hale API')
    .setDescription(description())
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
  // The builder cannot write an SPDX license without a URL, and it adds an empty contact.
  const { contact: _, ...info } = base.info;
  const license = { name: 'Apache-2.0', ...(version === '3.1.0' ? { identifier: 'Apache-2.0' } : {}) };
  const tags = sections().map(({ name, about }) => ({ name, description: about }));
  return { ...base, info: { ...info, license }, tags };
};

/** Applies the extensions that the decorators set, and completes the operation. */
function finish(document: ApiDocument, method: string, operation: Operation): void {
  const { schemas } = document.components;
  const { 'x-errors': errors, 'x-public': isPublic, 'x-conditional': isConditional } = operation;
  const declared = [...((errors ?? []) as ErrorCode[]), ...documentAccess(operation, method)];
  for (const hint of ['x-errors', 'x-public', 'x-conditional']) delete operation[hint];
  if (isConditional) makeConditional(document, operation);
  finishParameters(operation);
  showExamples(operation.requestBody, schemas);
  for (const [status, response] of Object.entries(operation.responses)) {
    const name = schemaName(jsonOf(response)?.schema);
    if (status.startsWith('2') || status in BODILESS)
      response.description = success(status, name && schemas[name]?.['description']);
    showExamples(response, schemas);
  }
  documentHeaders(operation, Boolean(isConditional));
  addProblems(document, operation, declared, Boolean(isPublic));
}

const BODILESS: Readonly<Record<string, string>> = { '204': 'Done.', '302': 'Redirects the browser.' };

const success = (status: string, about: unknown): string =>
  status in BODILESS
    ? `${BODILESS[status]} There is no body.`
    : `${status === '201' ? 'Created' : 'Success'}. ${String(about ?? '')}`.trim();

function finishParameters(operation: Operation): void {
  const declared = new Set(operation.parameters?.filter(({ description }) => description).map(keyOf));
  // Nest lists a header that a handler reads a second time, without a description.
  operation.parameters = operation.parameters?.filter(
    (parameter) => parameter.description || !declared.has(keyOf(parameter)),
  );
  if (operation.parameters?.length === 0) delete operation.parameters;
  for (const { schema } of operation.parameters ?? []) {
    if (schema?.example === undefined) continue;
    // Swagger UI fills in an `example` and sends it, which would set a filter or an idempotency key by accident.
    schema['examples'] = [schema.example];
    delete schema.example;
  }
}

const keyOf = (parameter: { in: string; name: string }): string =>
  `${parameter.in} ${parameter.name.toLowerCase()}`;

/** Sorts the routes by the order of the sections, whatever order the modules were loaded in. */
function inOrderOfTags({ paths, tags = [] }: ApiDocument): ApiDocument['paths'] {
  const placeOf = (path: Record<string, Operation>): number => {
    const [tag] = (Object.values(path)[0]?.['tags'] ?? []) as string[];
    return tags.findIndex(({ name }) => name === tag);
  };
  return Object.fromEntries(
    Object.entries(paths).toSorted(([, one], [, other]) => placeOf(one) - placeOf(other)),
  );
}
