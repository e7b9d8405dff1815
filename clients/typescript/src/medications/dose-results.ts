// Copied by `npm run generate` from src/modules/health/medications/dose-results.ts: change it there.
import type { DosePlan, DoseSlot } from './dose-slots.js';
import {
  type DoseState,
  type DoseWindow,
  stateOf,
  type TickedDose,
  type Timing,
  timingOf,
  windowOf,
} from './dose-states.js';

/** What counts for adherence. A dose that is not due yet, or put off, does not count. */
export type DoseResult = 'inTime' | 'early' | 'late' | 'skipped' | 'missed';

/** A plan with its window. */
export interface TimedPlan extends DosePlan {
  readonly windowBeforeMin?: number | null;
  readonly windowAfterMin?: number | null;
}

/** What an intake says of its dose. */
export interface DoseIntake extends TickedDose {
  readonly scheduleId: string | null;
  readonly slot: string | null;
  readonly scheduledFor: Date | null;
}

/** An expected dose and what became of it. */
export interface DoseOutcome<Plan extends TimedPlan = TimedPlan, Intake extends DoseIntake = DoseIntake> {
  readonly slot: DoseSlot<Plan>;
  readonly intake: Intake | undefined;
  /** When it is due, or was due where the person was when it was ticked. */
  readonly at: number;
  readonly window: DoseWindow;
  readonly state: DoseState;
  readonly timing: Timing | null;
}

/**
 * Says what became of each dose. A dose that is ticked was due when its intake says: a journey does not move it, although another
 * clock shows the time of its schedule.
 */
export function outcomesBy<Plan extends TimedPlan, Intake extends DoseIntake>(
  intakes: readonly Intake[],
  now: number,
): (slot: DoseSlot<Plan>) => DoseOutcome<Plan, Intake> {
  // By name, because an id takes longer to compute than all the rest.
  const byName = new Map(intakes.map((intake) => [nameOf(intake), intake]));
  return (slot) => {
    const intake = byName.get(nameOf(slot));
    const at = intake?.scheduledFor?.getTime() ?? slot.at;
    const window = windowOf(at, slot.plan);
    return {
      slot,
      intake,
      at,
      window,
      state: stateOf(window, intake, now),
      timing: timingOf(window, intake),
    };
  };
}

const nameOf = ({ scheduleId, slot }: { scheduleId: string | null; slot: string | null }): string =>
  `${scheduleId}/${slot}`;

/** Undefined for a dose that does not count yet. */
export function resultOf({ state, timing }: Pick<DoseOutcome, 'state' | 'timing'>): DoseResult | undefined {
  if (state === 'skipped' || state === 'missed') return state;
  if (timing === 'early' || timing === 'late') return timing;
  return timing === null ? undefined : 'inTime';
}

/** A dose that can still be taken in time. */
export const isOpen = ({ state }: Pick<DoseOutcome, 'state'>): boolean =>
  state === 'upcoming' || state === 'due' || state === 'snoozed';
