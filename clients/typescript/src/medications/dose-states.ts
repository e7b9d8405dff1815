// Copied by `npm run generate` from src/modules/health/medications/dose-states.ts: change it there.
/* What became of a dose, by its window and its intake. Instants are in milliseconds since 1970. Nothing is imported. */

export const DOSE_STATES = ['upcoming', 'due', 'snoozed', 'taken', 'skipped', 'missed'] as const;
export type DoseState = (typeof DOSE_STATES)[number];

export const TIMINGS = ['early', 'in_time', 'late'] as const;
export type Timing = (typeof TIMINGS)[number];

/** When a dose is in time. */
export interface DoseWindow {
  readonly opensAt: number;
  readonly closesAt: number;
}

export interface TickedDose {
  readonly status: string;
  readonly takenAt: Date | null;
  readonly snoozedUntil: Date | null;
}

const MINUTE_MS = 60_000;
/** The window of a dose, if its schedule says none. */
export const WINDOW_MIN = 60;

export const windowOf = (
  at: number,
  { windowBeforeMin, windowAfterMin }: { windowBeforeMin?: number | null; windowAfterMin?: number | null },
): DoseWindow => ({
  opensAt: at - (windowBeforeMin ?? WINDOW_MIN) * MINUTE_MS,
  closesAt: at + (windowAfterMin ?? WINDOW_MIN) * MINUTE_MS,
});

/** A dose that was put off is missed when its window is over and the person was reminded again. */
export function stateOf(
  { opensAt, closesAt }: DoseWindow,
  intake: TickedDose | undefined,
  now: number,
): DoseState {
  if (intake?.status === 'taken' || intake?.status === 'skipped') return intake.status;
  const snoozedUntil = intake?.snoozedUntil?.getTime() ?? 0;
  if (now < snoozedUntil) return 'snoozed';
  if (now > closesAt) return 'missed';
  return now < opensAt ? 'upcoming' : 'due';
}

export function timingOf({ opensAt, closesAt }: DoseWindow, intake: TickedDose | undefined): Timing | null {
  const at = intake?.status === 'taken' ? intake.takenAt?.getTime() : undefined;
  if (at === undefined) return null;
  if (at < opensAt) return 'early';
  return at > closesAt ? 'late' : 'in_time';
}
