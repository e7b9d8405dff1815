import { digest } from '../../../platform/random-token.js';
import type { Goal } from './goal.entity.js';
import type { Counted } from './goal-values.js';

/** Increase it when the same records make other periods: what is kept is then computed again. */
const REVISION = 1;

/**
 * What else than records decides the periods of a goal. Periods on another basis are not used.
 * @param zone the time zone of the profile, if it decides the values
 */
export const basisOf = (goal: Goal, { subject, unit }: Counted, zone: string | null): string =>
  digest(
    JSON.stringify([
      REVISION,
      goal.subject,
      [goal.direction, goal.targetMin, goal.targetMax],
      [goal.period, goal.weekdays, goal.startOn, goal.dueOn],
      [subject?.rollUp ?? null, unit?.unit ?? null, unit?.factor ?? null, unit?.offset ?? null],
      zone,
    ]),
  );
