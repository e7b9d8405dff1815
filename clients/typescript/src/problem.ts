import { retryAfterMs } from './retry.js';

/** The server refused a request, and says why (RFC 9457). */
export class ProblemError extends Error {
  override readonly name = 'ProblemError';

  constructor(
    /** The last part of the problem's type, such as `rate-limited`; `http-502` when the answer was not a problem. */
    readonly code: string,
    readonly status: number,
    /** Milliseconds to wait, when the server says so. */
    readonly retryAfter: number | undefined,
    readonly body: Readonly<Record<string, unknown>>,
  ) {
    super(`${status} ${code}`);
  }

  /** Whether the same request may succeed later. */
  get isTemporary(): boolean {
    return this.status >= 500 || this.status === 429 || this.status === 408;
  }

  text(member: string): string | undefined {
    const value = this.body[member];
    return typeof value === 'string' ? value : undefined;
  }
}

/** No answer came: it is not known whether the request took effect. */
export class Unreachable extends Error {
  override readonly name = 'Unreachable';

  constructor(readonly code: 'network' | 'timeout') {
    super(code === 'timeout' ? 'no answer in time' : 'the server cannot be reached');
  }
}

/** The app asked for something that cannot be. */
export class HaleError extends Error {
  override readonly name = 'HaleError';

  constructor(
    readonly code:
      | 'signed-out'
      | 'unverified'
      | 'second-factor'
      | 'not-found'
      | 'unknown-kind'
      | 'read-only-kind'
      | 'unsynced-edits'
      | 'too-many-edits'
      | 'damaged-store'
      | 'store-in-use',
    message: string,
  ) {
    super(message);
  }
}

/** Whether a call came too late: another sign-in holds by now, or none. */
export const isSignedOut = (error: unknown): boolean =>
  error instanceof HaleError && error.code === 'signed-out';

/** Whether the session cannot go on: it is over here, or the server refuses its tokens. */
export const isOver = (error: unknown): boolean =>
  isSignedOut(error) || (error instanceof ProblemError && error.status === 401);

const asObject = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : {};

export function problemOf(response: Response, error: unknown, now: number): ProblemError {
  const body = asObject(error);
  const type = typeof body['type'] === 'string' ? body['type'] : undefined;
  const code = response.status === 429 ? 'rate-limited' : type?.split(/[/#]/).at(-1);
  const wait = retryAfterMs(response.headers.get('retry-after'), now);
  return new ProblemError(code ?? `http-${response.status}`, response.status, wait, body);
}
