import { type ErrorCode, errors, problemType } from '../http/errors.js';
import { type ApiDocument, type Json, type Operation, reference, type Response } from './document.js';

/** What the server refuses whatever the route: mostly before it looks for one. */
const ANYWHERE = [
  'malformed-request',
  'method-not-allowed',
  'payload-too-large',
  'uri-too-long',
  'unsupported-media-type',
  'headers-too-large',
] as const satisfies ErrorCode[];
const WITHOUT_TOKEN = ['unauthenticated', 'token-expired', 'session-revoked'] as const satisfies ErrorCode[];
const WITH_BODY = [
  'malformed-request',
  'payload-too-large',
  'unsupported-media-type',
  'validation',
] as const satisfies ErrorCode[];
const ALWAYS = ['rate-limited', 'internal', 'busy', 'unavailable'] as const satisfies ErrorCode[];

/** Documents the errors an operation declares, and those that follow from its shape: no route can forget one. */
export function addProblems(operation: Operation, declared: readonly ErrorCode[], isPublic: boolean): void {
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
  for (const [status, group] of byStatus([...codes])) operation.responses[status] = problemResponse(group);
  operation.responses['default'] = reference('responses', 'Refused') as unknown as Response;
}

function byStatus(codes: readonly ErrorCode[]): Map<number, ErrorCode[]> {
  const groups = new Map<number, ErrorCode[]>();
  for (const code of codes)
    groups.set(errors[code].status, [...(groups.get(errors[code].status) ?? []), code]);
  return groups;
}

const problemResponse = (codes: readonly ErrorCode[]): Response => ({
  description: codes.map((code) => `\`${code}\`: ${errors[code].title}.`).join(' '),
  content: {
    'application/problem+json': {
      schema: reference('schemas', 'Problem'),
      examples: Object.fromEntries(codes.map((code) => [code, reference('examples', code)])),
    },
  },
});

/** The components the responses above refer to. */
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
  description: 'One field that was refused.',
  required: ['field', 'code', 'message'],
  properties: {
    field: text('The path as it was sent, such as `entries.3.unit`.', 'unit'),
    code: text(
      'Stable: `required`, `wrong-type`, `out-of-range`, `not-allowed`, `unknown-field` or `invalid`.',
      'not-allowed',
    ),
    message: text('For the developer; may change.', 'unit must be one of: kg, lb, st'),
  },
};

const PROBLEM = {
  type: 'object',
  description: 'What went wrong (RFC 9457).',
  required: ['type', 'title', 'status', 'instance', 'request_id'],
  properties: {
    type: {
      ...text(
        'Which error: branch on it. `/problems/<code>`, where this service explains it, or a registered type.',
        '/problems/validation',
      ),
      format: 'uri-reference',
    },
    title: text('The error in a few words, the same every time.', 'Some fields are not valid'),
    status: { type: 'integer', description: 'The HTTP status.', example: 422, minimum: 400, maximum: 599 },
    detail: text('What happened this time, where there is more to say.', 'The body is not valid UTF-8 JSON.'),
    instance: text('The path that was called.', '/api/health-metrics/weight'),
    request_id: text('Quote it when you report a problem.', '5b0c7a52-6f57-4d3a-9a61-5d6a5b1f4c33'),
    errors: {
      type: 'array',
      description: 'With `validation`: each field that was refused.',
      items: reference('schemas', 'FieldProblem'),
    },
  },
};
