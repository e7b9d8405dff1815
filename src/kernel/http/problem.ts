import { type ErrorCode, errors, problemType } from './errors.js';

/** A field that was refused. */
export interface FieldError {
  /** The path of the field in the request, such as `entries.3.unit`. */
  readonly field: string;
  /** A stable code: required, wrong-type, out-of-range, not-allowed, unknown-field or invalid. */
  readonly code: string;
  readonly message: string;
}

interface ProblemOptions {
  /** Details of this occurrence for a human reader. Never put a secret or a health value into it. */
  readonly detail?: string;
  readonly errors?: readonly FieldError[];
  /** The client should wait this many seconds before it retries. */
  readonly retryAfter?: number;
  /** Additional members of the body, such as the current record of a conflict. */
  readonly members?: Readonly<Record<string, unknown>>;
}

/** An error of the catalogue: the only exception that services throw on purpose. */
export class Problem extends Error {
  constructor(
    readonly code: ErrorCode,
    readonly options: ProblemOptions = {},
  ) {
    super(code);
  }

  get status(): number {
    return errors[this.code].status;
  }

  /** The problem document of RFC 9457. */
  body(instance: string, requestId: string): Record<string, unknown> {
    const { detail, errors: fields, members } = this.options;
    return {
      type: problemType(this.code),
      title: errors[this.code].title,
      status: this.status,
      ...(detail === undefined ? {} : { detail }),
      instance,
      request_id: requestId,
      ...(fields === undefined ? {} : { errors: fields }),
      ...members,
    };
  }
}

/** One wrong field, as the rules of a kind report it. */
export const fault = (field: string, code: string, message: string): FieldError[] => [
  { field, code, message },
];

/** A `validation` problem (422) with one field. */
export const invalidField = (field: string, code: string, message: string): Problem =>
  new Problem('validation', { errors: fault(field, code, message) });
