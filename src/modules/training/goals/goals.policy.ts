import { Injectable } from '@nestjs/common';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;

/** The intervals at which goals are kept. Tests use shorter ones. */
@Injectable()
export class GoalsPolicy {
  /** How often it is looked for goals that have something to compute. */
  readonly pollMs: number = 2 * SECOND;
  /** An instance that claimed a person's goals and is not done after this has probably died. */
  readonly claimMs: number = 2 * MINUTE;
  /** Values that time alone changes, such as doses that are due, are looked at this often. */
  readonly openMs: number = 30 * MINUTE;
}
