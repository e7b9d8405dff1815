import { retryAfterMs } from './retry.js';
import type { FieldProblem } from './rules.js';

/** What a person or the app can do, where the server's title does not say it. */
const ADVICE: Readonly<Record<string, string>> = {
  'email-unverified': 'follow the link that was mailed to you',
  'email-taken': 'sign in, or reset the password',
  'upgrade-required': 'update the app; your edits stay on this device',
  'quota-exceeded': 'your edits stay on this device',
  'version-conflict': 'read it again, then repeat the change',
  'step-up-required': 'enter your password or code once more',
};

/** What went wrong and what helps, for people; programs compare the code. */
function textOf(
  code: string,
  status: number,
  retryAfter: number | undefined,
  { title, detail, errors }: Readonly<Record<string, unknown>>,
): string {
  const fields = Array.isArray(errors)
    ? errors.flatMap(({ message }: { message?: unknown }) => message ?? [])
    : [];
  const what = [title, detail].filter((text) => typeof text === 'string').join(': ');
  const said = fields.length > 0 ? fields.join('; ') : what || `the server answered ${status}`;
  const seconds = Math.ceil((retryAfter ?? 0) / 1_000);
  const isLater = retryAfter !== undefined || status >= 500;
  // The codes with which the service refuses the tokens of a session that is over.
  const isOver = /^(session|token)-|^invalid-refresh|^unauth/.test(code);
  const advice = isLater
    ? `try again ${seconds > 0 ? `in ${seconds} s` : 'later'}`
    : isOver
      ? 'sign in again; your edits stay on this device'
      : ADVICE[code];
  return advice === undefined ? said : `${said}: ${advice}`;
}

/** The server refused a request, with a reason (RFC 9457). The message is for people. */
export class ProblemError extends Error {
  override readonly name = 'ProblemError';

  constructor(
    /** The last part of the problem's type, such as `rate-limited`; `http-502` if the answer was not a problem. */
    readonly code: string,
    readonly status: number,
    /** Milliseconds to wait, if the server sent them. */
    readonly retryAfter: number | undefined,
    readonly body: Readonly<Record<string, unknown>>,
  ) {
    super(textOf(code, status, retryAfter, body));
  }

  /** Whether the same request may succeed later. */
  get isTemporary(): boolean {
    return this.status >= 500 || this.status === 429 || this.status === 408;
  }

  /** Whether the service refuses the tokens. A 401 without a problem is from something between, such as a proxy. */
  get endsSession(): boolean {
    return this.status === 401 && !this.code.startsWith('http-');
  }

  text(member: string): string | undefined {
    const value = this.body[member];
    return typeof value === 'string' ? value : undefined;
  }
}

const UNREACHABLE = {
  network: 'the server cannot be reached: check the connection',
  timeout: 'the server did not answer: try again later',
  cors: 'the server does not allow this page: CORS_ORIGINS must list its origin',
} as const;

/** No answer arrived that can be read: it is unknown whether the request took effect. */
export class Unreachable extends Error {
  override readonly name = 'Unreachable';

  constructor(readonly code: keyof typeof UNREACHABLE) {
    super(UNREACHABLE[code]);
  }
}

/** The app called a function that cannot work now. */
export class HaleError extends Error {
  override readonly name = 'HaleError';

  constructor(
    readonly code:
      | 'signed-out'
      | 'unverified'
      | 'second-factor'
      | 'no-passkey'
      | 'not-found'
      | 'unknown-kind'
      | 'read-only-kind'
      | 'unsynced-edits'
      | 'too-many-edits'
      | 'invalid'
      | 'damaged-store'
      | 'store-in-use',
    message: string,
    /** With `invalid`: what is wrong with which field. */
    readonly fields: readonly FieldProblem[] = [],
  ) {
    super(message);
  }
}

/** Whether the call came too late: its sign-in has ended. */
export const isSignedOut = (error: unknown): boolean =>
  error instanceof HaleError && error.code === 'signed-out';

/** Whether the session cannot continue: it ended here, or the server refuses its tokens. */
export const isOver = (error: unknown): boolean =>
  isSignedOut(error) || (error instanceof ProblemError && error.endsSession);

const asObject = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : {};

export function problemOf(response: Response, error: unknown, now: number): ProblemError {
  const body = asObject(error);
  const type = typeof body['type'] === 'string' ? body['type'] : undefined;
  // A registered type, whose name differs from the service's page about it.
  const isLimit = type?.endsWith('#quota-exceeded') ?? response.status === 429;
  const code = isLimit ? 'rate-limited' : type?.split(/[/#]/).at(-1);
  const wait = retryAfterMs(response.headers.get('retry-after'), now);
  return new ProblemError(code ?? `http-${response.status}`, response.status, wait, body);
}
