import { DomainEvent } from '../../../kernel/events/domain-event.js';
import type { Length } from './goal-periods.js';

/** A period of a goal was met: once for each, also when it is un-met and met again. It has no value. */
export class GoalMet extends DomainEvent {
  static readonly topic = 'goal.met';

  constructor(
    readonly ownerId: string,
    readonly goalId: string,
    readonly period: Length,
    /** The first and the last local day of the period; a total without an end ends on `9999-12-31`. */
    readonly startOn: string,
    readonly endOn: string,
  ) {
    super();
  }
}
