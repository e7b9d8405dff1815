import type { INestApplication } from '@nestjs/common';
import { DocumentBuilder, type OpenAPIObject, SwaggerModule } from '@nestjs/swagger';
import { type ErrorCode, errors, problemType } from './errors.js';

type Json = Record<string, unknown>;
interface Operation {
  security?: unknown[];
  requestBody?: unknown;
  parameters?: { in: string }[];
  responses: Record<string, Json>;
  'x-errors'?: ErrorCode[];
}

/** The OpenAPI 3.1 document of the application: the one source of Swagger UI, `openapi.json` and the Postman collection. */
export function describeApi(app: INestApplication): OpenAPIObject {
  const base = new DocumentBuilder()
    .setOpenAPIVersion('3.1.0')
    .setTitle('Hale API')
    .setDescription(DESCRIPTION)
    .setVersion('1')
    .setLicense('All rights reserved', 'https://www.rfc-editor.org/rfc/rfc9457')
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
    .addSecurityRequirements('access_token')
    .build();
  const document = SwaggerModule.createDocument(app, base, {
    operationIdFactory: (_controller, method) => method,
  });
  for (const operation of operationsOf(document)) addErrors(operation);
  addProblemSchema(document);
  return nullableAsType(document) as OpenAPIObject;
}

const DESCRIPTION = `The backend of an offline-first health and fitness app.

1. \`POST /api/auth/register\` (or \`login\`), then **Authorize** with the \`access_token\`.
2. Read and write; or, from a phone that is often offline, collect entries and send them to \`…/sync\`.
3. On 401 \`token-expired\` call \`POST /api/auth/refresh\` once and repeat. On 429 and 503 wait for \`Retry-After\`.

Errors are \`application/problem+json\` (RFC 9457): branch on the last part of \`type\`. Instants are ISO 8601 in UTC with
milliseconds; input needs an offset. Every limited answer carries \`RateLimit\` and \`RateLimit-Policy\`.`;

function* operationsOf(document: OpenAPIObject): Generator<Operation> {
  for (const path of Object.values(document.paths))
    for (const method of ['get', 'put', 'post', 'delete', 'patch'] as const)
      if (path[method]) yield path[method] as unknown as Operation;
}

/** Errors that follow from the shape of an operation, so that no route can forget to document them. */
function addErrors(operation: Operation): void {
  const codes = new Set<ErrorCode>(operation['x-errors']);
  delete operation['x-errors'];
  const isPublic = operation.security?.length === 0;
  if (!isPublic)
    for (const code of ['unauthenticated', 'token-expired', 'session-revoked'] as const) codes.add(code);
  if (operation.requestBody)
    for (const code of [
      'malformed-request',
      'payload-too-large',
      'unsupported-media-type',
      'validation',
    ] as const)
      codes.add(code);
  if (operation.parameters?.some((parameter) => parameter.in !== 'header')) codes.add('validation');
  for (const code of ['rate-limited', 'internal', 'busy', 'unavailable'] as const) codes.add(code);
  for (const status of new Set([...codes].map((code) => errors[code].status)))
    operation.responses[status] ??= problemResponse(
      [...codes].filter((code) => errors[code].status === status),
    );
}

function problemResponse(codes: ErrorCode[]): Json {
  const examples = Object.fromEntries(
    codes.map((code) => [code, { summary: errors[code].about, value: exampleOf(code) }]),
  );
  return {
    description: codes.map((code) => `\`${code}\`: ${errors[code].title}`).join('. '),
    content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' }, examples } },
  };
}

const exampleOf = (code: ErrorCode): Json => ({
  type: problemType(code),
  title: errors[code].title,
  status: errors[code].status,
  instance: '/api/…',
  request_id: '0199f3a2-6f57-7d3a-9a61-5d6a5b1f4c33',
  ...(code === 'validation'
    ? { errors: [{ field: 'unit', code: 'not-allowed', message: 'unit must be one of: kg, lb, st' }] }
    : {}),
});

function addProblemSchema(document: OpenAPIObject): void {
  const text = (description: string) => ({ type: 'string', description });
  document.components ??= {};
  document.components.schemas ??= {};
  document.components.schemas['Problem'] = {
    type: 'object',
    description: 'RFC 9457 problem details.',
    required: ['type', 'title', 'status', 'instance', 'request_id'],
    properties: {
      type: { ...text('Which error; its last part is the stable code.'), format: 'uri-reference' },
      title: text('The error in a few words, the same every time.'),
      status: { type: 'integer', description: 'The HTTP status.' },
      detail: text('What happened this time.'),
      instance: text('The path that was called.'),
      request_id: text('Quote it when you report a problem.'),
      errors: {
        type: 'array',
        description: 'With `validation`: each field that was refused.',
        items: {
          type: 'object',
          required: ['field', 'code', 'message'],
          properties: {
            field: text('The path as it was sent, such as `entries.3.unit`.'),
            code: text('required, wrong-type, out-of-range, not-allowed, unknown-field or invalid.'),
            message: text('For the developer.'),
          },
        },
      },
    },
  };
}

/** OpenAPI 3.1 has no `nullable`: null is one of the types. */
function nullableAsType(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(nullableAsType);
  if (typeof node !== 'object' || node === null) return node;
  const { nullable, ...rest } = node as Json;
  const copy = Object.fromEntries(Object.entries(rest).map(([key, value]) => [key, nullableAsType(value)]));
  return nullable === true && typeof copy['type'] === 'string'
    ? { ...copy, type: [copy['type'], 'null'] }
    : copy;
}
