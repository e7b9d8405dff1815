import { type ErrorCode, errors, problemType } from './errors.js';

/** One field that was refused. */
export interface FieldError {
  /** The path as the client sent it, such as `entries.3.unit`. */
  readonly field: string;
  /** Stable: required, wrong-type, out-of-range, not-allowed, unknown-field, invalid. */
  readonly code: string;
  readonly message: string;
}

interface ProblemOptions {
  /** What happened this time, for the person who reads it; never a secret or a health value. */
  readonly detail?: string;
  readonly errors?: readonly FieldError[];
  /** Seconds after which a retry makes sense. */
  readonly retryAfter?: number;
  /** Further members, such as the current record of a conflict. */
  readonly members?: Readonly<Record<string, unknown>>;
}

/** The only exception that services throw on purpose: an entry of the catalogue. */
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

  /** The body of RFC 9457. */
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

/** A 422 that names one field. */
export const invalidField = (field: string, code: string, message: string): Problem =>
  new Problem('validation', { errors: [{ field, code, message }] });
