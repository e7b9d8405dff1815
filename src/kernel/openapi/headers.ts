import { type ApiDocument, type Operation, type Parameter, reference, type Response } from './document.js';

const text = (description: string, example: string) => ({ description, schema: { type: 'string' }, example });
const seconds = (description: string, example: number) => ({
  description,
  schema: { type: 'integer', minimum: 1 },
  example,
});

/** Fields of answers, each said once. */
const HEADERS = {
  'X-Request-Id': text(
    'Names the request in the log; the one you sent, if it is 8 to 64 letters, digits, `-` or `_`.',
    '5b0c7a52-6f57-4d3a-9a61-5d6a5b1f4c33',
  ),
  'RateLimit-Policy': text('The budget: `q` requests in `w` seconds.', '"default";q=100;w=60'),
  RateLimit: text('What is left of it: `r` requests, renewed in `t` seconds.', '"default";r=99;t=60'),
  'Retry-After': seconds('Wait this many seconds, then repeat the request.', 30),
  'WWW-Authenticate': text('How to sign in.', 'Bearer'),
  'Idempotency-Replayed': text('`true`: the answer to an earlier request with the same key.', 'true'),
  ETag: text('Names what was answered: send it as `If-None-Match` next time.', 'W/"42.0.100"'),
};

const IF_NONE_MATCH: Parameter = {
  name: 'If-None-Match',
  in: 'header',
  required: false,
  description: 'The `ETag` of the last answer: 304 without a body when nothing has changed since.',
  schema: { type: 'string', maxLength: 255, examples: ['W/"42.0.100"'] },
};

export function addHeaderComponents({ components }: ApiDocument): void {
  components['headers'] = HEADERS;
  for (const response of Object.values(components['responses'] ?? {})) addHeaders(response as Response, []);
}

/** Documents 304 where an operation answers an ETag. */
export function makeConditional(operation: Operation): void {
  operation.parameters = [...(operation.parameters ?? []), IF_NONE_MATCH];
  operation.responses['304'] = { description: 'Nothing has changed. There is no body.' };
}

/** The fields that come with each status: what a front end may read, and when. */
export function documentHeaders(operation: Operation, isConditional: boolean): void {
  const isIdempotent = operation.parameters?.some(({ name }) => name === 'Idempotency-Key');
  for (const [status, response] of Object.entries(operation.responses)) {
    if ('$ref' in response) continue;
    const isSuccess = status.startsWith('2');
    addHeaders(response, [
      ...(isLimited(Number(status)) ? (['RateLimit', 'RateLimit-Policy'] as const) : []),
      ...(isConditional && (isSuccess || status === '304') ? (['ETag'] as const) : []),
      ...(isIdempotent && isSuccess ? (['Idempotency-Replayed'] as const) : []),
      ...(status === '401' ? (['WWW-Authenticate'] as const) : []),
      ...(status === '429' || status === '503' ? (['Retry-After'] as const) : []),
    ]);
  }
}

/** Requests whose body cannot be read are refused before they are counted; a failing server may not get that far. */
const isLimited = (status: number): boolean => ![400, 413, 415, 500, 503].includes(status);

function addHeaders(response: Response, names: readonly (keyof typeof HEADERS)[]): void {
  response.headers = Object.fromEntries(
    ['X-Request-Id', ...names].map((name) => [name, reference('headers', name)]),
  );
}
