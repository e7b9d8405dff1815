import {
  type ApiDocument,
  type Json,
  type Operation,
  type Parameter,
  reference,
  responseReference,
} from './document.js';

const text = (description: string, example: string) => ({ description, schema: { type: 'string' }, example });
const seconds = (description: string, example: number) => ({
  description,
  schema: { type: 'integer', minimum: 1 },
  example,
});

/** The response headers, each documented once as a component. */
const HEADERS = {
  'X-Request-Id': text(
    'The id of the request in the log. It is the id that you sent, if that has 8 to 64 letters, digits, `-` or `_`.',
    '5b0c7a52-6f57-4d3a-9a61-5d6a5b1f4c33',
  ),
  'RateLimit-Policy': text('The limit: `q` requests in `w` seconds.', '"default";q=100;w=60'),
  RateLimit: text(
    'What is left of the limit: `r` requests. It is renewed in `t` seconds.',
    '"default";r=99;t=60',
  ),
  'Retry-After': seconds('Wait this many seconds, then repeat the request.', 30),
  'WWW-Authenticate': text('How to authenticate.', 'Bearer'),
  'Idempotency-Replayed': text('`true`: this is the answer to an earlier request with the same key.', 'true'),
  ETag: text('The version of this answer. Send it as `If-None-Match` next time.', 'W/"42.0.100"'),
};

const IF_NONE_MATCH: Parameter = {
  name: 'If-None-Match',
  in: 'header',
  required: false,
  description:
    'The `ETag` of the last answer. If nothing has changed since then, you get 304 without a body.',
  schema: { type: 'string', maxLength: 255, examples: ['W/"42.0.100"'] },
};

type HeaderName = keyof typeof HEADERS;

export function addHeaderComponents({ components }: ApiDocument): void {
  components['headers'] = HEADERS;
}

/** Documents status 304 for an operation that answers an ETag. */
export function makeConditional({ components }: ApiDocument, operation: Operation): void {
  (components['responses'] ??= {})['NotModified'] ??= {
    description: 'Nothing has changed. There is no body.',
    headers: headersOf([...RATE_LIMIT, 'ETag']),
  };
  operation.parameters = [...(operation.parameters ?? []), IF_NONE_MATCH];
  operation.responses['304'] = responseReference('NotModified');
}

const RATE_LIMIT = ['RateLimit', 'RateLimit-Policy'] as const;

/** Documents the headers of every answer that is no error, so that a front end knows which headers it can read. */
export function documentHeaders(operation: Operation, isConditional: boolean): void {
  const isIdempotent = operation.parameters?.some(({ name }) => name === 'Idempotency-Key');
  for (const [status, response] of Object.entries(operation.responses)) {
    if ('$ref' in response) continue;
    const isSuccess = status.startsWith('2');
    response.headers = headersOf([
      ...RATE_LIMIT,
      ...(isConditional && isSuccess ? (['ETag'] as const) : []),
      ...(isIdempotent && isSuccess ? (['Idempotency-Replayed'] as const) : []),
    ]);
  }
}

/** The headers of an error with this status. */
export const problemHeaders = (status: number): HeaderName[] => [
  ...(isLimited(status) ? RATE_LIMIT : []),
  ...(status === 401 ? (['WWW-Authenticate'] as const) : []),
  ...(status === 429 || status === 503 ? (['Retry-After'] as const) : []),
];

/** A request whose body cannot be read is refused before it is counted. A failing server may not reach the count. */
const isLimited = (status: number): boolean => ![400, 413, 415, 500, 503].includes(status);

/** References to the components of these headers, and of `X-Request-Id`, which every answer has. */
export const headersOf = (names: readonly HeaderName[]): Json =>
  Object.fromEntries(['X-Request-Id', ...names].map((name) => [name, reference('headers', name)]));
