// Copied by `npm run generate` from src/modules/health/medications/intake-day.ts: change it there.
/* The time and the day of an intake. Nothing is imported. */

interface TimedIntake {
  readonly slot?: string | null | undefined;
  readonly takenAt?: Date | null | undefined;
  readonly scheduledFor?: Date | null | undefined;
  readonly timeZone: string;
}

/** When a dose was taken; one that was not, when it was due. */
export const timeOfIntake = ({ takenAt, scheduledFor }: TimedIntake): Date =>
  takenAt ?? scheduledFor ?? new Date(0);

/**
 * The local day of a dose, whenever it was ticked. A slot on a clock names it.
 * @param dayOf the local day of an instant
 */
export function dayOfIntake(intake: TimedIntake, dayOf: (instant: Date, timeZone: string) => string): string {
  const { slot, scheduledFor, timeZone } = intake;
  const isOnClock = slot != null && !slot.endsWith('Z');
  return isOnClock ? slot.slice(0, 10) : dayOf(scheduledFor ?? timeOfIntake(intake), timeZone);
}
