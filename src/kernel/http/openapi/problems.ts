import { type ErrorCode, errors, problemType } from '../errors.js';
import {
  type ApiDocument,
  type Json,
  type Operation,
  reference,
  type Response,
  responseReference,
} from './document.js';
import { headersOf, problemHeaders } from './headers.js';

/** The errors that any request can cause. Most of them are detected before a route is chosen. */
const ANYWHERE = [
  'malformed-request',
  'method-not-allowed',
  'payload-too-large',
  'uri-too-long',
  'unsupported-media-type',
  'headers-too-large',
] as const satisfies ErrorCode[];
/** The refusals of credentials. */
export const WITHOUT_TOKEN = [
  'unauthenticated',
  'token-expired',
  'session-revoked',
] as const satisfies ErrorCode[];
const WITH_BODY = [
  'malformed-request',
  'payload-too-large',
  'unsupported-media-type',
  'validation',
] as const satisfies ErrorCode[];
const ALWAYS = ['rate-limited', 'internal', 'busy', 'unavailable'] as const satisfies ErrorCode[];

/**
 * Documents the errors that an operation declares and those that follow from its shape, so that no route can forget one.
 * Operations that answer the same errors with the same status share one component.
 */
export function addProblems(
  { components }: ApiDocument,
  operation: Operation,
  declared: readonly ErrorCode[],
  isPublic: boolean,
): void {
  const hasInput =
    operation.requestBody !== undefined ||
    operation.parameters?.some(({ name }) => name !== 'Idempotency-Key');
  const codes = new Set<ErrorCode>([
    ...(isPublic ? [] : WITHOUT_TOKEN),
    ...declared,
    ...(operation.requestBody ? WITH_BODY : []),
    ...(hasInput ? (['validation'] as const) : []),
    ...ALWAYS,
  ]);
  const responses = (components['responses'] ??= {});
  for (const [status, group] of byStatus(codes)) {
    const name = responseName(group);
    responses[name] ??= { ...problemResponse(group), headers: headersOf(problemHeaders(status)) };
    operation.responses[status] = responseReference(name);
  }
  operation.responses['default'] = responseReference('Refused');
}

/** Groups the codes by status, in the order of the catalogue, so that the same errors give the same component. */
function byStatus(codes: ReadonlySet<ErrorCode>): Map<number, ErrorCode[]> {
  const groups = new Map<number, ErrorCode[]>();
  for (const code of (Object.keys(errors) as ErrorCode[]).filter((known) => codes.has(known)))
    groups.set(errors[code].status, [...(groups.get(errors[code].status) ?? []), code]);
  return groups;
}

/** The component's name, such as `NotFound` or `UnauthenticatedOrTokenExpired`. */
const responseName = (codes: readonly ErrorCode[]): string => codes.map(pascalCase).join('Or');

const pascalCase = (code: string): string =>
  code.replaceAll(/(?:^|-)(\w)/g, (_, letter: string) => letter.toUpperCase());

const problemResponse = (codes: readonly ErrorCode[]): Response => ({
  description: codes.map((code) => `\`${code}\`: ${errors[code].title}.`).join(' '),
  content: {
    'application/problem+json': {
      schema: reference('schemas', 'Problem'),
      examples: Object.fromEntries(codes.map((code) => [code, reference('examples', code)])),
    },
  },
});

/** Adds the components to which the error responses refer. */
export function addProblemComponents({ components }: ApiDocument): void {
  components.schemas['FieldProblem'] = FIELD_PROBLEM;
  components.schemas['Problem'] = PROBLEM;
  components['examples'] = Object.fromEntries(
    (Object.keys(errors) as ErrorCode[]).map((code) => [code, exampleOf(code)]),
  );
  components['responses'] = {
    Refused: {
      ...problemResponse(ANYWHERE),
      description: `Refused before the operation began. ${problemResponse(ANYWHERE).description}`,
      headers: headersOf([]),
    },
  };
}

const exampleOf = (code: ErrorCode): Json => ({
  summary: errors[code].title,
  description: errors[code].about,
  value: {
    type: problemType(code),
    title: errors[code].title,
    status: errors[code].status,
    instance: '/api/health-metrics/weight',
    request_id: '5b0c7a52-6f57-4d3a-9a61-5d6a5b1f4c33',
    ...(code === 'validation'
      ? { errors: [{ field: 'unit', code: 'not-allowed', message: 'unit must be one of: kg, lb, st' }] }
      : {}),
  },
});

const text = (description: string, example: string) => ({ type: 'string', description, example });

const FIELD_PROBLEM = {
  type: 'object',
  description: 'A field that was refused.',
  required: ['field', 'code', 'message'],
  properties: {
    field: text('The path of the field in your request, such as `entries.3.unit`.', 'unit'),
    code: text(
      'A stable code: `required`, `wrong-type`, `out-of-range`, `not-allowed`, `unknown-field` or `invalid`.',
      'not-allowed',
    ),
    message: text('A message for developers. It may change.', 'unit must be one of: kg, lb, st'),
  },
};

const PROBLEM = {
  type: 'object',
  description: 'What went wrong (RFC 9457).',
  required: ['type', 'title', 'status', 'instance', 'request_id'],
  properties: {
    type: {
      ...text(
        'The type of the error. Use it in your code to tell errors apart. It is `/problems/<code>`, a page of this service that explains the error, or a registered type.',
        '/problems/validation',
      ),
      format: 'uri-reference',
    },
    title: text('The error in a few words. It is always the same for one type.', 'Some fields are not valid'),
    status: { type: 'integer', description: 'The HTTP status.', example: 422, minimum: 400, maximum: 599 },
    detail: text('Details of this occurrence, when there are any.', 'The body is not valid UTF-8 JSON.'),
    instance: text('The path of your request.', '/api/health-metrics/weight'),
    request_id: text(
      'The id of your request. Include it when you report a problem.',
      '5b0c7a52-6f57-4d3a-9a61-5d6a5b1f4c33',
    ),
    errors: {
      type: 'array',
      description: 'The fields that were refused. Only with `validation`.',
      items: reference('schemas', 'FieldProblem'),
    },
  },
};
