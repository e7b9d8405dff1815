import { accessErrors } from './access-errors.js';
import type { ErrorKind } from './error-kind.js';

/**
 * Every error that the API can answer. The code is the last part of `type` and never changes, because clients compare it.
 * `/problems/<code>` shows the text below.
 */
export const errors = {
  ...accessErrors,
  'malformed-request': {
    status: 400,
    title: 'The request could not be read',
    about:
      'The body is not valid JSON, is nested deeper than 32 levels or has a duplicate key, or a header is malformed. Change the request before you send it again.',
  },
  'bad-cursor': {
    status: 400,
    title: 'The cursor is not valid',
    about:
      'The service did not write this cursor, or wrote it in an earlier format or with a secret that it does not accept any more. Keep the outbox and pull without a cursor. Delete local records that did not come, then send the outbox.',
  },
  'user-mismatch': {
    status: 403,
    title: 'You are signed in as another person',
    about:
      '`X-Sync-User` and the access token belong to different accounts. Nothing was stored. Sign in as the person of `X-Sync-User` to send this outbox.',
  },
  'quota-exceeded': {
    status: 403,
    title: 'A quota is used up',
    about:
      'Nothing new was stored, and nothing that is stored has changed. `quota` names the quota as in GET /api/users/me/usage, `limit` and `used` are its limit and its use, and `kind` is the kind of record. Make room, then send the request again.',
  },
  'not-found': {
    status: 404,
    title: 'Resource not found',
    about:
      'The route or the record does not exist, or the record belongs to another person. The answer does not reveal which.',
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
      'Create a new UUID for a new record. If you retry the same creation, you get the record that was created and not this error.',
  },
  'version-conflict': {
    status: 409,
    title: 'The record has changed since you read it',
    about:
      '`version` is not the current version. Read the record again, and send your change again with its current version.',
  },
  'dose-limit': {
    status: 409,
    title: 'The dose breaks a limit of the medication',
    about:
      'Nothing was stored. `alerts` names the limits, and `next_safe_at` is the first instant at which the dose breaks none; null if it is more than the daily limit. Show both. If the person takes the dose nevertheless, send it with `confirmed: true`.',
  },
  'conflict-resolved': {
    status: 409,
    title: 'The conflict is already resolved',
    about:
      'Another device resolved it, or this device did so earlier. `conflict` shows the resolution. Nothing was changed.',
  },
  'epoch-changed': {
    status: 409,
    title: 'The service has a new history',
    about:
      'The service was restored from a backup. Keep the outbox and pull without a cursor. Then send again what the service no longer has: records and deletions that had a `seq` above `base_seq`. `epoch` is the new epoch.',
  },
  'cursor-user-mismatch': {
    status: 409,
    title: 'The cursor belongs to another account',
    about: 'A cursor works only for its own account. Use the local store of the person who is signed in.',
  },
  'cursor-expired': {
    status: 410,
    title: 'The cursor is too old',
    about:
      'The service no longer lists the deletions since that cursor. Keep the outbox and pull without a cursor. Delete local records that did not come, then send the outbox.',
  },
  'payload-too-large': {
    status: 413,
    title: 'The request is too large',
    about: 'A request can have at most 1 MiB, and a sync at most 100 entries. Send less at a time.',
  },
  'uri-too-long': { status: 414, title: 'The URL is too long', about: 'It can have at most 4 KiB.' },
  'unsupported-media-type': {
    status: 415,
    title: 'The body must be JSON',
    about: 'Send `Content-Type: application/json` in UTF-8, without `Content-Encoding`.',
  },
  validation: {
    status: 422,
    title: 'Some fields are not valid',
    about:
      '`errors` lists each field with its path in your request, a stable `code`, and a message. Nothing was stored.',
  },
  'idempotency-key-reused': {
    status: 422,
    title: 'The idempotency key was used for another request',
    about: 'A key belongs to one request with one body. Create a new key for a new request.',
  },
  'upgrade-required': {
    status: 426,
    title: 'The app is too old',
    about:
      'Only `min_version` and newer can send changes. Keep the outbox and update the app. Reading still works.',
  },
  'rate-limited': {
    status: 429,
    title: 'Too many requests',
    about: 'Wait `Retry-After` seconds. `RateLimit` shows how many requests are left.',
  },
  'too-many-epochs': {
    status: 429,
    title: 'The history of this account began anew too often',
    about:
      'The cursor is ahead of the service, which was restored from a backup, but the account began 5 new epochs within 24 hours. Keep the outbox and the local data, and pull again after `Retry-After` seconds.',
  },
  'headers-too-large': {
    status: 431,
    title: 'The headers are too large',
    about: 'They can have at most 16 KiB together.',
  },
  internal: {
    status: 500,
    title: 'Internal error',
    about:
      'The service has a defect. Include `request_id` when you report it. A retry with the same `Idempotency-Key` is safe.',
  },
  busy: {
    status: 503,
    title: 'The service is too busy',
    about:
      'Nothing was stored. Keep your tokens and the data, wait `Retry-After` seconds, then repeat the request.',
  },
  unavailable: {
    status: 503,
    title: 'The database cannot be reached',
    about:
      'The request may or may not have taken effect. Keep your tokens, wait `Retry-After` seconds, then repeat the same request.',
  },
} as const satisfies Record<string, ErrorKind>;

export type ErrorCode = keyof typeof errors;

/**
 * The `type` of a problem (RFC 9457). `rate-limited` has a registered type. The other types are relative URLs, so that they
 * are valid for every deployment.
 */
export const problemType = (code: ErrorCode): string =>
  code === 'rate-limited'
    ? 'https://iana.org/assignments/http-problem-types#quota-exceeded'
    : `/problems/${code}`;
