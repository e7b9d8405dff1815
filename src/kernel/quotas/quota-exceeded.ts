import { Problem } from '../http/problem.js';

/** A quota that is used up. */
export interface UsedQuota {
  /** The name of the quota, as in `GET /api/users/me/usage`. */
  readonly quota: string;
  /** The kind of record; only for the quotas of records. */
  readonly kind?: string;
  readonly limit: number;
  readonly used: number;
  /** What is counted, in the plural, such as `records of the kind weight`. */
  readonly what: string;
  /** What makes room. */
  readonly remedy: string;
}

/** The service refuses to store something new, because a quota is used up. Nothing that is stored changes. */
export class QuotaExceeded extends Problem {
  /** The reason for people. */
  readonly reason: string;

  constructor({ quota, kind, limit, used, what, remedy }: UsedQuota) {
    const reason = `${used} of ${limit} ${what} are in use. ${remedy}`;
    super('quota-exceeded', {
      detail: reason,
      members: { quota, ...(kind === undefined ? {} : { kind }), limit, used },
    });
    this.reason = reason;
  }
}
