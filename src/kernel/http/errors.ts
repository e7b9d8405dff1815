import { accessErrors } from './access-errors.js';
import type { ErrorKind } from './error-kind.js';

/**
 * Every error the API can answer with. The code is the last part of `type`, stable for ever: clients branch on it.
 * `/problems/<code>` serves the text below.
 */
export const errors = {
  ...accessErrors,
  'malformed-request': {
    status: 400,
    title: 'The request could not be read',
    about:
      'Not valid JSON, nested deeper than 32 levels, a key twice in one object, or a malformed header. Do not retry unchanged.',
  },
  'bad-cursor': {
    status: 400,
    title: 'Not a cursor of this service',
    about: 'Send `cursor` as the last answer gave it, or none to begin anew.',
  },
  'user-mismatch': {
    status: 403,
    title: 'Signed in as somebody else',
    about:
      '`X-Sync-User` names another account than the token. Nothing was stored; sign in as that person to send this outbox.',
  },
  'not-found': {
    status: 404,
    title: 'There is nothing here',
    about: 'No such route, no such record, or a record of somebody else: the answer does not tell which.',
  },
  'method-not-allowed': {
    status: 405,
    title: 'The method is not supported',
    about: 'The API uses GET, HEAD, POST, PUT, PATCH, DELETE and OPTIONS.',
  },
  'id-taken': {
    status: 409,
    title: 'The id is already in use',
    about:
      'Make a new UUID for a new record. A retry of the same creation gets the record that was made, not this error.',
  },
  'version-conflict': {
    status: 409,
    title: 'The record has changed meanwhile',
    about:
      '`version` is not the current one. Read the record, decide, and send the change again with its version.',
  },
  'conflict-resolved': {
    status: 409,
    title: 'The conflict was resolved already',
    about: 'By another device, or earlier by this one. `conflict` says how. Nothing was changed.',
  },
  'epoch-changed': {
    status: 409,
    title: 'The history began anew',
    about:
      'The service was restored from a backup. Keep the outbox, pull without a cursor, then send again what you know and the service lacks: records and deletions that had a `seq` above `base_seq`. `epoch` is the new one.',
  },
  'cursor-user-mismatch': {
    status: 409,
    title: 'The cursor belongs to another account',
    about: 'Cursors are private to an account. Use the store of the person who is signed in.',
  },
  'cursor-expired': {
    status: 410,
    title: 'The cursor is too old',
    about:
      'Deletions since then are no longer told one by one. Keep the outbox, pull without a cursor, drop what did not come, then send the outbox.',
  },
  'payload-too-large': {
    status: 413,
    title: 'The request is too large',
    about: 'At most 1 MiB a request and 100 entries a sync. Send less at a time.',
  },
  'uri-too-long': { status: 414, title: 'The address is too long', about: 'At most 4 KiB.' },
  'unsupported-media-type': {
    status: 415,
    title: 'The body must be JSON',
    about: 'Send `Content-Type: application/json`, UTF-8, without Content-Encoding.',
  },
  validation: {
    status: 422,
    title: 'Some fields are not valid',
    about: '`errors` lists each: `field` as it was sent, a stable `code`, and a message. Nothing was stored.',
  },
  'idempotency-key-reused': {
    status: 422,
    title: 'The idempotency key was used for another request',
    about: 'A key belongs to one request with one body. Make a new key for a new request.',
  },
  'upgrade-required': {
    status: 426,
    title: 'The app is too old',
    about: '`min_version` may still send. Keep the outbox, update the app; reading goes on.',
  },
  'rate-limited': {
    status: 429,
    title: 'Too many requests',
    about: 'Wait for `Retry-After` seconds. `RateLimit` says what is left.',
  },
  'headers-too-large': { status: 431, title: 'The headers are too large', about: 'At most 16 KiB in all.' },
  internal: {
    status: 500,
    title: 'Something went wrong here',
    about:
      'A defect of the service. Quote `request_id` when you report it. A retry with the same Idempotency-Key is safe.',
  },
  busy: {
    status: 503,
    title: 'Too busy, try again',
    about:
      'Nothing was stored. Keep your tokens and the data, wait for `Retry-After` seconds, repeat the request.',
  },
  unavailable: {
    status: 503,
    title: 'The database cannot be reached',
    about:
      'It is not known whether the request took effect. Keep your tokens, wait for `Retry-After` seconds, repeat the same request.',
  },
} as const satisfies Record<string, ErrorKind>;

export type ErrorCode = keyof typeof errors;

/** RFC 9457 `type`. Quotas have a registered one; ours are relative, so that they hold for every deployment. */
export const problemType = (code: ErrorCode): string =>
  code === 'rate-limited'
    ? 'https://iana.org/assignments/http-problem-types#quota-exceeded'
    : `/problems/${code}`;
